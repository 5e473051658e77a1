"""The lead's report of unusual looks at records, with the table of its rules."""

from datetime import date, datetime, time, timedelta

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache

from accounts.web.actor import actor_of, only
from accounts.web.page import render
from governance.access_log import record_audit_view
from governance.unusual import CLOSED_WORDS, MANY_WORDS, MOST, RULES, unusual
from governance.web.days import day_of
from kernel.actors import Role
from kernel.time import from_london, london_date, now
from ledger.read import Search

A_WEEK = timedelta(days=6)
LONGEST = 31  # days of one report


@never_cache
@only(Role.LEAD)
def unusual_views(request: HttpRequest) -> HttpResponse:
    """What was unusual in a period, of at most a month; the last seven days without one. No patient is named."""
    errors: dict[str, list[str]] = {}
    at = now()
    last = day_of(request.GET.get("until", ""), "until", errors) or london_date(at)
    first = day_of(request.GET.get("since", ""), "since", errors) or last - A_WEEK
    if not errors and not 0 <= (last - first).days < LONGEST:
        errors["since"] = [f"Choose a period of at most {LONGEST} days that ends after it begins"]
    period = {"since": _midnight(first), "until": _midnight(last + timedelta(days=1))}
    lines = () if errors else unusual(**period, by=actor_of(request))
    record_audit_view(Search(), lines=len(lines), by=actor_of(request), at=at)
    return render(
        request,
        "governance/unusual.jinja",
        status=422 if errors else 200,
        title="Unusual looks at records",
        lines=lines,
        rules=[MANY_WORDS, *((rule.title, rule.threshold) for rule in RULES), CLOSED_WORDS],
        most=MOST,
        since=first.isoformat(),
        until=last.isoformat(),
        errors=errors,
        problems=[(text, f"#{field}") for field, texts in errors.items() for text in texts],
    )


def _midnight(day: date) -> datetime:
    return from_london(day, time(0))
