"""Asks the database once a second whether it answers, and every ten seconds whether it can store anything.

It runs beside the requests of a web process, with its own connection. While the database is away no request
waits for it, and open pages say so.
"""

import contextlib
import os
import shutil
import tempfile
import threading
import time
from pathlib import Path

import psycopg
import structlog
from django.conf import settings
from django.db import connections

from accounts import service as services
from kernel.time import now
from mscc.beats import Beats
from mscc.postgresql import limits
from mscc.postgresql.base import Connection
from mscc.postgresql.state import FULL, State, database
from oncall.heartbeats import BEAT, beat_of

EVERY = 1.0
WITHIN = 1.5  # seconds for an answer
STORE_EVERY = 10.0
STORE_AGAIN = 3.0  # after a failure
STORES_NOTHING = "the database stores nothing"
LEAST_FREE = 20 * 1024 * 1024  # bytes
PULSE = limits.Limits(statement=WITHIN, lock=1, idle=WITHIN)
# What PostgreSQL would need to grow a table: this spills 3 MB to its disk and gives them back.
SPILL = "SET LOCAL work_mem = '64kB'; SELECT count(*) FROM generate_series(1, 100000)"
TELEPHONE = "SELECT value #>> '{}' FROM accounts_setting WHERE key = 'telephone'"
AWAY = (psycopg.OperationalError, psycopg.InterfaceError)
log = structlog.get_logger(__name__)


class Pulse:
    """The state of the database as one process sees it. `beats` passes the telephone number on to new processes."""

    def __init__(self, *, beats: Beats | None = None, state: State = database) -> None:
        self.beats, self.state = beats, state
        self.connection: Connection | None = None
        self.stored_at = 0.0

    def start(self) -> None:
        """Ask in its own thread from now on."""
        self.state.watched = True
        threading.Thread(target=self._run, name="pulse", daemon=True).start()

    def _run(self) -> None:
        while True:
            began = time.monotonic()
            self.ask()
            time.sleep(max(0.2, EVERY - (time.monotonic() - began)))

    def ask(self) -> None:
        """One question; the state says afterwards whether the database answered, and what it can store."""
        is_away = not self._answers()
        if is_away != self.state.away:
            log.error("database_away" if is_away else "database_back")
        self.state.away = is_away
        pause = STORE_AGAIN if self.state.unwritable else STORE_EVERY
        if not is_away and time.monotonic() - self.stored_at > pause:
            self._store()

    def _answers(self) -> bool:
        """Whether an answer comes in time; a connection that has ended is replaced once."""
        for _ in range(2):
            began = time.monotonic()
            try:
                self._read_telephone()
            except AWAY:
                self._hang_up()
                if time.monotonic() - began > WITHIN / 2:
                    return False
            except psycopg.Error:
                return True  # it refuses, so it answers
            else:
                return True
        return False

    def _read_telephone(self) -> None:
        row = self._connected().execute(TELEPHONE).fetchone()
        number = str(row[0] if row else services.SETTING_AT["telephone"].default)
        services.last_known_telephone = number
        if self.beats is not None:
            self.beats.text = number

    def _connected(self) -> Connection:
        if self.connection is None:
            given = connections["default"].get_connection_params()
            if "options" in given:  # a pooler gets none
                given["options"] = PULSE.options
            self.connection = Connection.connect(
                **{**given, "cursor_factory": psycopg.Cursor}, autocommit=True
            )
            self.connection.patience, self.connection.heeds_the_pulse = WITHIN, False
        return self.connection

    def _hang_up(self) -> None:
        if self.connection is not None:
            self.connection.close()
        self.connection = None

    def _store(self) -> None:
        """Spill and store a little, so that a full disk shows before somebody's referral is refused."""
        self.stored_at = time.monotonic()
        try:
            self._connected().execute(SPILL)
            self._connected().execute(BEAT, beat_of("web", at=now()))
        except psycopg.errors.DiskFull:
            self.state.unwritable = FULL
        except (psycopg.errors.LockNotAvailable, psycopg.errors.QueryCanceled):
            pass  # slow, and the next question will show why
        except AWAY:
            self._hang_up()
        except psycopg.Error as fault:
            log.error("database_stores_nothing", fault=type(fault).__name__)
            self.state.unwritable = STORES_NOTHING
        else:
            self.state.unwritable = ""


def full_folders() -> list[str]:
    """The folders of e-mails, of the downtime pack and of uploads that have hardly any room left, by name."""
    folders = {
        "e-mails": settings.ENVIRONMENT.email_folder,
        "the downtime pack": settings.ENVIRONMENT.downtime_folder,
        # Python looks for another folder when the one that was given is full, and that is not what is asked here.
        "uploads": os.environ.get("TMPDIR") or tempfile.gettempdir(),
    }
    return [name for name, place in folders.items() if place and _is_full(Path(place))]


def _is_full(folder: Path) -> bool:
    with contextlib.suppress(OSError):  # a folder that is not there yet is not full
        return shutil.disk_usage(folder).free < LEAST_FREE
    return False
