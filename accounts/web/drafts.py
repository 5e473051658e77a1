"""Keeping what is being typed."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from accounts import drafts
from kernel.time import now


@require_POST
@login_required
def keep(request: HttpRequest) -> HttpResponse:
    """Keep a form that is being filled in, by the address to which it will be sent."""
    typed = dict(request.POST.lists())
    place = (typed.pop("place", [""]))[-1]
    if place.startswith("/"):
        drafts.save(request.user, place=place, typed=typed, at=now())
    return HttpResponse(status=204)
