"""Intervals of the pathway beside the statements of QS56: shown, never a target. Pure."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from governance.episode import MeasuredEpisode, whole_spine_at
from governance.populations import DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """An interval that no statement measures, or measures from another start: shown, never a target."""

    title: str
    starts: Callable[[MeasuredEpisode], datetime | None]
    stops: Callable[[MeasuredEpisode], datetime | None]


def _scanned_at(e: MeasuredEpisode) -> datetime | None:
    return whole_spine_at(
        e.scans,
        since=e.scans_count_from,
        ct=e.mri_contraindicated,
    )


INTERVALS: tuple[Interval, ...] = (
    Interval(
        title="First suspicion to whole-spine scan",
        starts=lambda e: e.neurology_at or e.suspected_at,
        stops=_scanned_at,
    ),
    Interval(title="Presentation to whole-spine scan", starts=lambda e: e.presented_at, stops=_scanned_at),
    Interval(title="Referral to whole-spine scan", starts=lambda e: e.submitted_at, stops=_scanned_at),
    Interval(
        title="Coordinator's first contact to whole-spine scan",
        starts=lambda e: e.contacted_at,
        stops=_scanned_at,
    ),
    Interval(title="Scan to report", starts=_scanned_at, stops=lambda e: e.reported_at),
    Interval(
        title="Report of MSCC to decision to treat", starts=lambda e: e.mscc_at, stops=lambda e: e.decided_at
    ),
    Interval(
        title="Decision for radiotherapy to first fraction",
        starts=lambda e: e.radiotherapy_decided_at,
        stops=lambda e: e.radiotherapy_at,
    ),
    Interval(
        title="Report of MSCC to treatment, as CG75 (2008) asked",
        starts=lambda e: e.mscc_at,
        stops=lambda e: e.treated_at,
    ),
    Interval(
        title="First suspicion to first treatment: the whole pathway",
        starts=lambda e: e.suspected_at,
        stops=lambda e: e.treated_at,
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """An interval over many episodes, without impossible lengths such as a report before its scan."""

    title: str
    count: int
    median: timedelta | None
    longest: timedelta | None
    within_a_day: int


def stretches(
    episodes: Iterable[MeasuredEpisode], *, since: datetime, until: datetime
) -> tuple[Stretch, ...]:
    """Each interval over the episodes with a first suspicion in a period."""
    within = [episode for episode in episodes if since <= episode.suspected_at < until]
    return tuple(_stretch(interval, within) for interval in INTERVALS)


def _stretch(interval: Interval, episodes: list[MeasuredEpisode]) -> Stretch:
    lengths = sorted(
        stop - start
        for e in episodes
        if (start := interval.starts(e)) is not None
        and (stop := interval.stops(e)) is not None
        and stop >= start
    )
    return Stretch(
        title=interval.title,
        count=len(lengths),
        median=lengths[len(lengths) // 2] if len(lengths) % 2 else _middle(lengths),
        longest=lengths[-1] if lengths else None,
        within_a_day=sum(length <= DAY for length in lengths),
    )


def _middle(lengths: list[timedelta]) -> timedelta | None:
    half = len(lengths) // 2
    return (lengths[half - 1] + lengths[half]) / 2 if lengths else None
