"""The backend that settings name. A wait ends after the limit of the role, and at once when the database is away."""

import time
from collections.abc import Generator
from typing import Any

import psycopg
from django.db.backends.postgresql import base
from psycopg import IsolationLevel

from mscc.postgresql import limits
from mscc.postgresql.state import database

GONE = "the database does not answer"
READ_ONLY = "the database stores nothing: it is read-only"
ALONE = "stored by the primary alone: its synchronous standby did not confirm it"
STANDBY_NOT_AWAITED = (
    "SyncRepWaitForLSN"  # the function of PostgreSQL that warns; its words depend on the language
)


class Connection(psycopg.Connection[Any]):
    """A connection that gives up: PostgreSQL's own limits do not help when PostgreSQL itself has stopped."""

    patience: float | None = None
    heeds_the_pulse = True
    is_alone = False

    def wait(self, gen: Any, *args: Any, **kwargs: Any) -> Any:
        """As psycopg does. OperationalError, and a closed connection, when no answer comes; OperationalError when the
        database is read-only, or gave up its wait for the standby that has to confirm what is stored.
        """
        self.is_alone = False
        try:
            result = super().wait(self._bounded(gen), *args, **kwargs)
        except psycopg.errors.ReadOnlySqlTransaction:
            raise psycopg.OperationalError(READ_ONLY) from None
        if self.is_alone:
            raise psycopg.OperationalError(ALONE)
        return result

    def hear(self, notice: psycopg.errors.Diagnostic) -> None:
        """Hear PostgreSQL's notices: it reports a commit as a success although no standby has confirmed it."""
        self.is_alone = self.is_alone or notice.source_function == STANDBY_NOT_AWAITED

    def _bounded(self, gen: Any) -> Generator[Any, Any, Any]:
        ends = time.monotonic() + self.patience if self.patience else None
        try:
            wanted = next(gen)
            while True:
                ready = yield wanted
                if not ready and self._is_over(ends):
                    self.pgconn.finish()
                    if self.heeds_the_pulse:
                        database.miss()
                    raise psycopg.OperationalError(GONE)
                wanted = gen.send(ready)
        except StopIteration as end:
            return end.value

    def _is_over(self, ends: float | None) -> bool:
        is_late = ends is not None and time.monotonic() > ends
        return is_late or (self.heeds_the_pulse and database.away)


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's own, with the limits of the role on every connection and none opened while the database is away."""

    def get_connection_params(self) -> dict[str, Any]:
        """As Django's, with the limits of this thread or process. A pooler sets the limits itself: it refuses options."""
        given = super().get_connection_params()
        options = f"{given.pop('options', '')} {limits.current().options}".strip()
        return {**limits.NETWORK, **given, **({} if self.is_pooled else {"options": options})}

    @property
    def is_pooled(self) -> bool:
        """Whether a pooler in transaction mode is in front of PostgreSQL, as DATABASE_POOLER says."""
        return bool(self.settings_dict.get("POOLED"))

    def get_new_connection(self, conn_params: dict[str, Any]) -> Connection:
        """OperationalError at once while the database is away."""
        if database.away:
            raise psycopg.OperationalError(GONE)
        self.isolation_level = IsolationLevel.READ_COMMITTED
        try:
            connection = Connection.connect(**conn_params)
        except psycopg.errors.ConnectionTimeout:
            database.miss()
            raise
        connection.patience = limits.current().patience
        connection.add_notice_handler(connection.hear)
        return connection
