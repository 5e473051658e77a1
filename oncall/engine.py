"""Which version of the rules for clocks may climb them, so that old and new code never climb side by side.

`prepare` writes the version of its code into the database. A sweeper of an older version climbs nothing from then on and
says so. A sweeper of a newer version goes on: its `prepare` is about to run, and a promise is not to wait for it.
"""

from collections.abc import Mapping
from datetime import datetime

import structlog

from oncall.heartbeats import Beat, beat, is_silent
from oncall.models import Heartbeat

# Raise it when an older sweeper must not climb what this version starts, stops or writes: the meaning of a ladder, of a
# column of the clock, of a page. Then say “lanes first” in the CHANGELOG.
VERSION = 1
ROW, REFUSED = "engine", "old_engine"
NOTES = (ROW, REFUSED)  # kept as heartbeats are, and no sign of life of a task
HEARD_SECONDS = 60.0  # seconds for which a refusal is reported
STILL_SECONDS = 10.0  # seconds without a sweep after which nobody else climbs the clocks
log = structlog.get_logger(__name__)
_logged: set[int] = set()


def version_of_database() -> int:
    """The oldest version that may climb clocks; 0 when none was written, and then every version may."""
    return _number(Heartbeat.objects.filter(name=ROW).values_list("note", flat=True).first() or "")


def _number(note: str) -> int:
    return int(note) if note.isascii() and note.isdigit() else 0


def raise_version(*, at: datetime) -> None:
    """Let no older version climb from now on. Never lowers the version."""
    if version_of_database() < VERSION:
        beat(ROW, note=str(VERSION), at=at)


def take_back(*, at: datetime) -> int:
    """Let this version climb again after an update is rolled back; the version before."""
    before = version_of_database()
    beat(ROW, note=str(VERSION), at=at)
    log.warning("engine_taken_back", before=before, version=VERSION)
    return before


def is_superseded() -> bool:
    """Whether the database asks for a newer version than this process has. One query."""
    return version_of_database() > VERSION


def refuse(*, at: datetime) -> None:
    """Record that this process climbs nothing, for `dangers_of`; the log has it once for each process."""
    wanted = version_of_database()
    if wanted not in _logged:
        _logged.add(wanted)
        log.error("sweeper_too_old", version=VERSION, wanted=wanted)
    beat(REFUSED, note=str(VERSION), at=at)


def dangers_of(beats: Mapping[str, Beat]) -> dict[str, str]:
    """What an older sweeper means: nobody climbs the clocks, or it only runs beside one that does."""
    refused = beats.get(REFUSED)
    wanted = _number(beats[ROW].note) if ROW in beats else 0
    if refused is None or is_silent(REFUSED, refused, limit=HEARD_SECONDS) or _number(refused.note) >= wanted:
        return {}
    words = f"of version {refused.note}, and the database asks for version {wanted}"
    if "sweep" in beats and not is_silent("sweep", beats["sweep"], limit=STILL_SECONDS):
        return {
            "old_engine": f"a process is {words}: it climbs no clocks beside the others. Update or end it"
        }
    return {"engine": f"nobody is paged: the processes that climb the clocks are {words}"}
