"""Heartbeats of regular tasks, judged by the database's time and by a count, never by the clock of the task's machine.

A machine's clock may be put back or forward. The count of a heartbeat only goes up, so that a watcher that sees it rise
within its limit knows that the task runs, whatever any clock says.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from kernel.time import machine_time

AHEAD_SECONDS = 5  # a heartbeat of the future is older than the step that put the time back
BEAT = (
    "INSERT INTO oncall_heartbeat AS old (name, at, note, beats, witnessed_at, drift_seconds)"
    " VALUES (%(name)s, %(at)s, %(note)s, 1, clock_timestamp(), extract(epoch FROM %(machine)s - clock_timestamp()))"
    " ON CONFLICT (name) DO UPDATE SET at = excluded.at, note = excluded.note, beats = old.beats + 1,"
    "  witnessed_at = excluded.witnessed_at, drift_seconds = excluded.drift_seconds"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Beat:
    """The last heartbeat of a task: its age in seconds by the database, its count, and the drift of its machine."""

    witnessed_at: datetime
    age: float
    beats: int
    drift: float
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What this process last saw of a heartbeat, when by the monotonic clock, and whether it saw it rise."""

    beats: int
    witnessed_at: datetime
    since: float
    rose: bool


_seen: dict[str, Sight] = {}


def beat(name: str, *, note: str = "", at: datetime) -> None:
    """Record that a regular task ended well; `note` says how it went. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(BEAT, beat_of(name, note=note, at=at))


def beat_of(name: str, *, note: str = "", at: datetime) -> dict[str, str | datetime]:
    """The parameters of `BEAT`, for a caller with its own connection."""
    return {"name": name, "at": at, "note": note[:200], "machine": machine_time()}


def is_silent(name: str, heartbeat: Beat, *, limit: float) -> bool:
    """Whether a task has been silent for more than `limit` seconds, as far as this process can know.

    If it has not seen the count rise, a heartbeat from the future counts as silence: its age says nothing.
    """
    before, moment = _seen.get(name), time.monotonic()
    now_seen = (heartbeat.beats, heartbeat.witnessed_at)
    if before is None or (before.beats, before.witnessed_at) != now_seen:
        rose = before is not None and heartbeat.beats > before.beats
        _seen[name] = Sight(
            beats=heartbeat.beats, witnessed_at=heartbeat.witnessed_at, since=moment, rose=rose
        )
    last = _seen[name]
    stood = moment - last.since
    if last.rose and stood <= limit:
        return False
    return stood > limit or not -AHEAD_SECONDS <= heartbeat.age <= limit


def forget() -> None:
    """Forget what this process has seen, as a new one does."""
    _seen.clear()


def drifts_of(beats: Mapping[str, Beat], *, within: float) -> dict[str, float]:
    """The tasks with a heartbeat in the last seconds whose machine differs from the database, by seconds."""
    return {
        name: heartbeat.drift
        for name, heartbeat in beats.items()
        if abs(heartbeat.drift) > AHEAD_SECONDS and heartbeat.age <= within
    }
