"""The lead's start page: the measures of QS56 for a period, each number opening its list of cases."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache

from accounts.web.actor import actor_of, only
from accounts.web.page import render
from governance.access_log import record_measures_view
from governance.episode import FLAG_WORDS
from governance.episodes import episodes
from governance.incidents import uninvestigated
from governance.intervals import stretches
from governance.line_facts import MeasuresViewed
from governance.populations import StatementCount
from governance.qs56 import MEASURE_AT, Figure, Measure, Result, results
from governance.web.days import day_of
from kernel.actors import Role
from kernel.refusals import NotFound
from kernel.time import duration_in_words, from_london, london_date, long_date, now
from ledger.seal import newest_seal
from referrals.case.openings import unreviewed

DAYS, PER_PAGE = 90, 50
PARTS = {
    "met": "met",
    "missed": "not met",
    "denominator": "all that are counted",
    "running": "still running: the limit has not passed yet",
    "left_out": "left out of one count or of both",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Whole days in London: the chosen ones, or ninety days."""

    first: date
    last: date
    errors: dict[str, list[str]]

    @property
    def since(self) -> datetime:
        return from_london(self.first, time(0))

    @property
    def until(self) -> datetime:
        return from_london(self.last + timedelta(days=1), time(0))

    @property
    def words(self) -> str:
        return f"{long_date(self.first)} to {long_date(self.last)}"

    @property
    def query(self) -> MeasuresViewed:
        return {"from": self.first.isoformat(), "to": self.last.isoformat()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """One way of counting, with the addresses of its lists."""

    words: str
    share: str
    met: str
    missed: str
    every: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureLine:
    """One measure over the period, ready to print."""

    measure: Measure
    literal: Count
    adjusted: Count
    running: int
    running_list: str
    left_out: int
    left_out_list: str
    flags: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseLine:
    reference: str
    met: str
    took: str
    flags: Sequence[str]


def period_of(request: HttpRequest, *, at: datetime) -> Period:
    """The period in the address: its end is today and its length ninety days unless it says so. A wrong day is an error."""
    errors: dict[str, list[str]] = {}
    last = day_of(request.GET.get("to", ""), "to", errors) or london_date(at)
    first = day_of(request.GET.get("from", ""), "from", errors) or last - timedelta(days=DAYS)
    if last < first:
        errors["to"] = ["The period ends before it begins: change one of the two"]
        last = first
    return Period(first=first, last=last, errors=errors)


@never_cache
@only(Role.LEAD)
def governance(request: HttpRequest) -> HttpResponse:
    """The measures of a period, and the links to the other pages of governance."""
    at = now()
    period = period_of(request, at=at)
    rows = episodes(since=period.since, until=period.until)
    measured = results(rows, since=period.since, until=period.until, at=at)
    record_measures_view(period.query, by=actor_of(request), at=at)
    return render(
        request,
        "governance/index.jinja",
        status=422 if period.errors else 200,
        title="Governance",
        period=period,
        measures=[_line(result, period) for result in measured],
        stretches=[
            (s.title, s.count, _length(s.median), _length(s.longest), s.within_a_day)
            for s in stretches(rows, since=period.since, until=period.until)
        ],
        episodes=len(rows),
        new_incidents=uninvestigated(),
        to_review=unreviewed(),
        seal=newest_seal(),
        errors=bool(period.errors),
        problems=[(text, f"#{field}") for field, texts in period.errors.items() for text in texts],
    )


def _line(result: Result, period: Period) -> MeasureLine:
    counts = (*result.literal.counted, *result.adjusted.counted, *result.left_out)
    flags = {flag for count in counts for flag in count.flags}
    return MeasureLine(
        measure=result.measure,
        literal=_count(result.measure, "literal", result.literal, period),
        adjusted=_count(result.measure, "adjusted", result.adjusted, period),
        running=len(result.running),
        running_list=_address(result.measure, "literal", "running", period),
        left_out=len(result.left_out),
        left_out_list=_address(result.measure, "literal", "left_out", period),
        flags=tuple(
            f"{FLAG_WORDS[flag]}: {len({count.reference for count in counts if flag in count.flags})}"
            for flag in FLAG_WORDS
            if flag in flags
        ),
    )


def _count(measure: Measure, way: str, figure: Figure, period: Period) -> Count:
    share = (
        f"{100 * figure.numerator / figure.denominator:.0f}%" if figure.denominator else "nobody is counted"
    )
    return Count(
        words=f"{figure.numerator} of {figure.denominator}",
        share=share,
        met=_address(measure, way, "met", period),
        missed=_address(measure, way, "missed", period),
        every=_address(measure, way, "denominator", period),
    )


def _address(measure: Measure, way: str, part: str, period: Period) -> str:
    query = urlencode({**period.query, "way": way, "part": part})
    return f"{reverse('measure', args=[measure.id])}?{query}"


@never_cache
@only(Role.LEAD)
def measure(request: HttpRequest, name: str) -> HttpResponse:
    """The cases behind one number."""
    at = now()
    way, part = request.GET.get("way", "literal"), request.GET.get("part", "denominator")
    if name not in MEASURE_AT or way not in ("literal", "adjusted") or part not in PARTS:
        raise NotFound("There is no such list")
    period = period_of(request, at=at)
    rows = episodes(since=period.since, until=period.until)
    result = next(
        result
        for result in results(rows, since=period.since, until=period.until, at=at)
        if result.measure.id == name
    )
    page = Paginator(_part(result, way, part), PER_PAGE).get_page(request.GET.get("page"))
    record_measures_view({**period.query, "measure": name, "part": part}, by=actor_of(request), at=at)
    return render(
        request,
        "governance/measure.jinja",
        title=f"QS56 {name}",
        measure=result.measure,
        way=way,
        part=PARTS[part],
        period=period,
        lines=[_case_line(result) for result in page.object_list],
        page=page,
        query=urlencode({**period.query, "way": way, "part": part}),
    )


def _part(result: Result, way: str, part: str) -> list[StatementCount]:
    figure = result.adjusted if way == "adjusted" else result.literal
    if part == "running":
        return list(result.running)
    if part == "left_out":
        return list(result.left_out)
    return [count for count in figure.counted if part == "denominator" or count.met == (part == "met")]


def _case_line(count: StatementCount) -> CaseLine:
    return CaseLine(
        reference=count.reference,
        met="Met" if count.met else "Not met",
        took=_length(count.took),
        flags=tuple(FLAG_WORDS.get(flag, flag) for flag in count.flags),
    )


def _length(duration: timedelta | None) -> str:
    return duration_in_words(duration) if duration is not None else ""
