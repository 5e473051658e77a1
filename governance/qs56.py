"""The measures of NICE QS56 (2014, updated 2023), counted from the data of each episode. Pure.

NICE measures process, sets no target, and counts a week as 168 elapsed hours. Each measure is counted
twice: literally, as NICE words it, and adjusted, as the service reads it. Every exclusion is listed.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from governance import populations
from governance.episode import RUNNING, MeasuredEpisode
from governance.populations import StatementCount


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One way of counting a measure: the episodes of its denominator."""

    counted: tuple[StatementCount, ...]

    @property
    def numerator(self) -> int:
        return sum(count.met for count in self.counted)

    @property
    def denominator(self) -> int:
        return len(self.counted)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One measure: its words, the instant that puts an episode into a period, and the two ways of counting."""

    id: str
    title: str
    numerator: str
    denominator: str
    adjusted: str
    dated: Callable[[MeasuredEpisode], datetime | None]
    literal_count: Callable[[MeasuredEpisode, datetime], StatementCount | None]
    adjusted_count: Callable[[MeasuredEpisode, datetime], StatementCount | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A measure over a period, counted both ways, with the episodes that are excluded."""

    measure: Measure
    literal: Figure
    adjusted: Figure
    excluded: tuple[StatementCount, ...]

    @property
    def running(self) -> tuple[StatementCount, ...]:
        """The episodes whose limit has not passed: neither met nor missed yet."""
        return tuple(count for count in self.excluded if RUNNING in count.flags)

    @property
    def left_out(self) -> tuple[StatementCount, ...]:
        """The episodes counted in neither way, or only literally, with the flag of the reason."""
        references = {count.reference for count in self.adjusted.counted}
        excluded = (count for count in self.excluded if RUNNING not in count.flags)
        return (*excluded, *(count for count in self.literal.counted if count.reference not in references))


def results(
    episodes: Iterable[MeasuredEpisode], *, since: datetime, until: datetime, at: datetime
) -> tuple[Result, ...]:
    """Every measure over the episodes that fall into `since` to `until` (excluded), as known `at` an instant."""
    rows = list(episodes)
    return tuple(result_of(measure, rows, since=since, until=until, at=at) for measure in MEASURES)


def result_of(
    measure: Measure, episodes: list[MeasuredEpisode], *, since: datetime, until: datetime, at: datetime
) -> Result:
    """One measure over the episodes that fall into a period, as known `at` an instant."""
    within = [e for e in episodes if (date := measure.dated(e)) is not None and since <= date < until]
    literal = [count for e in within if (count := measure.literal_count(e, at)) is not None]
    adjusted = [count for e in within if (count := measure.adjusted_count(e, at)) is not None]
    return Result(
        measure=measure,
        literal=Figure(counted=tuple(count for count in literal if not count.excluded)),
        adjusted=Figure(counted=tuple(count for count in adjusted if not count.excluded)),
        excluded=tuple(count for count in literal if count.excluded),
    )


MEASURES: tuple[Measure, ...] = (
    Measure(
        id="2a",
        title="Pain: MRI of the whole spine within 1 week",
        numerator="those who had MRI of the whole spine within 168 hours of the suspicion",
        denominator="adults whose pain suggests spinal metastases, without neurological symptoms or signs when they came",
        adjusted="counts those whom a coordinator accepted into the one-week stream, and a CT where MRI is contraindicated",
        dated=lambda e: e.suspected_at,
        literal_count=populations.pain,
        adjusted_count=populations.pain_adjusted,
    ),
    Measure(
        id="2b",
        title="Metastases without neurology: plan within 1 week",
        numerator="those whose treatment plan was agreed within 168 hours of the suspicion; no treatment is a plan too",
        denominator="adults in whom MRI of the whole spine showed metastases, with compression or without, and who have no "
        "neurology",
        adjusted="counts metastases shown by CT where MRI is contraindicated",
        dated=lambda e: e.shown_at if e.incidental else e.suspected_at,
        literal_count=populations.plan,
        adjusted_count=populations.plan_adjusted,
    ),
    Measure(
        id="3",
        title="Neurology: MRI of the whole spine within 24 hours",
        numerator="those who had MRI of the whole spine within 24 hours of the suspicion of MSCC",
        denominator="adults with suspected MSCC and neurological symptoms or signs",
        adjusted="counts a CT where MRI is contraindicated",
        dated=lambda e: e.neurology_at,
        literal_count=populations.neurology,
        adjusted_count=populations.neurology_adjusted,
    ),
    Measure(
        id="4",
        title="Neurology: investigations assessed by the coordinator",
        numerator="those whose need for, and urgency of, investigations a coordinator or deputy recorded",
        denominator="adults with suspected MSCC and neurological symptoms or signs",
        adjusted="leaves out those whose case ended within a day, before anybody could",
        dated=lambda e: e.neurology_at,
        literal_count=populations.assessed,
        adjusted_count=populations.assessed_adjusted,
    ),
    Measure(
        id="5",
        title="MSCC: ongoing care coordinated",
        numerator="those with an entry of a named coordinator about treatment, the MDT or discharge after the confirmation "
        "(the rule is proposed by this product; NICE sets none)",
        denominator="adults with MSCC",
        adjusted="is the same",
        dated=lambda e: e.mscc_at,
        literal_count=populations.coordinated,
        adjusted_count=populations.coordinated,
    ),
    Measure(
        id="6",
        title="MSCC, not for surgery: radiotherapy within 24 hours",
        numerator="those whose first fraction came within 24 hours of the decision to treat with radiotherapy",
        denominator="adults with MSCC whose surgery was judged not suitable, who want radiotherapy, and whom NG234 1.10.4 "
        "does not except",
        adjusted="counts everybody with a decision for radiotherapy that no surgery came before, even where the judgements "
        "beside it are not recorded",
        dated=lambda e: e.radiotherapy_decided_at or e.mscc_at,
        literal_count=populations.radiotherapy,
        adjusted_count=populations.radiotherapy_adjusted,
    ),
    Measure(
        id="7",
        title="MSCC: management plan at discharge",
        numerator="those with a signed plan, ongoing care and rehabilitation assessed, when they left hospital",
        denominator="adults discharged from hospital alive after MSCC was found",
        adjusted="does not count going on to another hospital as a discharge",
        dated=lambda e: e.discharged_at,
        literal_count=populations.discharged,
        adjusted_count=populations.discharged_adjusted,
    ),
)
MEASURE_AT = {measure.id: measure for measure in MEASURES}
