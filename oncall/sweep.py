"""The sweep: climbs every due rung, records every breach, then sends the pages.

It may run twice, late, or in ten workers at once, from Celery or from `manage.py sweep`. A rung is climbed
once, because its page is written in the transaction that moves the clock on.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Case, When

from accounts.people import Duty
from kernel import spans
from kernel.actors import SERVICE
from ledger.append import append, append_all
from ledger.chain_locks import lock_free_chains
from ledger.insert import insert
from ledger.keep import keep_all
from ledger.kinds import Kind
from oncall import engine
from oncall.alarms import raise_alarm
from oncall.bundle import bundle, mark_for_bundle
from oncall.climb import climb_clock
from oncall.delivery import deliver
from oncall.heartbeats import beat
from oncall.late_pages import look_after_late_pages
from oncall.line_facts import ClockQuarantined
from oncall.locks import brief, cut_off_the_silent
from oncall.models import Clock, Heartbeat
from oncall.owners import holders_for
from oncall.reach import reach_of
from oncall.rota import holders_at
from oncall.start import EMERGENCY
from oncall.time_steps import follow_step_back

# Clocks of one transaction: also on a busy machine it is not silent for as long as `brief` allows.
TOGETHER = 50
TRY_AGAIN = timedelta(minutes=1)
URGENCY = Case(When(stream=EMERGENCY, then=0), default=1)  # emergencies first, then the most overdue
AWAY = (OperationalError, InterfaceError)
CLIMBED = (
    "climbed",
    "last_climbed_at",
    "breach_recorded_at",
    "next_at",
    "pass_on_at",
    "found_nobody_at",
    "quarantined_at",
)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepCounts:
    """How many clocks a sweep climbed, and how many pages it delivered."""

    clocks: int
    sent: int


def sweep(*, at: datetime) -> SweepCounts:
    """Climb every due rung, then send every waiting page."""
    return SweepCounts(clocks=climb(at=at), sent=deliver(at=at))


def climb(*, at: datetime, mark: Callable[[], None] = lambda: None) -> int:
    """Climb every due rung; how many clocks. The heartbeat shows a clean end. Calls `mark` as it goes on.

    Climbs nothing when the database asks for a newer version of the engine, and records that it did not.
    """
    if engine.is_superseded():
        engine.refuse(at=at)
        return 0
    faults = [_beside(follow_step_back, at=at), _beside(look_after_late_pages, at=at)]
    clocks = Clock.objects.filter(stopped_at=None, next_at__lte=at).order_by(URGENCY, "next_at", "id")
    numbers = list(clocks.values_list("pk", flat=True))
    count = 0
    for first in range(0, len(numbers), TOGETHER):
        mark()
        number, fault = _climb_batch(numbers[first : first + TOGETHER], mark=mark, at=at)
        count, faults = count + number, [*faults, fault]
    if count < len(numbers) and clocks.filter(pk__in=numbers).exists():  # somebody else holds them
        cut_off_the_silent()
    faults.append(_beside(bundle, at=at))
    for fault in faults:
        if fault is not None:
            raise fault
    beat("sweep", at=at)
    return count


def _beside(work: Callable[..., object], *, at: datetime) -> Exception | None:
    """Do one job beside the climb; its fault, which holds up no clock."""
    try:
        work(at=at)
    except Exception as fault:  # noqa: BLE001  # whatever is wrong with a page, clocks are climbed
        log.error("beside_the_climb", work=work.__name__, fault=type(fault).__name__)
        _drop_dead_connection()
        return fault
    return None


def _climb_batch(
    numbers: list[int], *, mark: Callable[[], None], at: datetime
) -> tuple[int, Exception | None]:
    """Climb many clocks in one transaction, or each in its own when that fails: a lock that somebody else keeps, or a
    pause of this process that cost it its connection, then holds up one clock.

    Returns how many were climbed, and the fault if the database was away; the next sweep then tries again.
    """
    try:
        with spans.span("climb_clocks", usecase="climb_clocks"):
            return _climb_together(numbers, at=at), None
    except Exception as fault:  # noqa: BLE001  # the other clocks have to go on after any fault
        log.error("clocks_climbed_apart", clocks=len(numbers), fault=type(fault).__name__)
        _drop_dead_connection()
    count, away = 0, None
    for number in numbers:
        mark()
        try:
            count += _climb_together([number], at=at)
        except AWAY as fault:
            away = fault
            if _drop_dead_connection():
                break
        except Exception as fault:  # noqa: BLE001  # one clock that fails must not stop the others
            if _drop_dead_connection():
                return count, fault
            _set_aside(number, fault, at=at)
    return count, away


def _drop_dead_connection() -> bool:
    """Whether the connection had ended; the next statement then opens a new one."""
    if connection.is_usable():
        return False
    connection.close_if_unusable_or_obsolete()
    return True


@transaction.atomic
def _climb_together(numbers: list[int], *, at: datetime) -> int:
    """Climb the clocks that nobody has locked, nor their chains, and write their pages and ledger lines; how many.

    Locks clocks first, then the ledger's chains: see `ledger.append`. It waits for neither.
    """
    with brief():
        return _climb_locked(numbers, at=at)


def _climb_locked(numbers: list[int], *, at: datetime) -> int:
    due = (
        Clock.objects.select_for_update(skip_locked=True)
        .filter(pk__in=numbers, stopped_at=None, next_at__lte=at)
        .order_by(URGENCY, "next_at", "id")
    )
    locked = list(due)
    free = lock_free_chains({clock.case for clock in locked})  # the others' turn is the next sweep
    clocks = [clock for clock in locked if clock.case in free]
    if not clocks or engine.is_superseded():  # an update may have begun since this sweep did
        return 0
    holders = holders_for(clocks, holders_at(at), at=at)
    reach = reach_of(person for people in holders.values() for person in people)
    results = [climb_clock(clock, holders=holders, reach=reach, at=at) for clock in clocks]
    append_all([entry for result in results for entry in result.entries], by=SERVICE, at=at)
    missed = {clock.pk for clock, result in zip(clocks, results, strict=True) if result.was_missed}
    pages = [page for result in results for page in result.pages]
    mark_for_bundle(pages, missed=missed)
    insert(pages)
    keep_all(clocks, at=at, fields=CLIMBED)
    return len(clocks)


@transaction.atomic
def _set_aside(number: int, fault: Exception, *, at: datetime) -> None:
    """Raise an alarm for a clock that cannot be processed, and try it again each minute."""
    log.error("clock_set_aside", clock=number, fault=type(fault).__name__)
    clock = Clock.objects.select_for_update().get(pk=number)
    if clock.stopped_at is not None:
        return  # somebody stopped it meanwhile
    if clock.quarantined_at is None:
        facts = ClockQuarantined(clock=clock.kind, fault=type(fault).__name__)
        append(Kind.CLOCK_QUARANTINED, by=SERVICE, at=at, case=clock.case, facts=facts)
    quarter = at.replace(minute=at.minute // 15 * 15)
    about = f"{clock.reference}, {clock.kind}, {quarter:%Y-%m-%d %H:%M} UTC"
    raise_alarm("quarantine", about, also=(Duty.COORDINATOR,), at=at)  # again each quarter of an hour
    Clock.objects.filter(pk=number).update(quarantined_at=clock.quarantined_at or at, next_at=at + TRY_AGAIN)


def last_sweep() -> datetime | None:
    """When a sweep last ended well."""
    return Heartbeat.objects.filter(name="sweep").values_list("at", flat=True).first()
