"""Drafts of forms while people type, and the check that they are still signed in."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.web.actor import actor_of
from accounts.web.held_form import sign_in_first
from kernel.time import now
from webkit import drafts


@never_cache
@require_GET
def signed_in(request: HttpRequest) -> HttpResponse:
    """The signed-in person and the token of their forms, for a page opened earlier; 401 when nobody is signed in."""
    if not request.user.is_authenticated:
        return HttpResponse(status=401)
    return JsonResponse({"who": actor_of(request).key, "token": get_token(request)})


@require_POST
def keep(request: HttpRequest) -> HttpResponse:
    """Store a half-filled form under the address that it will be sent to."""
    if not request.user.is_authenticated:
        return sign_in_first(request)
    values = dict(request.POST.lists())
    place = (values.pop("place", [""]))[-1]
    if place.startswith("/"):
        drafts.save(request.user, place=place, typed=values, at=now())
    return HttpResponse(status=204)
