"""The clocks of a case: reading, locking, stopping and moving them, inside the transaction of the act that does it."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from kernel.actors import Actor
from kernel.time import duration_in_words, near, not_earlier
from ledger.kinds import Kind
from oncall import ladder as ladders
from oncall.case_clocks import every, keep_clock, record
from oncall.kinds import AFTERWARDS, KIND_AT, OBLIGATIONS, REPORT_ONLY, WEEK, ClockKind, Stopped
from oncall.ladder import StoredRung
from oncall.line_facts import ClockExtended, ClockSnoozed, ClockStopped, ClockUpgraded
from oncall.models import Clock

NEVER = datetime.max.replace(tzinfo=UTC)


def hold(case: int) -> list[Clock]:
    """Lock the running clocks of a case. Rows are locked before the ledger's chain, everywhere."""
    return [clock for clock in every(case, lock=True) if clock.stopped_at is None]


def of_case(case: int, *, with_report_only: bool = False) -> list[Clock]:
    """Every clock of a case by its deadline, the running ones last; `with_report_only` adds the clocks for reports."""
    clocks = every(case, lock=False)
    wanted = clocks if with_report_only else [clock for clock in clocks if clock.kind not in REPORT_ONLY]
    return sorted(
        wanted, key=lambda clock: (clock.stopped_at is None, clock.stopped_at or NEVER, clock.due_at)
    )


_FOR_LIST = ("case", "kind", "due_at", "booked_at", "ladder")


def of_cases(cases: Iterable[int], *, with_start: bool = False) -> dict[int, list[Clock]]:
    """The running clocks of many cases, by deadline, with the fields that a list needs: one query.

    `with_start` adds when each began, and whether it is formal.
    """
    by_case: dict[int, list[Clock]] = {case: [] for case in cases}
    running = Clock.objects.filter(case__in=by_case, stopped_at=None).exclude(kind__in=REPORT_ONLY)
    fields = (*_FOR_LIST, "started_at", "stopped_at", "formal") if with_start else _FOR_LIST
    for clock in running.only(*fields).order_by("due_at"):
        by_case[clock.case].append(clock)
    return by_case


def next_instant(clock: Clock) -> datetime | None:
    """When the sweep has to look at a running clock again; None for a clock that is for reports only."""
    if not clock.ladder:
        return None
    rung = ladders.instant_of(
        ladders.from_json(clock.ladder),
        clock.climbed,
        started_at=clock.started_at,
        last_climbed_at=clock.last_climbed_at,
    )
    if rung is not None and clock.snoozed_until is not None:
        rung = max(rung, clock.snoozed_until)
    breach = None if clock.breach_recorded_at else clock.due_at
    return min((instant for instant in (rung, breach) if instant is not None), default=None)


def remaining_time(clock: Clock, *, at: datetime) -> str:
    """The time to the deadline in words, or how long ago it passed."""
    length = duration_in_words(clock.due_at - at)
    return f"overdue by {length}" if clock.due_at < at else f"{length} left"


def time_left(clock: Clock, *, at: datetime) -> str:
    """The same, with the deadline's clock time."""
    due = near(clock.due_at, at=at)
    return f"{remaining_time(clock, at=at)}, {'was due' if clock.due_at < at else 'due'} {due}"


def name_of(clock: Clock) -> str:
    """The name of a clock: a follow-up has its time, and a question, task, review or opinion its people and subject."""
    label = KIND_AT[clock.kind].label
    if clock.kind == ClockKind.FOLLOW_UP:
        weeks = round(clock.limit_hours / WEEK)
        return f"{label} at {f'{weeks} weeks' if weeks < 52 else '12 months'}"
    if clock.kind in OBLIGATIONS:
        return clock.about or label
    return f"{label}: {clock.about[0].lower()}{clock.about[1:]}" if clock.about else label


def colleague_asked(clock: Clock) -> int:
    """The account of the colleague who is asked to take the case; 0 for every other clock."""
    person = clock.kind == ClockKind.TASK and clock.ladder and clock.ladder[0].get("person", 0)
    return int(person or 0)


def next_step(clock: Clock) -> str:
    """The next step for a clock, as a button or a line shows it."""
    step = "Accept or decline" if colleague_asked(clock) else KIND_AT[clock.kind].next_step
    return f"{step} ({clock.about})" if clock.kind in OBLIGATIONS and clock.about else step


def stop(
    case: int,
    kinds: Iterable[str],
    *,
    because: Stopped,
    stopped_at: datetime,
    by: Actor,
    at: datetime,
) -> list[Clock]:
    """Stop the running clocks of these kinds at the true instant `stopped_at`; recorded at `at`."""
    codes = set(kinds)
    clocks = [clock for clock in hold(case) if clock.kind in codes]
    for clock in clocks:
        stop_clock(clock, because=because, stopped_at=stopped_at, by=by, at=at)
    return clocks


