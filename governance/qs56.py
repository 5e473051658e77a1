"""The measures of NICE QS56 (2014, updated 2023), counted from what is known of each episode. Pure.

NICE measures process, sets no target, and counts a week as 168 elapsed hours. Each measure is counted
twice: literally, as NICE words it, and adjusted, as the service reads it. Whatever is left out is listed.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from governance.episode import (
    CT,
    DEPUTY,
    ENDED,
    INCIDENTAL,
    NOT_ACCEPTED,
    NOT_DECIDED,
    NOT_JUDGED,
    RECLASSIFIED,
    RUNNING,
    TRANSFERRED,
    UPGRADED,
    WITHOUT_PLAN,
    Episode,
    whole_spine_at,
)

WEEK, DAY = timedelta(hours=168), timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """One episode in a denominator: whether it is in the numerator, after how long, and its flags."""

    reference: str
    met: bool
    took: timedelta | None = None
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One way of counting a measure: the episodes of its denominator."""

    counted: tuple[Counted, ...]

    @property
    def numerator(self) -> int:
        return sum(one.met for one in self.counted)

    @property
    def denominator(self) -> int:
        return len(self.counted)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One measure: its words, when an episode falls into a period, and who is counted and how."""

    id: str
    title: str
    numerator: str
    denominator: str
    adjusted: str
    dated: Callable[[Episode], datetime | None]
    literal_count: Callable[[Episode, datetime], Counted | None]
    adjusted_count: Callable[[Episode, datetime], Counted | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A measure over a period, both ways, and what only one of them counts."""

    measure: Measure
    literal: Figure
    adjusted: Figure

    @property
    def left_out(self) -> tuple[Counted, ...]:
        """Counted literally and not when adjusted, with the flag that says why."""
        kept = {one.reference for one in self.adjusted.counted}
        return tuple(one for one in self.literal.counted if one.reference not in kept)


def results(
    episodes: Iterable[Episode], *, since: datetime, until: datetime, at: datetime
) -> tuple[Result, ...]:
    """Every measure over the episodes that fall into `since` to `until` (excluded), as known `at` an instant."""
    known = list(episodes)
    return tuple(_result(measure, known, since=since, until=until, at=at) for measure in MEASURES)


def _result(
    measure: Measure, episodes: list[Episode], *, since: datetime, until: datetime, at: datetime
) -> Result:
    within = [e for e in episodes if (dated := measure.dated(e)) is not None and since <= dated < until]
    literal = (measure.literal_count(episode, at) for episode in within)
    adjusted = (measure.adjusted_count(episode, at) for episode in within)
    return Result(
        measure=measure,
        literal=Figure(counted=tuple(one for one in literal if one is not None)),
        adjusted=Figure(counted=tuple(one for one in adjusted if one is not None)),
    )


def _counted(
    e: Episode, start: datetime, stop: datetime | None, limit: timedelta, at: datetime, *flags: str
) -> Counted:
    """Whether something happened within a limit; what still may, or can no more, is flagged."""
    met = stop is not None and stop - start <= limit
    open_still = stop is None and at - start <= limit
    ended = stop is None and e.ended_at is not None and e.ended_at - start <= limit
    state = (ENDED,) if ended else (RUNNING,) if open_still else ()
    took = stop - start if stop is not None else None
    return Counted(reference=e.reference, met=met, took=took, flags=(*flags, *state, *_exceptions(e)))


def _exceptions(e: Episode) -> tuple[str, ...]:
    return tuple(sorted(e.exceptions - {INCIDENTAL}))


def _unless_ended(counted: Counted) -> Counted | None:
    """What ended before its limit is neither met nor missed."""
    return None if ENDED in counted.flags else counted


# Statement 2a: pain, MRI within a week
def _pain(e: Episode, at: datetime) -> Counted | None:
    if not e.pain or e.came_with_neurology or e.incidental:
        return None
    stop = whole_spine_at(e.scans, since=e.suspected_at)
    return _counted(e, e.suspected_at, stop, WEEK, at, *_of_week(e))


def _pain_adjusted(e: Episode, at: datetime) -> Counted | None:
    literal = _pain(e, at)
    if literal is None or not e.accepted_for_week:
        return None
    stop = whole_spine_at(e.scans, since=e.suspected_at, ct=e.mri_contraindicated)
    return _unless_ended(_counted(e, e.suspected_at, stop, WEEK, at, *_of_week(e)))


