"""The figures of a period as files, for an audit of the network or a report to the board."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache

from accounts.web.actor import actor_of, only
from accounts.web.page import render
from governance.access_log import record_measures_view
from governance.episodes import episodes
from governance.figures import TABLES, csv_of
from governance.web.measures import period_of
from kernel.actors import Role
from kernel.refusals import NotFound
from kernel.time import now


@never_cache
@only(Role.LEAD)
def exports(request: HttpRequest) -> HttpResponse:
    """The form of a period, or with `file` one of its tables as CSV. Each file that is made is a line in the ledger."""
    at, name = now(), request.GET.get("file", "")
    period = period_of(request, at=at)
    if name and name not in TABLES:
        raise NotFound("There is no such file")
    if not name or period.errors:
        return render(
            request,
            "governance/exports.jinja",
            status=422 if period.errors else 200,
            title="Figures as files",
            period=period,
            problems=[(text, f"#{field}") for field, texts in period.errors.items() for text in texts],
        )
    rows = episodes(since=period.since, until=period.until)
    table = TABLES[name](rows, since=period.since, until=period.until, at=at)
    record_measures_view({**period.query, "part": f"file {name}"}, by=actor_of(request), at=at)
    answer = HttpResponse(csv_of(table), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = (
        f'attachment; filename="mscc-{name}-{period.first.isoformat()}-to-{period.last.isoformat()}.csv"'
    )
    return answer
