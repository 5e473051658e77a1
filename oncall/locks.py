"""Work that one process does at a time, so that a slow outside server holds up one worker and no sweep."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

DELIVERING, TELLING, SCANNING = 0xDE11, 0xDE12, 0xDE13
BRIEF = "SET lock_timeout = '1s'; SET idle_in_transaction_session_timeout = '2s'"
AS_BEFORE = "RESET lock_timeout; RESET idle_in_transaction_session_timeout"


@contextmanager
def alone(work: int, lane: int = 0) -> Iterator[bool]:
    """Whether this process has the work in this lane to itself; locked until the block or the process ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [work, lane])
        (mine,) = cursor.fetchone()
        try:
            yield mine
        finally:
            if mine:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [work, lane])


@contextmanager
def brief() -> Iterator[None]:
    """Inside a transaction: wait a second for each lock, and lose all locks after two in which this process is silent.

    Whoever freezes in the middle then holds up nobody else for longer. When the block fails, the rollback ends the limits.
    """
    with connection.cursor() as cursor:
        cursor.execute(BRIEF)
    yield
    with connection.cursor() as cursor:
        cursor.execute(AS_BEFORE)
