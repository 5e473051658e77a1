"""Deleting a record by law, with the line that says so. There is no other way to delete one."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection

from kernel.actors import Actor
from ledger.append import append
from ledger.facts import RecordErased
from ledger.kinds import Kind


def erase(
    records: Sequence[tuple[str, int]],
    *,
    case: int | None,
    because: str,
    keep_rows: bool = False,
    by: Actor,
    at: datetime,
) -> int:
    """Delete records, their history and the salts that bind them; the ledger line of it. `because` is a code.

    A record is a table and a number. With `keep_rows` the rows stay, and the caller empties them with this line.
    Within the transaction of the act. The database refuses to delete a record that another one names.
    """
    erased = [f"{table} {number}" for table, number in records]
    facts = RecordErased(erased=erased, because=because)
    line = append(Kind.RECORD_ERASED, by=by, at=at, case=case, facts=facts)
    with connection.cursor() as cursor:
        for table, number in records:
            cursor.execute("SELECT ledger_erase(%s, %s, %s, %s)", [line, table, number, keep_rows])
    return line
