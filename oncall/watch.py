"""Looking after the service itself: what is in danger, clocks that nobody acted on, the rota ahead.

It reads what is due from the clocks themselves and never trusts what the sweep planned, so that it can find
what the sweep has missed. It runs from Celery, from `manage.py watchdog`, and in the web process.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction

from accounts.people import DUTY_WORDS, Duty
from oncall.alarms import UNREACHED, raise_alarm
from oncall.clocks import next_instant
from oncall.handover import change_ahead
from oncall.models import Clock, Page, Shift
from oncall.rota import Gap, gaps_ahead, unreached_shifts
from oncall.sweep import beat, climb

LATE = timedelta(seconds=30)
ACCEPTED_WITHIN = timedelta(minutes=15)
DRIFT_SECONDS = 5
# What must go on, how old its heartbeat may be, and what it means when it is older.
HEARTBEATS = {
    "sweep": (timedelta(seconds=60), "clocks were not swept for a minute"),
    "worker": (timedelta(minutes=2), "the worker has taken no task for two minutes"),
    "audit": (timedelta(minutes=3), "promises were not audited for three minutes"),
    "self_test": (timedelta(minutes=15), "the service has not tested itself for a quarter of an hour"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """What was found due and not acted on, how old the oldest is in seconds, and what else is amiss."""

    overdue: int
    oldest_seconds: float
    unsent: int
    gaps: int
    set_aside: int

    @property
    def clean(self) -> bool:
        """Whether an outside observer may be told that all is well."""
        return self.oldest_seconds <= LATE.total_seconds() and not self.unsent and not self.set_aside


def audit(*, at: datetime) -> Audit:
    """Find what was due and not acted on, without a limit of age; repair it, and say how bad it was."""
    found = _overdue(at=at)
    oldest = min((due for _, due in found), default=None)
    if found:
        _plan_again([number for number, _ in found], at=at)
        climb(at=at)
        with transaction.atomic():
            raise_alarm("overdue", f"{at:%Y-%m-%d %H} UTC", at=at)
    gaps = look_ahead(at=at)
    beat("audit", at=at)
    age = (at - oldest).total_seconds() if oldest else 0.0
    return Audit(
        overdue=len(found), oldest_seconds=age, unsent=_unsent(at=at), gaps=gaps, set_aside=_set_aside()
    )


def _overdue(*, at: datetime) -> list[tuple[int, datetime]]:
    """Running clocks whose next rung or deadline has passed unattended, with the instant that was missed."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT id, greatest(recorded_at, missed) FROM (
                SELECT id, recorded_at, found_nobody_at, least(
                    CASE WHEN breach_recorded_at IS NULL THEN due_at END,
                    CASE WHEN climbed < jsonb_array_length(ladder) THEN greatest(
                        started_at + (ladder -> climbed ->> 'after_minutes')::float * interval '1 minute',
                        snoozed_until
                    ) WHEN coalesce((ladder -> -1 ->> 'opens')::int, 0) = 0 THEN greatest(
                        last_climbed_at + nullif((ladder -> -1 ->> 'repeat_minutes')::float, 0) * interval '1 minute',
                        snoozed_until
                    ) END
                ) AS missed
                FROM oncall_clock
                WHERE stopped_at IS NULL AND quarantined_at IS NULL AND jsonb_array_length(ladder) > 0
            ) AS running
            WHERE greatest(recorded_at, missed) <= %s AND missed IS NOT NULL
                AND (found_nobody_at IS NULL OR found_nobody_at <= %s)
            """,
            [at - LATE, at - 4 * LATE],
        )
        return list(cursor.fetchall())


@transaction.atomic
def _plan_again(numbers: list[int], *, at: datetime) -> None:
    for clock in Clock.objects.select_for_update(skip_locked=True).filter(pk__in=numbers, stopped_at=None):
        planned = next_instant(clock)
        Clock.objects.filter(pk=clock.pk).update(next_at=min(planned, at) if planned else at)


def _set_aside() -> int:
    """Clocks that cannot be processed."""
    return Clock.objects.filter(stopped_at=None, quarantined_at__isnull=False).count()


def _unsent(*, at: datetime) -> int:
    """Pages that nobody has tried to send although it was time."""
    return Page.objects.filter(sent_at=None, failed_at=None, next_attempt_at__lte=at - LATE).count()


@transaction.atomic
def look_ahead(*, at: datetime) -> int:
    """Raise an alarm for every gap in the days ahead, once a gap, for a hand-over that nobody accepts, and for
    whoever comes on duty within a day and cannot be paged.
    """
    found = gaps_ahead(at=at)
    for gap in found:
        raise_alarm("gap", _name_of(gap, at=at), at=at)
    change = change_ahead(at=at)
    if change and change.began_at + ACCEPTED_WITHIN <= at:
        raise_alarm("hand_over", f"{change.began_at:%Y-%m-%d %H:%M} UTC", at=at)
    for shift in unreached_shifts(at=at):
        about = f"{DUTY_WORDS[Duty(shift.duty)]}, {shift.starts_at:%Y-%m-%d %H:%M} UTC, shift {shift.pk}"
        raise_alarm(UNREACHED, about, at=at)
    return len(found)


def _name_of(gap: Gap, *, at: datetime) -> str:
    """A gap by its true start and end, so that each is alarmed once and one that grows is alarmed again."""
    begins = gap.starts_at
    if begins <= at:  # it runs: it began when the last shift ended
        last = Shift.objects.filter(duty="coordinator", ends_at__lte=at).order_by("-ends_at").first()
        begins = last.ends_at if last else at.replace(hour=0, minute=0)
    until = f"{gap.ends_at:%Y-%m-%d %H:%M}" if not gap.open_ended else "further notice"
    return f"{begins:%Y-%m-%d %H:%M} to {until} UTC"


def dangers(*, at: datetime) -> dict[str, str]:
    """What is in danger now, by a short name; empty when all is well. One query, nothing repaired."""
    there, unsent, aside, beats = _there(at=at)
    found = {
        name: words if name in beats else f"nothing has been heard of the {name.replace('_', '-')} yet"
        for name, (limit, words) in HEARTBEATS.items()
        if name not in beats or at - beats[name][0] > limit
    }
    if unsent:
        found["delivery"] = f"{unsent} pages wait to be sent"
    if aside:
        found["set_aside"] = f"{aside} clocks cannot be processed: watch their cases by hand"
    if "self_test" not in found and beats["self_test"][1].startswith("failed"):
        found["self_test"] = "the synthetic referral did not come back"
    seconds = (at - there).total_seconds()
    if abs(seconds) > DRIFT_SECONDS:
        found["time"] = f"this machine and the database differ by {abs(seconds):.0f} seconds"
    return found


def _there(*, at: datetime) -> tuple[datetime, int, int, dict[str, tuple[datetime, str]]]:
    """The database's own time, the pages that are late, the clocks that are set aside, the heartbeats: one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT name, at, note, clock_timestamp(),
                (SELECT count(*) FROM oncall_page
                 WHERE sent_at IS NULL AND failed_at IS NULL AND next_attempt_at <= %s),
                (SELECT count(*) FROM oncall_clock WHERE stopped_at IS NULL AND quarantined_at IS NOT NULL)
            FROM (SELECT) AS once LEFT JOIN oncall_heartbeat ON true
            """,
            [at - LATE],
        )
        rows = cursor.fetchall()
    *_, there, unsent, aside = rows[0]
    return there, unsent, aside, {name: (beat_at, note) for name, beat_at, note, *_ in rows if name}
