"""Work that only one process does at a time: a slow server outside holds one worker up, and no sweep."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

DELIVERING, TELLING, SCANNING = 0xDE11, 0xDE12, 0xDE13


@contextmanager
def alone(work: int, lane: int = 0) -> Iterator[bool]:
    """Whether nobody else does this work in this lane now; held until the block ends, or the process does."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [work, lane])
        (mine,) = cursor.fetchone()
        try:
            yield mine
        finally:
            if mine:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [work, lane])
