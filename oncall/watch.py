"""The watch over the service itself: its dangers, clocks that the sweep missed, the rota ahead.

It works out from each clock what is due and never trusts the plan of the sweep, so that it finds what the sweep
missed. It runs from Celery, from `manage.py watchdog`, and in the web process.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic

from django.conf import settings
from django.db import connection, transaction

from accounts.people import DUTY_WORDS, Duty
from kernel.time import from_rfc3339
from oncall.alarms import NO_ADDRESS, raise_alarm
from oncall.clocks import next_instant
from oncall.engine import dangers_of
from oncall.handover import change_ahead
from oncall.heartbeats import Beat, beat, drifts_of, is_silent
from oncall.models import Clock, Page, Shift
from oncall.rota import Gap, gaps_ahead, unreached_shifts
from oncall.sweep import climb
from oncall.ways import CHANNEL_WORDS, DANGER, Failing, channels_in_danger, lane_of

LATE = timedelta(seconds=30)
ACCEPTED_WITHIN = timedelta(minutes=15)
DRIFT_SECONDS = 5
HEARD = timedelta(minutes=2)  # seconds for which a machine's drift is reported
# Each regular task, how old its heartbeat may be, and what an older one means.
HEARTBEATS = {
    "sweep": (timedelta(seconds=60), "clocks were not swept for a minute"),
    "worker": (timedelta(minutes=2), "the worker has taken no task for two minutes"),
    "audit": (timedelta(minutes=3), "promises were not audited for three minutes"),
    "self_test": (timedelta(minutes=15), "the service has not tested itself for a quarter of an hour"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """How many clocks were due and missed, the age of the oldest in seconds, and the other faults."""

    overdue: int
    oldest_seconds: float
    unsent: int
    gaps: int
    set_aside: int

    @property
    def clean(self) -> bool:
        """Whether the dead man's switch may report that all is well."""
        return self.oldest_seconds <= LATE.total_seconds() and not self.unsent and not self.set_aside


def audit(*, at: datetime) -> Audit:
    """Find every clock that was due and missed, of any age; repair them and report them."""
    overdue = _overdue(at=at)
    oldest = min((due for _, due in overdue), default=None)
    if overdue:
        _plan_again([number for number, _ in overdue], at=at)
        climb(at=at)
        with transaction.atomic():
            raise_alarm("overdue", f"{at:%Y-%m-%d %H} UTC", at=at)
    gaps = look_ahead(at=at)
    beat("audit", at=at)
    age = (at - oldest).total_seconds() if oldest else 0.0
    return Audit(
        overdue=len(overdue), oldest_seconds=age, unsent=_unsent(at=at), gaps=gaps, set_aside=_set_aside()
    )


def _overdue(*, at: datetime) -> list[tuple[int, datetime]]:
    """Running clocks with a missed rung or deadline, each with the missed instant."""
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
        instant = next_instant(clock)
        Clock.objects.filter(pk=clock.pk).update(next_at=min(instant, at) if instant else at)


def _set_aside() -> int:
    """The number of clocks that cannot be processed."""
    return Clock.objects.filter(stopped_at=None, quarantined_at__isnull=False).count()


def _unsent(*, at: datetime) -> int:
    """The number of pages whose next attempt is late."""
    return Page.objects.filter(sent_at=None, failed_at=None, next_attempt_at__lte=at - LATE).count()


@transaction.atomic
def look_ahead(*, at: datetime) -> int:
    """Raise an alarm, once each, for a gap in the days ahead, for a hand-over that nobody accepts, and for a person
    who comes on duty within a day and cannot be paged. Returns the number of gaps.
    """
    gaps = gaps_ahead(at=at)
    for gap in gaps:
        raise_alarm("gap", _name_of(gap, at=at), at=at)
    change = change_ahead(at=at)
    if change and change.began_at + ACCEPTED_WITHIN <= at:
        raise_alarm("hand_over", f"{change.began_at:%Y-%m-%d %H:%M} UTC", at=at)
    for shift in unreached_shifts(at=at):
        about = f"{DUTY_WORDS[Duty(shift.duty)]}, {shift.starts_at:%Y-%m-%d %H:%M} UTC, shift {shift.pk}"
        raise_alarm(NO_ADDRESS, about, at=at)
    return len(gaps)


def _name_of(gap: Gap, *, at: datetime) -> str:
    """A gap by its true start and end, so that each raises one alarm, and a gap that grows another."""
    begins = gap.starts_at
    if begins <= at:  # it runs: it began when the last shift ended
        last = Shift.objects.filter(duty="coordinator", ends_at__lte=at).order_by("-ends_at").first()
        begins = last.ends_at if last else at.replace(hour=0, minute=0)
    until = f"{gap.ends_at:%Y-%m-%d %H:%M}" if not gap.open_ended else "further notice"
    return f"{begins:%Y-%m-%d %H:%M} to {until} UTC"


