"""Starting and stopping clocks, inside the transaction of the act that causes it."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from accounts.service import Service
from kernel.actors import Actor
from ledger.append import append
from ledger.keep import keep
from ledger.kinds import Kind
from oncall import ladder as ladders
from oncall.kinds import ClockKind, Stopped, ladder_of
from oncall.models import Clock

EMERGENCY = "Emergency"  # how a clock names the stream


def hold(case: int) -> list[Clock]:
    """Lock the running clocks of a case. Rows are locked before the ledger's chain, everywhere."""
    return list(Clock.objects.select_for_update().filter(case=case, stopped_at=None).order_by("id"))


def of_case(case: int) -> list[Clock]:
    """Every clock of a case, the running ones first, each by its deadline."""
    return list(Clock.objects.filter(case=case).order_by("stopped_at", "due_at"))


def of_cases(cases: Iterable[int]) -> dict[int, list[Clock]]:
    """The running clocks of many cases, each by its deadline: one query."""
    found: dict[int, list[Clock]] = {case: [] for case in cases}
    for clock in Clock.objects.filter(case__in=found, stopped_at=None).order_by("due_at"):
        found[clock.case].append(clock)
    return found


def start(
    kind: str,
    *,
    case: int,
    stream: str,
    limit_hours: float,
    formal: bool,
    started_at: datetime,
    by: Actor,
    at: datetime,
    service: Service,
    paged_at_once: bool = False,
) -> Clock:
    """Start a clock, or keep the running one of the same kind and limit, whichever is due first.

    `started_at` is when the promise began in truth, which may be long ago; `at` is now.
    """
    due_at = started_at + timedelta(hours=limit_hours)
    running = Clock.objects.select_for_update().filter(
        case=case, kind=kind, limit_hours=limit_hours, stopped_at=None
    )
    clock = running.first()
    if clock is not None and clock.due_at <= due_at:
        return clock
    if clock is None:
        rungs = ladder_of(kind, limit_hours=limit_hours, paged_at_once=paged_at_once, service=service.values)
        if (
            not paged_at_once and stream != EMERGENCY
        ):  # an emergency wakes people, the rest does not if it can wait
            opens, closes = service["delivery_from"], service["delivery_to"]
            rungs = ladders.within_hours(
                rungs, started_at=started_at, due_at=due_at, opens=opens, closes=closes
            )
        clock = Clock(
            case=case,
            kind=kind,
            stream=stream,
            limit_hours=limit_hours,
            formal=formal,
            ladder=[rung.as_json() for rung in rungs],
        )
    return move_start(clock, started_at=started_at, by=by, at=at)


def move_start(clock: Clock, *, started_at: datetime, by: Actor, at: datetime) -> Clock:
    """Let a clock, held by the caller, begin at its true instant; its deadline moves with it."""
    clock.started_at = started_at
    clock.due_at = started_at + timedelta(hours=clock.limit_hours)
    line = append(
        Kind.CLOCK_STARTED,
        by=by,
        at=at,
        case=clock.case,
        facts={
            "clock": clock.kind,
            "limit_hours": clock.limit_hours,
            "started_at": started_at,
            "due_at": clock.due_at,
            "formal": clock.formal,
        },
    )
    clock.next_at = next_instant(clock) if clock.stopped_at is None else None
    kept: Clock = keep(clock, line=line, by=by, at=at)
    return kept


def next_instant(clock: Clock) -> datetime | None:
    """When the sweep has to look at a running clock again."""
    rung = ladders.instant_of(
        ladders.from_json(clock.ladder),
        clock.climbed,
        started_at=clock.started_at,
        last_climbed_at=clock.last_climbed_at,
    )
    breach = None if clock.breach_recorded_at else clock.due_at
    return min((instant for instant in (rung, breach) if instant is not None), default=None)


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
    wanted = set(kinds)
    stopped = [clock for clock in hold(case) if clock.kind in wanted]
    for clock in stopped:
        stop_one(clock, because=because, stopped_at=stopped_at, by=by, at=at)
    return stopped


def end_all(case: int, *, because: Stopped, stopped_at: datetime, by: Actor, at: datetime) -> None:
    """Stop every running clock of a case that is over."""
    stop(case, list(ClockKind), because=because, stopped_at=stopped_at, by=by, at=at)