def _of_week(e: Episode) -> tuple[str, ...]:
    flags = [
        *((UPGRADED,) if e.neurology_at is not None else ()),
        *((NOT_ACCEPTED,) if not e.accepted_for_week else ()),
        *((RECLASSIFIED,) if e.reclassified else ()),
        *_by_ct(e, e.suspected_at),
    ]
    return tuple(flags)


def _by_ct(e: Episode, since: datetime) -> tuple[str, ...]:
    by_mri = whole_spine_at(e.scans, since=since)
    return (
        (CT,)
        if e.mri_contraindicated and by_mri is None and whole_spine_at(e.scans, since=since, ct=True)
        else ()
    )


# Statement 2b: metastases without neurology, plan within the same week
def _plan(e: Episode, at: datetime) -> Counted | None:
    if e.metastases_at is None or whole_spine_at(e.scans) is None or _had_neurology(e, e.metastases_at):
        return None
    return _plan_counted(e, at)


def _plan_adjusted(e: Episode, at: datetime) -> Counted | None:
    scanned = whole_spine_at(e.scans, ct=e.mri_contraindicated)
    if e.metastases_at is None or scanned is None or _had_neurology(e, e.metastases_at):
        return None
    return _unless_ended(_plan_counted(e, at))


def _plan_counted(e: Episode, at: datetime) -> Counted:
    """From the suspicion, or from the report where imaging came before it."""
    assert e.metastases_at is not None  # by the caller
    start = e.metastases_at if e.incidental else e.suspected_at
    flags = (INCIDENTAL,) if e.incidental else ()
    return _counted(e, start, e.plan_agreed_at, WEEK, at, *flags)


def _had_neurology(e: Episode, at: datetime) -> bool:
    return e.neurology_at is not None and e.neurology_at <= at


# Statements 3 and 4: neurology
def _neurology(e: Episode, at: datetime) -> Counted | None:
    if e.neurology_at is None or e.incidental:
        return None
    return _counted(e, e.neurology_at, whole_spine_at(e.scans, since=e.neurology_at), DAY, at, *_of_day(e))


def _neurology_adjusted(e: Episode, at: datetime) -> Counted | None:
    if e.neurology_at is None or e.incidental:
        return None
    stop = whole_spine_at(e.scans, since=e.neurology_at, ct=e.mri_contraindicated)
    return _unless_ended(_counted(e, e.neurology_at, stop, DAY, at, *_of_day(e)))


def _of_day(e: Episode) -> tuple[str, ...]:
    assert e.neurology_at is not None  # by the caller
    return (
        *((UPGRADED,) if not e.came_with_neurology else ()),
        *((RECLASSIFIED,) if e.reclassified else ()),
        *_by_ct(e, e.neurology_at),
    )


def _assessed(e: Episode, at: datetime) -> Counted | None:
    """Need for, and urgency of, investigations; NICE sets no time."""
    if e.neurology_at is None or e.incidental:
        return None
    took = e.assessed_at - e.neurology_at if e.assessed_at else None
    flags = (*((DEPUTY,) if e.assessed_by_deputy else ()), *_exceptions(e))
    return Counted(reference=e.reference, met=e.assessed_at is not None, took=took, flags=flags)


def _assessed_adjusted(e: Episode, at: datetime) -> Counted | None:
    literal = _assessed(e, at)
    ended = e.ended_at is not None and e.assessed_at is None
    return None if literal is None or ended else literal


# Statement 5: ongoing care coordinated
def _coordinated(e: Episode, at: datetime) -> Counted | None:
    if e.mscc_at is None:
        return None
    flags = (*((DEPUTY,) if e.coordinated_by_deputy else ()), *_exceptions(e))
    return Counted(reference=e.reference, met=e.coordinated, flags=flags)


# Statement 6: radiotherapy within a day of the decision
def _radiotherapy(e: Episode, at: datetime) -> Counted | None:
    """Confirmed MSCC, surgery not suitable, the person wants it, and not excepted by NG234 1.10.4."""
    appropriate = e.surgery_suitable == "no" and e.wants_radiotherapy == "yes" and not e.radiotherapy_excluded
    operated_first = e.radiotherapy_decided_at is None and e.radiotherapy_at is not None
    if e.mscc_at is None or not appropriate or operated_first:
        return None
    if e.radiotherapy_decided_at is None:
        return Counted(reference=e.reference, met=False, flags=(NOT_DECIDED, *_exceptions(e)))
    return _counted(e, e.radiotherapy_decided_at, e.radiotherapy_at, DAY, at)


