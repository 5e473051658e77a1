"""Why the lead is about to look at the record of one case: asked once a session, kept in the ledger and on each view."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache

from accounts.web.actor import actor_of, only
from accounts.web.page import render
from kernel.actors import Role
from kernel.identifiers import Reference
from kernel.time import now
from referrals.case.access_log import state_purpose
from referrals.case.openings import PURPOSES
from referrals.case.queries import find_to_oversee
from webkit.fields import Choice
from webkit.forms import PlainForm

STATED = "purposes"
MOST = 50  # cases of one session; the oldest is asked for again


def purpose_of(request: HttpRequest, reference: str) -> str:
    """The purpose that was stated for this case in this session; empty when there is none yet."""
    purpose: str = request.session.get(STATED, {}).get(reference, "")
    return purpose


def ask_purpose(request: HttpRequest, reference: str) -> HttpResponse:
    """Ask for the purpose, then come back to this page."""
    back = {"case": reference, "next": request.get_full_path()}
    return redirect(f"{reverse('purpose')}?{urlencode(back)}")


def purposed(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A decorator for pages of a case, beneath the one for roles: the lead says first what they look at it for."""

    @wraps(view)
    def guarded(request: HttpRequest, reference: str, *args: Any, **kwargs: Any) -> HttpResponse:
        if actor_of(request).role == Role.LEAD and not purpose_of(request, _as_written(reference)):
            return ask_purpose(request, reference)
        return view(request, reference, *args, **kwargs)

    return guarded


def _as_written(reference: str) -> str:
    try:
        return str(Reference.read(reference))
    except ValueError:  # the purpose is asked of no case: the page for it says so
        return ""


@never_cache
@only(Role.LEAD)
def purpose(request: HttpRequest) -> HttpResponse:
    """Ask why the record will be looked at."""
    by = actor_of(request)
    case = find_to_oversee(request.GET.get("case", ""), by=by)
    form = PlainForm.sent(request, fields={"purpose": Choice("What are you looking for?", PURPOSES)})
    if request.method == "POST":
        code = form.text("purpose")
        if code in PURPOSES:
            state_purpose(case.pk, code, by=by, at=now())
            purposes = {**request.session.get(STATED, {}), case.reference: code}
            request.session[STATED] = dict(list(purposes.items())[-MOST:])
            return redirect(_page_of_ours(request) or reverse("readers", args=[case.reference]))
        form.refuse({"purpose": ["Choose what you are looking for"]})
    return render(
        request,
        "access/purpose.jinja",
        status=form.status,
        title=f"Why you open {case.reference}",
        **form.screen,
    )


def _page_of_ours(request: HttpRequest) -> str:
    address = request.GET.get("next", "")
    ours = url_has_allowed_host_and_scheme(address, allowed_hosts={request.get_host()})
    return address if ours and address.startswith("/") else ""
