"""Work that one process does at a time, so that a slow outside server holds up one worker and no sweep.

The lock belongs to an open transaction on its own connection. A lock of the session would stick behind PgBouncer
in transaction mode: the next statement may go to another session, and nobody could let go of it.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress

import structlog
from django.db import Error, connection

DELIVERING, TELLING, SCANNING, CALLING, PACKING = 0xDE11, 0xDE12, 0xDE13, 0xDE14, 0xDE15
LONGEST = (
    90  # seconds that a process holds a lock: a turn of half a minute and its last page, or a frozen process
)
BRIEF = "SET lock_timeout = '1s'; SET idle_in_transaction_session_timeout = '2s'"
SILENT = 1.5  # seconds after which a process that holds the lock of a due clock is taken to be frozen
# Sessions of this role that say nothing while they hold rows or a chain. Those of `alone` hold a lock of two numbers.
CUT_OFF = """
SELECT pid, pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()
    AND state LIKE 'idle in transaction%%' AND state_change < clock_timestamp() - make_interval(secs => %s)
    AND (backend_xid IS NOT NULL OR EXISTS (
        SELECT FROM pg_locks WHERE pg_locks.pid = pg_stat_activity.pid
        AND locktype = 'advisory' AND objsubid = 1 AND mode = 'ExclusiveLock'))
"""
AS_BEFORE = "RESET lock_timeout; RESET idle_in_transaction_session_timeout"
log = structlog.get_logger(__name__)


@contextmanager
def alone(work: int, lane: int = 0) -> Iterator[bool]:
    """Whether this process has the work in this lane to itself, until the block or the process ends; 90 seconds at most."""
    with closing(connection.copy()) as holder:
        holder.set_autocommit(False)
        with holder.cursor() as cursor:
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = %s", [f"{LONGEST}s"])
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [work, lane])
            (mine,) = cursor.fetchone()
        try:
            yield mine
        finally:
            with suppress(Error):  # a connection that is gone holds nothing
                holder.rollback()


@contextmanager
def brief() -> Iterator[None]:
    """Inside a transaction: wait a second for each lock, and lose all locks after two in which this process is silent.

    A process that freezes in the middle then holds up others no longer than that. When the block fails, the rollback ends the limits.
    """
    with connection.cursor() as cursor:
        cursor.execute(BRIEF)
    yield
    with connection.cursor() as cursor:
        cursor.execute(AS_BEFORE)


def cut_off_the_silent() -> int:
    """End every session that holds locks in a transaction and has been silent; how many.

    Only for a sweep that could not get a due clock: a frozen process then holds it up
    for two seconds and not for as long as its own limit allows. What that session had not committed is undone.
    """
    with connection.cursor() as cursor:
        cursor.execute(CUT_OFF, [SILENT])
        pids = [pid for pid, _ in cursor.fetchall()]
    if pids:
        log.error("silent_sessions_ended", sessions=pids)
    return len(pids)
