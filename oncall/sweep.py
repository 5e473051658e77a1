"""The sweep: climbs every rung that is reached, records every breach, then sends what was written.

It may run twice, late, or in ten workers at once, from Celery or from `manage.py sweep`: a rung is
climbed once, because its page is written in the transaction that moves the clock on.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.db import InterfaceError, OperationalError, connection, transaction

from kernel.actors import SERVICE
from ledger.append import append
from ledger.kinds import Kind
from oncall.alarms import raise_alarm
from oncall.clocks import next_instant
from oncall.ladder import Rung, from_json, instant_of, rung_at
from oncall.models import Clock, Heartbeat, Page
from oncall.paging import deliver
from oncall.rota import holder_of

TRY_AGAIN = timedelta(minutes=1)
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """What one sweep did."""

    clocks: int
    sent: int


def sweep(*, at: datetime) -> Swept:
    """Climb, record, then send."""
    return Swept(clocks=climb(at=at), sent=deliver(at=at))


def climb(*, at: datetime) -> int:
    """Climb every rung that is reached; how many clocks. A clean end is what the heartbeat shows."""
    clocks, away = 0, None
    for number in _due(at=at):
        try:
            clocks += _climb_or_set_aside(number, at=at)
        except (
            OperationalError,
            InterfaceError,
        ) as fault:  # the database, not the clock: the next sweep tries again
            away = fault
            if not connection.in_atomic_block:
                connection.close_if_unusable_or_obsolete()
    if away is not None:
        raise away
    Heartbeat.objects.update_or_create(name="sweep", defaults={"at": at})
    return clocks


def _due(*, at: datetime) -> list[int]:
    """The clocks that have something to do, the most overdue first."""
    waiting = Clock.objects.filter(stopped_at=None, next_at__lte=at)
    return list(waiting.order_by("next_at", "id").values_list("pk", flat=True))


def _climb_or_set_aside(number: int, *, at: datetime) -> bool:
    """One clock that cannot be processed has its own page and stalls no other; it is tried again each minute."""
    try:
        return _climb_one(number, at=at)
    except (OperationalError, InterfaceError):
        raise
    except Exception as fault:  # noqa: BLE001  # whatever it is, the other clocks have to run
        log.error("clock_set_aside", clock=number, fault=type(fault).__name__)
        _set_aside(number, fault, at=at)
        return False


@transaction.atomic
def _set_aside(number: int, fault: Exception, *, at: datetime) -> None:
    clock = Clock.objects.select_for_update().get(pk=number)
    if clock.quarantined_at is None:
        facts = {"clock": clock.kind, "fault": type(fault).__name__}
        append(Kind.CLOCK_QUARANTINED, by=SERVICE, at=at, case=clock.case, facts=facts)
        raise_alarm("quarantine", f"{clock.reference}, {clock.kind}", at=at)
    Clock.objects.filter(pk=number).update(quarantined_at=clock.quarantined_at or at, next_at=at + TRY_AGAIN)


@transaction.atomic
def _climb_one(number: int, *, at: datetime) -> bool:
    """Climb one clock in a transaction of its own, so that no sweep ever waits for two cases at once.

    False when another sweep holds it, or has seen to it already.
    """
    clock = (
        Clock.objects.select_for_update(skip_locked=True)
        .filter(pk=number, stopped_at=None, next_at__lte=at)
        .first()
    )
    if clock is not None:
        _climb(clock, at=at)
    return clock is not None


def _climb(clock: Clock, *, at: datetime) -> None:
    """Every rung that is reached, in order; a rung that finds nobody is passed at once."""
    ladder = from_json(clock.ladder)
    passed_on = clock.pass_on_at is not None  # nobody was reached by the rung before
    while (rung := rung_at(ladder, clock.climbed)) is not None:
        reached = instant_of(
            ladder, clock.climbed, started_at=clock.started_at, last_climbed_at=clock.last_climbed_at
        )
        if reached is None or (reached > at and not passed_on):
            break
        passed_on = not _page(clock, rung, at=at)
        if passed_on and clock.climbed >= len(ladder) - 1:
            passed_on = False  # nobody at all: the last rung tries again when it repeats
        clock.climbed, clock.last_climbed_at = clock.climbed + 1, at
    if clock.breach_recorded_at is None and clock.due_at <= at:
        _record_breach(clock, at=at)
    clock.pass_on_at = clock.quarantined_at = None
    clock.next_at = next_instant(clock)
    clock._history_date = at  # read by simple-history
    clock.save(
        update_fields=[
            "climbed",
            "last_climbed_at",
            "breach_recorded_at",
            "next_at",
            "pass_on_at",
            "quarantined_at",
        ]
    )


def _page(clock: Clock, rung: Rung, *, at: datetime) -> bool:
    """Write the pages of a rung; False when nobody holds its duty."""
    if rung.unless_booked and clock.booked_at is not None:
        return True
    person = holder_of(rung.duty, at=at)
    if person is None:
        append(
            Kind.RUNG_FOUND_NOBODY,
            by=SERVICE,
            at=at,
            case=clock.case,
            facts={"clock": clock.kind, "rung": clock.climbed, "duty": rung.duty},
        )
        return False
    channels = [channel for channel in rung.channels if channel != "email" or person.email]
    for channel in channels:
        on_screen = channel == "screen"
        Page.objects.create(
            clock=clock,
            rung=clock.climbed,
            duty=rung.duty,
            recipient=person,
            channel=channel,
            written_at=at,
            sent_at=at if on_screen else None,
            next_attempt_at=None if on_screen else at,
        )
    append(
        Kind.PAGE_WRITTEN,
        by=SERVICE,
        at=at,
        case=clock.case,
        facts={
            "clock": clock.kind,
            "rung": clock.climbed,
            "duty": rung.duty,
            "recipient": f"user:{person.pk}",
            "channels": channels,
        },
    )
    return True


def _record_breach(clock: Clock, *, at: datetime) -> None:
    clock.breach_recorded_at = at
    append(
        Kind.CLOCK_BREACHED,
        by=SERVICE,
        at=at,
        case=clock.case,
        facts={"clock": clock.kind, "limit_hours": clock.limit_hours, "due_at": clock.due_at},
    )


def last_sweep() -> datetime | None:
    """When a sweep last ended well."""
    return Heartbeat.objects.filter(name="sweep").values_list("at", flat=True).first()