def end_all(
    case: int,
    *,
    because: Stopped,
    stopped_at: datetime,
    followed_up: bool = False,
    by: Actor,
    at: datetime,
) -> None:
    """Stop every running clock of a case that has ended. Follow-ups of a `followed_up` person run on."""
    kinds = frozenset(ClockKind) - (AFTERWARDS if followed_up else frozenset())
    stop(case, kinds, because=because, stopped_at=stopped_at, by=by, at=at)


def meet(clock: Clock, *, stopped_at: datetime, by: Actor, at: datetime) -> None:
    """Stop a clock as met. A clock that was met already moves only to an earlier true instant."""
    running = clock.stopped_at is None
    earlier = (
        clock.stopped_because == Stopped.MET
        and clock.stopped_at is not None
        and stopped_at < clock.stopped_at
    )
    if running or earlier:
        stop_clock(clock, because=Stopped.MET, stopped_at=stopped_at, by=by, at=at)


def stop_clock(clock: Clock, *, because: Stopped, stopped_at: datetime, by: Actor, at: datetime) -> None:
    """Stop one clock, locked by the caller, at a true instant. An instant in the minute of its start is its start."""
    stopped_at = not_earlier(stopped_at, than=clock.started_at)
    late = stopped_at > clock.due_at
    facts = ClockStopped(
        clock=clock.kind,
        limit_hours=clock.limit_hours,
        because=because,
        stopped_at=stopped_at,
        breached=late,
    )
    if clock.subject:
        facts["subject"] = clock.subject
    clock.stopped_at, clock.stopped_because, clock.next_at = stopped_at, str(because), None
    record(clock, Kind.CLOCK_STOPPED, facts, by=by, at=at)


def extend(clock: Clock, *, minutes: int, by: Actor, at: datetime) -> None:
    """Give a clock, locked by the caller, more time from now or its deadline, whichever is later.

    The rungs not climbed yet move with the deadline, and until then no rung repeats.
    """
    before, clock.due_at = clock.due_at, max(clock.due_at, at) + timedelta(minutes=minutes)
    added_minutes = (clock.due_at - before) / timedelta(minutes=1)
    clock.snoozed_until = at + timedelta(minutes=minutes)
    clock.ladder = [
        {**rung, "after_minutes": rung["after_minutes"] + (added_minutes if number >= clock.climbed else 0)}
        for number, rung in enumerate(clock.ladder)
    ]
    facts = ClockExtended(clock=clock.kind, minutes=minutes, due_at=clock.due_at)
    clock.next_at = next_instant(clock)
    record(clock, Kind.CLOCK_EXTENDED, facts, by=by, at=at)


def snooze(clock: Clock, *, until: datetime, reason: str, by: Actor, at: datetime) -> None:
    """Silence a clock, locked by the caller, until an instant. Its deadline and its breach stay the same."""
    clock.snoozed_until = until
    facts = ClockSnoozed(clock=clock.kind, until=until, reason=reason)
    clock.next_at = next_instant(clock)
    record(clock, Kind.CLOCK_SNOOZED, facts, by=by, at=at)


def mark_booked(case: int, *, booked_at: datetime, by: Actor, at: datetime, line: int) -> None:
    """Record that the scan is booked: rungs that warn of a missing booking are skipped."""
    for clock in hold(case):
        if clock.kind == ClockKind.MRI and clock.booked_at is None:
            clock.booked_at = booked_at
            keep_clock(clock, line=line, by=by, at=at)


def mark_cancelled(case: int, *, by: Actor, at: datetime, line: int) -> None:
    """Record that the booking was cancelled: the newest skipped warning of a missing booking comes now."""
    for clock in hold(case):
        if clock.kind != ClockKind.MRI or clock.booked_at is None:
            continue
        clock.booked_at = None
        rungs = [rung for rung in clock.ladder[: clock.climbed] if rung["unless_booked"]]
        if rungs and clock.climbed < len(clock.ladder):  # at its end it pages again and again anyway
            minutes = max((at - clock.started_at) / timedelta(minutes=1), 0)
            repetition: StoredRung = {**rungs[-1], "after_minutes": minutes}
            clock.ladder = [*clock.ladder[: clock.climbed], repetition, *clock.ladder[clock.climbed :]]
        clock.next_at = next_instant(clock)
        keep_clock(clock, line=line, by=by, at=at)


def mark_upgraded(case: int, *, by: Actor, at: datetime) -> None:
    """Mark the one-week MRI clock as overtaken by a more urgent one; it keeps running."""
    for clock in hold(case):
        if clock.kind == ClockKind.MRI and clock.limit_hours > 24 and clock.upgraded_at is None:
            clock.upgraded_at = at
            facts = ClockUpgraded(clock=clock.kind, limit_hours=clock.limit_hours)
            record(clock, Kind.CLOCK_UPGRADED, facts, by=by, at=at)


def is_breached(clock: Clock, *, at: datetime) -> bool:
    """Whether the limit passed before the clock stopped; for a running clock, whether it has passed by now."""
    return (clock.stopped_at or at) > clock.due_at
