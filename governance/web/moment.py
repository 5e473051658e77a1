"""The lead's page of a case as it stood at an instant. The instant is in the address; no patient is."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache

from accounts.web.actor import actor_of, only
from accounts.web.page import render
from governance.access_log import record_audit_view
from governance.moment import instant_of
from governance.moment import moment as moment_of
from kernel.actors import Role
from kernel.time import LONDON, AmbiguousTime, NonexistentTime, from_london, from_rfc3339, now
from ledger.read import Search
from referrals.case.models import Referral
from referrals.case.queries import find_to_oversee
from referrals.web.purpose import ask_purpose, purpose_of


@never_cache
@only(Role.LEAD)
def moment(request: HttpRequest, reference: str) -> HttpResponse:
    """What the screen of a case showed at an instant, by a line of the ledger or by a time; now without either."""
    by, at, problem = actor_of(request), now(), ""
    case = find_to_oversee(reference, by=by)
    purpose = purpose_of(request, case.reference)
    if not purpose:
        return ask_purpose(request, case.reference)
    try:
        asked = _instant(request, case)
    except (ValueError, NonexistentTime, AmbiguousTime):
        asked, problem = None, "Enter a real date and time"
    if asked is not None and asked > at:
        problem = "Enter a time that has passed"
    then = moment_of(case, at=asked or at) if not problem else None
    record_audit_view(Search(case=case.pk), lines=1, by=by, at=at, purpose=purpose)
    if then is None and not problem:
        problem = "This case had not been sent by then"
    return render(
        request,
        "governance/moment.jinja",
        status=422 if problem else 200,
        title=f"{case.reference} as it stood",
        reference=case.reference,
        moment=then,
        typed=(asked or at).astimezone(LONDON).strftime("%Y-%m-%dT%H:%M:%S"),
        errors={"at": [problem]} if problem else {},
        problems=[(problem, "#at")] if problem else [],
    )


def _instant(request: HttpRequest, case: Referral) -> datetime | None:
    """The instant of the address; None where there is none. ValueError."""
    line, text = request.GET.get("line", ""), request.GET.get("at", "").strip()
    if line:
        number = int(line) if line.isascii() and line.isdecimal() and len(line) < 18 else 0
        instant = instant_of(number, case)
        if instant is None:
            raise ValueError("no line of this case")
        return instant
    if not text:
        return None
    if text[-1:] == "Z" or "+" in text:
        return from_rfc3339(text)
    wall = datetime.fromisoformat(text)  # London wall time
    if wall.tzinfo is not None:
        raise ValueError("neither London's time nor Greenwich's")
    return from_london(wall.date(), wall.time())
