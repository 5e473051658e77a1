"""Keeping what is being typed, and who is signed in while it is."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.web.actor import actor_of
from accounts.web.held import sign_in_first
from kernel.time import now
from webkit import drafts


@never_cache
@require_GET
def signed_in(request: HttpRequest) -> HttpResponse:
    """Who is signed in and the token of their forms, for a page that was opened before; 401 when nobody is."""
    if not request.user.is_authenticated:
        return HttpResponse(status=401)
    return JsonResponse({"who": actor_of(request).key, "token": get_token(request)})


@require_POST
def keep(request: HttpRequest) -> HttpResponse:
    """Keep a form that is being filled in, by the address to which it will be sent."""
    if not request.user.is_authenticated:
        return sign_in_first(request)
    typed = dict(request.POST.lists())
    place = (typed.pop("place", [""]))[-1]
    if place.startswith("/"):
        drafts.save(request.user, place=place, typed=typed, at=now())
    return HttpResponse(status=204)
