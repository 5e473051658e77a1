"""The frame of every page: the service, the telephone number, the signed-in person and their navigation."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from accounts import service as services
from accounts.nhs_identity.provider import is_on
from accounts.people import ROLE_WORDS
from accounts.service import Service
from accounts.sessions import is_locked
from kernel.actors import Role
from kernel.time import clock_time, from_rfc3339, now, rfc3339
from webkit import page

UNSIGNED = "No clinical safety officer has signed this ruleset and these settings."
STALE = timedelta(seconds=60)
OPENED = "opened_records"


# Address names by role; `label` as the navigation shows it.
NAVIGATION: dict[str, tuple[tuple[str, str], ...]] = {
    Role.REFERRER: (
        ("new_referral", "New referral"),
        ("referrals", "Your referrals"),
        ("guideline", "Guideline"),
    ),
    Role.COORDINATOR: (
        ("worklist", "Worklist"),
        ("new_referral", "Telephone referral"),
        ("inbox", "Your pages"),
        ("mdt", "MDT list"),
        ("on_call", "On call"),
        ("guideline", "Guideline"),
    ),
    Role.MDT_MEMBER: (("mdt", "MDT list"), ("on_call", "On call"), ("guideline", "Guideline")),
    Role.LEAD: (
        ("governance", "Governance"),
        ("audit", "Audit trail"),
        ("inbox", "Your pages"),
        ("on_call", "On call"),
        ("guideline", "Guideline"),
    ),
    Role.ADMINISTRATOR: (("settings", "Settings"), ("on_call", "On call"), ("guideline", "Guideline")),
}


def render(
    request: HttpRequest,
    template: str,
    *,
    status: int = 200,
    service: Service | None = None,
    **context: Any,
) -> HttpResponse:
    """A page with its frame. Pass `service` if it is already read."""
    return page.render(request, template, frame(request, service=service), status=status, **context)


def frame(request: HttpRequest, *, service: Service | None = None) -> dict[str, Any]:
    """The context of every page: the service and the signed-in person."""
    user = request.user if request.user.is_authenticated and not is_locked(request) else None
    return {
        "service": service or services.current(),
        "user": user,
        "role_words": ROLE_WORDS[Role(user.role)] if user else "",
        "navigation": _navigation(request, user) if user else [],
        "demo": settings.DEMO,
        "has_nhs_identity": is_on(),
        "unreleased": getattr(request, "unreleased", UNSIGNED),
        "dangers": getattr(request, "dangers", []),
        "clocks_stalled": getattr(request, "clocks_stalled", False),
        "opened_until": _opened_until(request) if user else "",
    }


def note_opened(request: HttpRequest, reference: str, *, until: datetime) -> None:
    """Note in the session that this record is open with a reason, so that each of its pages says so."""
    lasting = {
        known: text for known, text in request.session.get(OPENED, {}).items() if from_rfc3339(text) > now()
    }
    request.session[OPENED] = {**lasting, reference: rfc3339(until)}


def _opened_until(request: HttpRequest) -> str:
    """Until when the record of this page is open with a reason; empty on other pages."""
    for reference, text in request.session.get(OPENED, {}).items():
        if f"/{reference}/" in request.path and (until := from_rfc3339(text)) > now():
            return clock_time(until)
    return ""


def _navigation(request: HttpRequest, user: Any) -> list[dict[str, Any]]:
    """The items of the navigation for the NHS header."""
    entries = list(NAVIGATION[Role(user.role)])
    if user.duties and ("inbox", "Your pages") not in entries:  # everybody with a duty is paged
        entries.insert(1, ("inbox", "Your pages"))
    items = [(reverse(name), label) for name, label in entries]
    if settings.DEMO:
        items.append((reverse("mailbox"), "Mailbox (demo)"))
    return [{"href": href, "text": text, "current": request.path == href} for href, text in items]


def is_stale(last_sweep: datetime | None, *, at: datetime) -> bool:
    """Whether clocks have not been swept for a minute. A sweep of the future was one before the time was put back."""
    return last_sweep is None or abs(at - last_sweep) > STALE
