"""The lead's page of the figures by characteristics of the person."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache

from accounts.web.actor import actor_of, only
from accounts.web.page import render
from governance.access_log import record_measures_view
from governance.episodes import episodes
from governance.inequalities import CHARACTERISTICS, FEW, MEASURES, Group, Share, groups_of
from governance.qs56 import MEASURE_AT
from governance.web.measures import period_of
from kernel.actors import Role
from kernel.time import duration_in_words, now


@never_cache
@only(Role.LEAD)
def inequalities(request: HttpRequest) -> HttpResponse:
    """A table for each characteristic: its groups beside each other, over the chosen period."""
    at = now()
    period = period_of(request, at=at)
    rows = episodes(since=period.since, until=period.until)
    record_measures_view({**period.query, "part": "inequalities"}, by=actor_of(request), at=at)
    tables = [
        (
            each.title,
            [_cells(group) for group in groups_of(each, rows, since=period.since, until=period.until, at=at)],
        )
        for each in CHARACTERISTICS
    ]
    return render(
        request,
        "governance/inequalities.jinja",
        status=422 if period.errors else 200,
        title="Inequalities",
        period=period,
        titles=[MEASURE_AT[name].title for name in MEASURES],
        tables=[(title, groups) for title, groups in tables if groups],
        few=FEW,
        problems=[(text, f"#{field}") for field, texts in period.errors.items() for text in texts],
    )


def _cells(group: Group) -> tuple[str, int, list[str], str]:
    """The title, the number of episodes, each measure in words, and the median in words."""
    shares = [_words(share) for share in group.shares]
    median = duration_in_words(group.median) if group.median is not None else "too few"
    return group.title, group.episodes, shares, median


def _words(share: Share) -> str:
    if not share.of:
        return "none"
    percent = f" ({share.percent}%)" if share.percent is not None else ""
    return f"{share.met} of {share.of}{percent}"