def _radiotherapy_adjusted(e: Episode, at: datetime) -> Counted | None:
    """Everybody for whom urgent radiotherapy was decided, whatever was not written down beside it."""
    refused = e.surgery_suitable == "yes" or e.wants_radiotherapy == "no" or e.radiotherapy_excluded
    if e.mscc_at is None or e.radiotherapy_decided_at is None or refused:
        return None
    unknown = "not_assessed" in (e.surgery_suitable, e.wants_radiotherapy)
    flags = (NOT_JUDGED,) if unknown else ()
    return _unless_ended(_counted(e, e.radiotherapy_decided_at, e.radiotherapy_at, DAY, at, *flags))


# Statement 7: plan at discharge
def _discharged(e: Episode, at: datetime) -> Counted | None:
    if e.mscc_at is None or e.discharged_at is None:
        return None
    met = e.plan_signed_at is not None and e.plan_signed_at <= e.discharged_at
    flags = [
        *((TRANSFERRED,) if e.transferred else ()),
        *((WITHOUT_PLAN,) if e.without_plan else ()),
        *_exceptions(e),
    ]
    return Counted(reference=e.reference, met=met, flags=tuple(flags))


def _discharged_adjusted(e: Episode, at: datetime) -> Counted | None:
    """Going on to another hospital is no discharge."""
    return None if e.transferred else _discharged(e, at)


MEASURES: tuple[Measure, ...] = (
    Measure(
        id="2a", title="Pain: MRI of the whole spine within 1 week",
        numerator="those who had MRI of the whole spine within 168 hours of the suspicion",
        denominator="adults whose pain suggests spinal metastases, without neurological symptoms or signs when they came",
        adjusted="counts those whom a coordinator accepted into the one-week stream, and a CT where MRI is contraindicated",
        dated=lambda e: e.suspected_at, literal_count=_pain, adjusted_count=_pain_adjusted,
    ),
    Measure(
        id="2b", title="Metastases without neurology: plan within 1 week",
        numerator="those whose treatment plan was agreed within 168 hours of the suspicion; no treatment is a plan too",
        denominator="adults in whom MRI of the whole spine showed metastases and who have no neurology",
        adjusted="counts metastases shown by CT where MRI is contraindicated",
        dated=lambda e: e.metastases_at if e.incidental else e.suspected_at,
        literal_count=_plan, adjusted_count=_plan_adjusted,
    ),
    Measure(
        id="3", title="Neurology: MRI of the whole spine within 24 hours",
        numerator="those who had MRI of the whole spine within 24 hours of the suspicion of MSCC",
        denominator="adults with suspected MSCC and neurological symptoms or signs",
        adjusted="counts a CT where MRI is contraindicated",
        dated=lambda e: e.neurology_at, literal_count=_neurology, adjusted_count=_neurology_adjusted,
    ),
    Measure(
        id="4", title="Neurology: investigations assessed by the coordinator",
        numerator="those whose need for, and urgency of, investigations a coordinator or deputy recorded",
        denominator="adults with suspected MSCC and neurological symptoms or signs",
        adjusted="leaves out those whose case ended before anybody could",
        dated=lambda e: e.neurology_at, literal_count=_assessed, adjusted_count=_assessed_adjusted,
    ),
    Measure(
        id="5", title="MSCC: ongoing care coordinated",
        numerator="those with an entry of a named coordinator about treatment, the MDT or discharge after the confirmation "
                  "(the rule is proposed by this product; NICE sets none)",
        denominator="adults with MSCC",
        adjusted="is the same",
        dated=lambda e: e.mscc_at, literal_count=_coordinated, adjusted_count=_coordinated,
    ),
    Measure(
        id="6", title="MSCC, not for surgery: radiotherapy within 24 hours",
        numerator="those whose first fraction came within 24 hours of the decision to treat with radiotherapy",
        denominator="adults with MSCC whose surgery was judged not suitable, who want radiotherapy, and whom NG234 1.10.4 "
                    "does not except",
        adjusted="counts everybody with a decision for radiotherapy that no surgery came before, even where the judgements "
                 "beside it are not recorded",
        dated=lambda e: e.radiotherapy_decided_at or e.mscc_at,
        literal_count=_radiotherapy, adjusted_count=_radiotherapy_adjusted,
    ),
    Measure(
        id="7", title="MSCC: management plan at discharge",
        numerator="those with a signed plan, ongoing care and rehabilitation assessed, when they left hospital",
        denominator="adults with MSCC discharged from hospital alive",
        adjusted="does not count going on to another hospital as a discharge",
        dated=lambda e: e.discharged_at, literal_count=_discharged, adjusted_count=_discharged_adjusted,
    ),
)  # fmt: skip
MEASURE_AT = {measure.id: measure for measure in MEASURES}
