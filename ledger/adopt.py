"""Binding the rows of a database that an earlier version filled, once for each table."""

from datetime import datetime

from django.db import connection, connections, transaction
from django.db.backends.utils import CursorWrapper

from kernel.actors import SERVICE
from ledger.append import SEAL_LOCK, append
from ledger.facts import RecordsBound
from ledger.forms import bound_tables, forms, history_of
from ledger.kinds import Kind
from ledger.records import content_of, key_of

OWNER = "owner"  # the connection that may write bindings


def adopt(*, at: datetime) -> int:
    """Bind every row of the tables that were never bound, under a line that counts them; how many rows there were.

    As the owner: nobody else writes bindings. A table is adopted once, so that a row put in later is never bound by this.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT jsonb_object_keys(facts -> 'rows') FROM ledger_line WHERE kind = %s",
                [str(Kind.RECORDS_BOUND)],
            )
            known = {name for (name,) in cursor.fetchall()}
            rows = {table: _unbound(cursor, table) for table in bound_tables() if table not in known}
        rows = {table: count for table, count in rows.items() if count}
        if not rows:
            return 0
        line = append(Kind.RECORDS_BOUND, by=SERVICE, at=at, facts=RecordsBound(rows=rows))
        with transaction.atomic(using=OWNER), connections[OWNER].cursor() as cursor:
            cursor.execute("SET LOCAL TimeZone = 'UTC'")
            cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [SEAL_LOCK])
            for table in rows:
                _bind(cursor, table, line)
    return sum(rows.values())


def _unbound(cursor: CursorWrapper, table: str) -> int:
    """How many rows a table has, if none of them was ever bound."""
    cursor.execute("SELECT EXISTS (SELECT FROM ledger_binding WHERE source = %s)", [table])
    if cursor.fetchone()[0]:
        return 0
    cursor.execute(f"SELECT count(*) FROM {history_of(table) or table}")
    return int(cursor.fetchone()[0])


def _bind(cursor: CursorWrapper, table: str, line: int) -> None:
    source, form = history_of(table) or table, len(forms()[history_of(table) or table])
    history = "stored.history_id" if history_of(table) else "NULL"
    cursor.execute(
        f"""INSERT INTO ledger_binding (source, record, history, operation, line, form, at, hash, salt)
            SELECT %s, stored.{key_of(table)}::text, {history}, '=', %s, %s, clock_timestamp(),
                   ledger_content_hash({content_of(source)}, salts.salt), salts.salt
            FROM {source} stored, LATERAL (SELECT gen_random_uuid() AS salt, stored.{key_of(table)}) salts""",
        [table, line, form],
    )
