"""The page behind the link of a card, and the lead's page of how cards were received."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache

from accounts.web.actor import actor_of, only, user_of
from accounts.web.page import render
from api.cds.card_log import receptions
from api.cds.links import check_link, use_link
from kernel.actors import Role
from kernel.time import now
from referrals.web.steps import CORD, TELEPHONE

DAYS = 90


@never_cache
def card_link(request: HttpRequest, token: str) -> HttpResponse:
    """Following the link changes nothing and shows no patient: programs follow links too."""
    if request.method == "POST":
        return _begin(request, token)
    check_link(token, at=now())
    return render(request, "referrer/card-link.jinja", title="Refer from a hospital record")


@only(Role.REFERRER, Role.COORDINATOR)
def _begin(request: HttpRequest, token: str) -> HttpResponse:
    writing = use_link(token, user_of(request), at=now())
    first = TELEPHONE if actor_of(request).role == Role.COORDINATOR else CORD
    return redirect("referral_step", writing.id, first.slug)


@never_cache
@only(Role.LEAD)
def card_receptions(request: HttpRequest) -> HttpResponse:
    """How clinicians received the cards, rule by rule."""
    rows = receptions(since=now() - timedelta(days=DAYS))
    return render(request, "governance/cards.jinja", title="Cards in hospital records", rows=rows, days=DAYS)