def dangers(*, at: datetime) -> dict[str, str]:
    """The present dangers by a short name; empty when all is well. One query; repairs nothing."""
    began = monotonic()
    readings = _readings(at=at)
    waited = monotonic() - began
    beats = readings.beats
    faults = {
        name: words if name in beats else f"nothing has been heard of the {name.replace('_', '-')} yet"
        for name, (limit, words) in HEARTBEATS.items()
        if name not in beats or is_silent(name, beats[name], limit=limit.total_seconds())
    }
    faults |= dangers_of(beats)
    if readings.unsent:
        faults["delivery"] = f"{readings.unsent} pages wait to be sent"
    if readings.set_aside:
        faults["set_aside"] = f"{readings.set_aside} clocks cannot be processed: watch their cases by hand"
    if "self_test" not in faults and beats["self_test"].note.startswith("failed"):
        faults["self_test"] = "the synthetic referral did not come back"
    quiet = [
        f"nothing has been heard of the process that sends by {words.lower()}"
        for channel, words in CHANNEL_WORDS.items()
        if channel in settings.CHANNELS
        and (heartbeat := beats.get(lane_of(channel)))
        and is_silent(lane_of(channel), heartbeat, limit=DANGER.total_seconds())
    ]
    if failing := [*channels_in_danger(readings.failing, at=at), *quiet]:
        faults["channels"] = "; ".join(failing)
    if fault := _fault_of_time(readings, at=at, waited=waited):
        faults["time"] = fault
    return faults


@dataclass(frozen=True, slots=True, kw_only=True)
class Readings:
    """The database's own time, the numbers of late pages, of clocks set aside and of clocks that begin in the
    future, the channels that fail, and the heartbeats.
    """

    time: datetime
    unsent: int
    set_aside: int
    in_future: int
    failing: tuple[Failing, ...]
    beats: dict[str, Beat]


def _fault_of_time(readings: Readings, *, at: datetime, waited: float) -> str:
    """What is wrong with the time of this machine, of a worker's, or of all; empty when nothing is.

    The database read its clock at some moment of the `waited` seconds.
    """
    ahead = (at - readings.time).total_seconds()
    seconds = ahead if ahead > 0 else min(ahead + waited, 0.0)
    if abs(seconds) > DRIFT_SECONDS:
        return f"this machine and the database differ by {abs(seconds):.0f} seconds"
    drifts = drifts_of(readings.beats, within=HEARD.total_seconds())
    if drifts:
        name, drift = max(drifts.items(), key=lambda pair: abs(pair[1]))
        return (
            f"the machine of the {name.replace('_', '-')} and the database differ by {abs(drift):.0f} seconds"
        )
    if readings.in_future:
        return (
            f"the time was put back: {readings.in_future} clocks began in the future and page late. "
            "Watch their cases by hand"
        )
    return ""


# One look for every page: each count has its index, and reads what is wrong, not what runs.
READINGS = """
SELECT name, note, beats, drift_seconds, witnessed_at,
    extract(epoch FROM clock_timestamp() - witnessed_at)::float,
    clock_timestamp(),
    (SELECT count(*) FROM oncall_page
     WHERE sent_at IS NULL AND failed_at IS NULL AND next_attempt_at <= %s),
    (SELECT count(*) FROM oncall_clock WHERE stopped_at IS NULL AND quarantined_at IS NOT NULL),
    (SELECT count(*) FILTER (WHERE stopped_at IS NULL AND next_at IS NOT NULL) FROM oncall_clock
     WHERE recorded_at > statement_timestamp() + interval '1 minute'),
    ARRAY(SELECT jsonb_build_array(channel, failing_since, failed_at, fault) FROM oncall_way
     WHERE failing_since IS NOT NULL AND failed_at IS NOT NULL ORDER BY channel)
FROM (SELECT) AS once LEFT JOIN oncall_heartbeat ON true
"""


def _readings(*, at: datetime) -> Readings:
    with connection.cursor() as cursor:
        cursor.execute(READINGS, [at - LATE])
        rows = cursor.fetchall()
    *_, database_time, unsent, aside, in_future, ways = rows[0]
    failing = tuple(
        Failing(channel=channel, since=from_rfc3339(since), failed_at=from_rfc3339(failed_at), fault=fault)
        for channel, since, failed_at, fault in map(json.loads, ways)
    )
    beats = {
        name: Beat(witnessed_at=witnessed_at, age=age, beats=count, drift=drift, note=note)
        for name, note, count, drift, witnessed_at, age, *_ in rows
        if name and witnessed_at
    }
    return Readings(
        time=database_time,
        unsent=unsent,
        set_aside=aside,
        in_future=in_future,
        failing=failing,
        beats=beats,
    )
