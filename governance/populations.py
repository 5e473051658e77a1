"""The denominator and numerator of each statement, literally and adjusted. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from governance.episode import (
    CT,
    DEPUTY,
    ENDED,
    INCIDENTAL,
    NEUROLOGY_OPEN,
    NOT_ACCEPTED,
    NOT_DECIDED,
    NOT_JUDGED,
    RECLASSIFIED,
    RUNNING,
    TRANSFERRED,
    UPGRADED,
    WITHOUT_PLAN,
    MeasuredEpisode,
    whole_spine_at,
)

WEEK, DAY, NO_TIME = timedelta(hours=168), timedelta(hours=24), timedelta()
# Forms have no seconds: a plan signed in the minute of the discharge came before it.
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementCount:
    """One episode in a denominator: whether it is in the numerator, how long it took, and its flags."""

    reference: str
    met: bool
    took: timedelta | None = None
    flags: tuple[str, ...] = ()
    excluded: bool = False  # in neither way of counting, and listed


def _count(
    e: MeasuredEpisode, start: datetime, stop: datetime | None, limit: timedelta, at: datetime, *flags: str
) -> StatementCount:
    """Whether something happened within a limit. While the limit runs, the episode is listed and not counted."""
    met = stop is not None and stop - start <= limit
    is_running = stop is None and at - start <= limit
    has_ended = stop is None and e.ended_at is not None and e.ended_at - start <= limit
    state = (ENDED,) if has_ended else (RUNNING,) if is_running else ()
    took = max(stop - start, NO_TIME) if stop is not None else None
    return StatementCount(
        reference=e.reference,
        met=met,
        took=took,
        flags=(*flags, *state, *_exceptions(e)),
        excluded=RUNNING in state,
    )


def _exclude(e: MeasuredEpisode, flag: str) -> StatementCount:
    return StatementCount(reference=e.reference, met=False, flags=(flag, *_exceptions(e)), excluded=True)


def _exceptions(e: MeasuredEpisode) -> tuple[str, ...]:
    return tuple(sorted(e.exceptions - {INCIDENTAL}))


def _adjust(count: StatementCount) -> StatementCount | None:
    """The count; None for an episode that ended before its limit or still runs: neither met nor missed."""
    return None if ENDED in count.flags or count.excluded else count


# Statement 2a: pain, MRI within a week
def pain(e: MeasuredEpisode, at: datetime) -> StatementCount | None:
    """MRI of the whole spine within 168 hours of the suspicion; None for an episode without pain or that came with neurology."""
    return _scanned_in_a_week(e, at, ct=False)


def pain_adjusted(e: MeasuredEpisode, at: datetime) -> StatementCount | None:
    """Only accepted episodes, without those that still wait or ended within the limit; CT counts where MRI is contraindicated."""
    count = _scanned_in_a_week(e, at, ct=e.mri_contraindicated) if e.accepted_for_week else None
    return None if count is None or count.excluded else _adjust(count)


def _scanned_in_a_week(e: MeasuredEpisode, at: datetime, *, ct: bool) -> StatementCount | None:
    if not e.pain or e.came_with_neurology:
        return None
    if e.incidental:
        return _exclude(e, INCIDENTAL)
    if e.neurology_open:
        return _exclude(e, NEUROLOGY_OPEN)
    stop = whole_spine_at(e.scans, since=e.began_at, ct=ct)
    return _count(e, e.suspected_at, stop, WEEK, at, *_of_week(e))


def _of_week(e: MeasuredEpisode) -> tuple[str, ...]:
    flags = [
        *((UPGRADED,) if e.neurology_at is not None else ()),
        *((NOT_ACCEPTED,) if not e.accepted_for_week else ()),
        *((RECLASSIFIED,) if e.reclassified else ()),
        *_by_ct(e, e.began_at),
    ]
    return tuple(flags)


def _by_ct(e: MeasuredEpisode, since: datetime | None) -> tuple[str, ...]:
    by_mri = whole_spine_at(e.scans, since=since)
    return (
        (CT,)
        if e.mri_contraindicated and by_mri is None and whole_spine_at(e.scans, since=since, ct=True)
        else ()
    )


# Statement 2b: metastases without neurology, plan within the same week
def plan(e: MeasuredEpisode, at: datetime) -> StatementCount | None:
    """A plan within 168 hours; None before metastases are shown and the whole spine has had MRI, or when neurology came first."""
    return _plan_count(e, at, whole_spine_at(e.scans))


def plan_adjusted(e: MeasuredEpisode, at: datetime) -> StatementCount | None:
    """Without episodes that still wait or ended within the limit; CT counts where MRI is contraindicated."""
    count = _plan_count(e, at, whole_spine_at(e.scans, ct=e.mri_contraindicated))
    return None if count is None or count.excluded else _adjust(count)


def _plan_count(e: MeasuredEpisode, at: datetime, scanned_at: datetime | None) -> StatementCount | None:
    """From the suspicion, or from the report where imaging came first. MSCC without neurology counts here."""
    shown_at = e.shown_at
    if shown_at is None or scanned_at is None or _had_neurology(e, shown_at):
        return None
    if e.neurology_open:
        return _exclude(e, NEUROLOGY_OPEN)
    start = shown_at if e.incidental else e.suspected_at
    flags = (INCIDENTAL,) if e.incidental else ()
    return _count(e, start, e.plan_agreed_at, WEEK, at, *flags)


def _had_neurology(e: MeasuredEpisode, at: datetime) -> bool:
    return e.neurology_at is not None and e.neurology_at <= at


# Statements 3 and 4: neurology
def _never_suspected(e: MeasuredEpisode) -> bool:
    """Whether it was found by imaging with no new neurology since; new neurology later is a suspicion."""
    return e.incidental and e.came_with_neurology


def neurology(e: MeasuredEpisode, at: datetime) -> StatementCount | None:
    """MRI of the whole spine within 24 hours of the suspicion of neurology; None where there was none."""
    return _scanned_in_a_day(e, at, ct=False)


def neurology_adjusted(e: MeasuredEpisode, at: datetime) -> StatementCount | None:
    """Without episodes that still wait or ended within the limit; CT counts where MRI is contraindicated."""
    count = _scanned_in_a_day(e, at, ct=e.mri_contraindicated)
    return None if count is None or count.excluded else _adjust(count)


def _scanned_in_a_day(e: MeasuredEpisode, at: datetime, *, ct: bool) -> StatementCount | None:
    if e.neurology_at is None:
        return None
    if _never_suspected(e):
        return _exclude(e, INCIDENTAL)
    stop = whole_spine_at(e.scans, since=e.scans_count_from, ct=ct)
    return _count(e, e.neurology_at, stop, DAY, at, *_of_day(e))


def _of_day(e: MeasuredEpisode) -> tuple[str, ...]:
    return (
        *((UPGRADED,) if not e.came_with_neurology else ()),
        *((RECLASSIFIED,) if e.reclassified else ()),
        *_by_ct(e, e.scans_count_from),
    )


def assessed(e: MeasuredEpisode, at: datetime) -> StatementCount | None:
    """Need for, and urgency of, investigations; NICE sets no time."""
    if e.neurology_at is None:
        return None
    if _never_suspected(e):
        return _exclude(e, INCIDENTAL)
    took = max(e.assessed_at - e.neurology_at, NO_TIME) if e.assessed_at else None
    flags = (*((DEPUTY,) if e.assessed_by_deputy else ()), *_exceptions(e))
    return StatementCount(reference=e.reference, met=e.assessed_at is not None, took=took, flags=flags)


def assessed_adjusted(e: MeasuredEpisode, at: datetime) -> StatementCount | None:
    """The literal count, without episodes that ended unassessed within 24 hours of the neurology."""
    literal = assessed(e, at)
    if literal is None or literal.excluded or e.neurology_at is None:
        return None
    has_ended = e.ended_at is not None and e.assessed_at is None and e.ended_at - e.neurology_at <= DAY
    return None if has_ended else literal


# Statement 5: ongoing care coordinated
def coordinated(e: MeasuredEpisode, at: datetime) -> StatementCount | None:
    """Whether ongoing care was coordinated; None where MSCC was not found."""
    if e.mscc_at is None:
        return None
    flags = (*((DEPUTY,) if e.coordinated_by_deputy else ()), *_exceptions(e))
    return StatementCount(reference=e.reference, met=e.coordinated, flags=flags)


# Statement 6: radiotherapy within a day of the decision
def radiotherapy(e: MeasuredEpisode, at: datetime) -> StatementCount | None:
    """Confirmed MSCC, surgery not suitable, the person wants it, and not excepted by NG234 1.10.4."""
    appropriate = e.surgery_suitable == "no" and e.wants_radiotherapy == "yes" and not e.radiotherapy_excluded
    operated_first = e.radiotherapy_decided_at is None and e.surgery_at is not None
    if e.mscc_at is None or not appropriate or operated_first:
        return None
    if e.radiotherapy_decided_at is None:
        return StatementCount(reference=e.reference, met=False, flags=(NOT_DECIDED, *_exceptions(e)))
    return _count(e, e.radiotherapy_decided_at, e.radiotherapy_at, DAY, at)


def radiotherapy_adjusted(e: MeasuredEpisode, at: datetime) -> StatementCount | None:
    """Every decision for urgent radiotherapy, even if the judgements beside it are missing."""
    is_refused = e.surgery_suitable == "yes" or e.wants_radiotherapy == "no" or e.radiotherapy_excluded
    if e.mscc_at is None or e.radiotherapy_decided_at is None or is_refused:
        return None
    unknown = "not_assessed" in (e.surgery_suitable, e.wants_radiotherapy)
    flags = (NOT_JUDGED,) if unknown else ()
    return _adjust(_count(e, e.radiotherapy_decided_at, e.radiotherapy_at, DAY, at, *flags))


# Statement 7: plan at discharge
def discharged(e: MeasuredEpisode, at: datetime) -> StatementCount | None:
    """Whether the plan was signed by the minute of discharge; None without a discharge or transfer after MSCC was found."""
    if e.mscc_at is None or e.discharged_at is None or e.discharged_at < e.mscc_at:
        return None  # discharged before MSCC was found
    met = e.plan_signed_at is not None and e.plan_signed_at < e.discharged_at + MINUTE
    flags = [
        *((TRANSFERRED,) if e.transferred else ()),
        *((f"{WITHOUT_PLAN}.{e.without_plan}",) if e.without_plan else ()),
        *_exceptions(e),
    ]
    return StatementCount(reference=e.reference, met=met, flags=tuple(flags))


def discharged_adjusted(e: MeasuredEpisode, at: datetime) -> StatementCount | None:
    """A transfer to another hospital is not a discharge."""
    return None if e.transferred else discharged(e, at)