def meet(clock: Clock, *, stopped_at: datetime, by: Actor, at: datetime) -> None:
    """Stop a clock as met; one that was met already moves only to an earlier true instant."""
    running = clock.stopped_at is None
    earlier = (
        clock.stopped_because == Stopped.MET
        and clock.stopped_at is not None
        and stopped_at < clock.stopped_at
    )
    if running or earlier:
        stop_one(clock, because=Stopped.MET, stopped_at=stopped_at, by=by, at=at)


def stop_one(clock: Clock, *, because: Stopped, stopped_at: datetime, by: Actor, at: datetime) -> None:
    """Stop one clock, held by the caller, at a true instant."""
    late = stopped_at > clock.due_at
    line = append(
        Kind.CLOCK_STOPPED,
        by=by,
        at=at,
        case=clock.case,
        facts={
            "clock": clock.kind,
            "limit_hours": clock.limit_hours,
            "because": because,
            "stopped_at": stopped_at,
            "breached": late,
        },
    )
    clock.stopped_at, clock.stopped_because, clock.next_at = stopped_at, str(because), None
    keep(clock, line=line, by=by, at=at)


def extend(clock: Clock, *, minutes: int, by: Actor, at: datetime) -> None:
    """Give a clock, held by the caller, more time: its deadline and the rungs not climbed yet move with it."""
    clock.due_at += timedelta(minutes=minutes)
    clock.limit_hours = (clock.due_at - clock.started_at) / timedelta(hours=1)
    clock.ladder = [
        {**rung, "after_minutes": rung["after_minutes"] + (minutes if number >= clock.climbed else 0)}
        for number, rung in enumerate(clock.ladder)
    ]
    facts = {"clock": clock.kind, "minutes": minutes, "due_at": clock.due_at}
    line = append(Kind.CLOCK_EXTENDED, by=by, at=at, case=clock.case, facts=facts)
    clock.next_at = next_instant(clock)
    keep(clock, line=line, by=by, at=at)


def mark_booked(case: int, *, booked_at: datetime, by: Actor, at: datetime, line: int) -> None:
    """An appointment is made: the rungs that warn of none are passed over."""
    for clock in hold(case):
        if clock.kind == ClockKind.MRI and clock.booked_at is None:
            clock.booked_at = booked_at
            keep(clock, line=line, by=by, at=at)


def mark_upgraded(case: int, *, by: Actor, at: datetime) -> None:
    """The week's MRI clock stays and says that a more urgent one has overtaken it."""
    for clock in hold(case):
        if clock.kind == ClockKind.MRI and clock.limit_hours > 24 and clock.upgraded_at is None:
            line = append(
                Kind.CLOCK_UPGRADED,
                by=by,
                at=at,
                case=case,
                facts={"clock": clock.kind, "limit_hours": clock.limit_hours},
            )
            clock.upgraded_at = at
            keep(clock, line=line, by=by, at=at)


def is_breached(clock: Clock, *, at: datetime) -> bool:
    """Whether the limit passed before the clock stopped, or has passed by now."""
    return (clock.stopped_at or at) > clock.due_at


def start_again(case: int, *, by: Actor, at: datetime) -> None:
    """Restart what ended last with a case that is opened again, as it was: same start, same deadline."""
    of_case = list(Clock.objects.select_for_update().filter(case=case).order_by("id"))
    ended_last = [clock for clock in of_case if clock.stopped_because == Stopped.ENDED]
    ended_at = max((clock.stopped_at for clock in ended_last), default=None)
    for ended in ended_last:
        restarted = any(_is_same(clock, ended) and clock.pk > ended.pk for clock in of_case)
        if ended.stopped_at != ended_at or restarted:
            continue
        line = append(
            Kind.CLOCK_STARTED,
            by=by,
            at=at,
            case=case,
            facts={
                "clock": ended.kind,
                "limit_hours": ended.limit_hours,
                "started_at": ended.started_at,
                "due_at": ended.due_at,
                "formal": ended.formal,
                "again": True,
            },
        )
        ended.pk = None
        ended._state.adding = True
        ended.stopped_at, ended.stopped_because = None, ""
        ended.next_at = next_instant(ended)
        keep(ended, line=line, by=by, at=at)


def _is_same(clock: Clock, other: Clock) -> bool:
    return (clock.kind, clock.limit_hours, clock.started_at) == (
        other.kind,
        other.limit_hours,
        other.started_at,
    )
