"""The present instant for those who keep promises: a machine's clock that is wrong stops no page and sends none early.

The database's clock is the second opinion. Where the two differ, the monotonic clock of this process decides between
them, as far as it remembers a moment at which they agreed; without such a moment the database is right.
"""

import time
from datetime import datetime, timedelta

import structlog
from django.db import connection

from kernel.time import machine_time, now

AGREE = timedelta(seconds=5)
log = structlog.get_logger(__name__)
_agreed: tuple[datetime, float] | None = None  # the last instant of agreement, and its monotonic time


def present() -> datetime:
    """The present instant, after a look at the database's clock: one query."""
    global _agreed
    machine, began = machine_time(), time.monotonic()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (database,) = cursor.fetchone()
    waited = timedelta(seconds=time.monotonic() - began)
    if -AGREE <= database - machine <= AGREE + waited:
        _agreed = (database, time.monotonic())
        return now()
    true = _likelier(machine + waited, database)
    log.error("clocks_differ", seconds=(machine - database).total_seconds(), used_database=true is database)
    return now(ahead_by=machine_time() - true)


def _likelier(machine: datetime, database: datetime) -> datetime:
    if _agreed is None:
        return database
    instant, moment = _agreed
    expected = instant + timedelta(seconds=time.monotonic() - moment)
    return min(database, machine, key=lambda shown: abs(shown - expected))
