"""Work that one process does at a time, so that a slow outside server holds up one worker and no sweep."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

DELIVERING, TELLING, SCANNING, CALLING = 0xDE11, 0xDE12, 0xDE13, 0xDE14


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
