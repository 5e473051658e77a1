"""Checks that every bound row, and every row of history, is as it was bound, and that none is missing or added.

The database compares: it hashes the rows as they are now in the way in which it hashed them when they were stored. It
does so in parts, so that no statement of a large service reaches the time limit.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper

from ledger.fault import Fault
from ledger.forms import HISTORY_COLUMNS, LINELESS, LOOSE, TAKEN_AWAY, bound_tables, forms, history_of

PROMPTLY = "5 minutes"  # a row is stored within this time of its line, in one transaction
PART, PART_OF_BINDINGS, PART_OF_FILES = 20_000, 20_000, 50  # keys that one statement compares
FEW = 20  # faults of one kind in one table are named; more would say no more


def verify_rows(*, tables: Iterable[str] | None = None) -> tuple[int, list[Fault]]:
    """How many bindings hold, and the faults, in every bound table or in some: see each check below."""
    with connection.cursor() as cursor:
        erased = _erased(cursor)
        faults = [
            fault
            for table in (bound_tables() if tables is None else tables)
            for fault in (
                *_bound_rows(cursor, table, erased),
                *_newest(cursor, table, erased),
                *_without_line(cursor, table),
                *_contents(cursor, table),
            )
        ]
        faults += _lines(cursor)
        cursor.execute("SELECT count(*) FROM ledger_binding")
        count = cursor.fetchone()[0]
    return count - len(faults), faults


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """Some rows of a table, by their key. The first part and the last are open, so that no key is in none."""

    after: int | None = None
    last: int | None = None

    def of(self, column: str) -> str:
        """The condition that a column holds a key of this part."""
        bounds = ((">", self.after), ("<=", self.last))
        return " AND ".join(f"{column} {sign} {key}" for sign, key in bounds if key is not None) or "TRUE"


def _parts(cursor: CursorWrapper, table: str, column: str, *, size: int | None = None) -> Iterator[_Part]:
    """The parts of a table by a column of numbers; the whole of a table whose keys are words: those are small.

    Rows are counted, not numbers: one row far ahead of the others would make parts without end.
    """
    first = None
    while True:
        above = f"WHERE {column} > {first}" if first is not None else ""
        cursor.execute(
            f"SELECT {column} FROM {table} {above} ORDER BY {column} OFFSET {(size or PART) - 1} LIMIT 1"
        )
        row = cursor.fetchone()
        last = row[0] if row and isinstance(row[0], int) else None
        yield _Part(after=first, last=last)
        if last is None:
            return
        first = last


def _erased(cursor: CursorWrapper) -> frozenset[str]:
    """The records that a line says are deleted by law, as “table number”."""
    cursor.execute(
        "SELECT DISTINCT jsonb_array_elements_text(facts -> 'erased') FROM ledger_line WHERE kind = 'record_erased'"
    )
    return frozenset(name for (name,) in cursor.fetchall())


def _bound_rows(cursor: CursorWrapper, table: str, erased: frozenset[str]) -> Iterator[Fault]:
    """Each row of history, or each row without one, beside its binding."""
    history = history_of(table)
    source, key = history or table, key_of(table)
    column = "history_id" if history else key
    rows = [row for part in _parts(cursor, source, column) for row in _differing(cursor, table, part)]
    part = "a row of history" if history else "the record"
    for bound, stored, line in rows[:FEW]:
        name = f"{table} {bound or stored}"
        if bound is None:
            yield Fault(line=line, why=f"{part} of {name} was added and is not bound")
        elif stored is not None:
            yield Fault(line=line, why=f"{part} of {name} was changed afterwards")
        elif name not in erased:
            yield Fault(line=line, why=f"{part} of {name} is missing, and no line says that it was deleted")
    if not history and table not in TAKEN_AWAY:
        yield from _taken_away(cursor, table, erased)


def _differing(cursor: CursorWrapper, table: str, part: _Part) -> list[tuple[Any, Any, int | None]]:
    """The first rows of a part that differ from their binding, or have none, as key bound, key stored, and line."""
    history = history_of(table)
    source, key = history or table, key_of(table)
    rows = f"SELECT * FROM {source} WHERE {part.of('history_id' if history else key)}"
    bindings = (
        f"SELECT * FROM ledger_binding WHERE source = %s AND history IS NOT NULL AND {part.of('history')}"
        if history
        else "SELECT DISTINCT ON (record) * FROM ledger_binding"
        f" WHERE source = %s AND {part.of(_NUMBER)} ORDER BY record, id DESC"
    )
    meets = "bound.history = stored.history_id" if history else f"bound.record = stored.{key}::text"
    content = f"to_jsonb(stored) - {_left_out(source)}"
    differs = (
        "bound.operation NOT IN (stored.history_type, '=') OR" if history else "bound.operation = '-' OR"
    )
    cursor.execute(
        f"""SELECT bound.record, stored.{key}::text, coalesce(bound.line, ledger_line_of(to_jsonb(stored)))
            FROM ({rows}) stored FULL JOIN ({bindings}) bound ON {meets}
            WHERE bound.id IS NULL OR (stored.{key} IS NULL AND bound.operation <> '-')
               OR (stored.{key} IS NOT NULL AND (bound.record <> stored.{key}::text OR {differs}
                   bound.line IS DISTINCT FROM ledger_line_of(to_jsonb(stored)) AND bound.operation <> '='
                   OR bound.salt IS NULL OR bound.hash <> ledger_content_hash({content}, bound.salt)))
            ORDER BY 3, bound.id LIMIT {FEW}""",
        [table],
    )
    return list(cursor.fetchall())


# The key in a binding as a number; what is none counts as the lowest, so that it is compared and found to be too much.
_NUMBER = "(CASE WHEN record ~ '^[0-9]{1,18}$' THEN record::bigint ELSE 0 END)"


def _taken_away(cursor: CursorWrapper, table: str, erased: frozenset[str]) -> Iterator[Fault]:
    cursor.execute(
        "SELECT record, line FROM ledger_binding WHERE source = %s AND operation = '-' LIMIT 1000", [table]
    )
    for record, line in cursor.fetchall():
        if f"{table} {record}" not in erased:
            yield Fault(line=line, why=f"the record of {table} {record} was deleted without a line")


def _newest(cursor: CursorWrapper, table: str, erased: frozenset[str]) -> Iterator[Fault]:
    """Each row beside its newest row of history."""
    history = history_of(table)
    if history is None:
        return
    key, loose = key_of(table), LOOSE.get(table, {})
    columns, past = _columns(table), _columns(history)
    now = _array(column for column in columns if column in loose or column not in past)
    then = _array(column for column in past if column in loose or column not in columns)
    rows: list[Any] = []
    for part in _parts(cursor, history, key):
        cursor.execute(
            f"""SELECT coalesce(stored.{key}::text, newest.{key}::text), stored.{key} IS NULL, newest.{key} IS NULL,
                    newest.history_type = '-', ledger_line_of(coalesce(to_jsonb(newest), to_jsonb(stored)))
                FROM (SELECT * FROM {table} WHERE {part.of(key)}) stored FULL JOIN
                    (SELECT DISTINCT ON ({key}) * FROM {history} WHERE {part.of(key)}
                     ORDER BY {key}, history_id DESC) newest
                    ON newest.{key} = stored.{key}
                WHERE newest.{key} IS NULL OR (stored.{key} IS NULL) <> (newest.history_type = '-')
                   OR to_jsonb(stored) - {now} <> to_jsonb(newest) - {then}
                ORDER BY 5 LIMIT {FEW}"""
        )
        rows += cursor.fetchall()
    for record, is_missing, is_new, is_deleted, line in rows[:FEW]:
        name = f"{table} {record}"
        if is_new:
            yield Fault(line=line, why=f"the record of {name} was added and has no history")
        elif is_missing and name not in erased:
            yield Fault(
                line=line, why=f"the record of {name} is missing, and no line says that it was deleted"
            )
        elif is_deleted:
            yield Fault(line=line, why=f"the record of {name} was deleted, and is there again")
        elif not is_missing:
            yield Fault(line=line, why=f"the record of {name} was changed afterwards: its history differs")
    if table not in TAKEN_AWAY:
        cursor.execute(
            f"SELECT {key}::text, ledger_line_of(to_jsonb(past)) FROM {history} past WHERE history_type = '-'"
        )
        for record, line in cursor.fetchall():
            yield Fault(line=line, why=f"the record of {table} {record} was deleted without a line")


def _without_line(cursor: CursorWrapper, table: str) -> Iterator[Fault]:
    """Each row of history names its line, except one that changes nothing, such as of a sign-in."""
    history = history_of(table)
    if history is None or table in LINELESS:
        return
    own, key, rows = _array(HISTORY_COLUMNS), key_of(table), list[Any]()
    for part in _parts(cursor, history, key):
        cursor.execute(
            f"""SELECT key, history_id FROM (
                    SELECT {key}::text AS key, history_id, ledger_line_of(to_jsonb(past)) AS line,
                        to_jsonb(past) - {own} AS content,
                        lag(to_jsonb(past) - {own}) OVER (PARTITION BY {key} ORDER BY history_id) AS before
                    FROM {history} past WHERE {part.of(key)}) AS versions
                WHERE line IS NULL AND content IS DISTINCT FROM before ORDER BY history_id LIMIT {FEW}"""
        )
        rows += cursor.fetchall()
    for record, number in rows[:FEW]:
        yield Fault(line=None, why=f"version {number} of {table} {record} was written without a line")


def _contents(cursor: CursorWrapper, table: str) -> Iterator[Fault]:
    """A file is too large to be bound with its row: its row holds its hash."""
    if table != "referrals_attachment":
        return
    for part in _parts(cursor, table, "id", size=PART_OF_FILES):
        cursor.execute(
            "SELECT id, ledger_line FROM referrals_attachment"
            f" WHERE encode(sha256(content), 'hex') <> sha256 AND {part.of('id')}"
        )
        for record, line in cursor.fetchall():
            yield Fault(line=line, why=f"the content of {table} {record} was changed afterwards")


def _lines(cursor: CursorWrapper) -> list[Fault]:
    """Each binding beside its line."""
    rows: list[Any] = []
    for part in _parts(cursor, "ledger_binding", "id", size=PART_OF_BINDINGS):
        cursor.execute(
            f"""SELECT bound.source, bound.record, bound.line, line.id IS NULL
                FROM ledger_binding bound LEFT JOIN ledger_line line ON line.id = bound.line
                WHERE bound.operation <> '=' AND bound.line IS NOT NULL AND {part.of("bound.id")}
                  AND (line.id IS NULL OR abs(extract(epoch FROM bound.at - line.witnessed_at))
                       > extract(epoch FROM interval '{PROMPTLY}'))
                ORDER BY bound.id LIMIT {FEW}"""
        )
        rows += cursor.fetchall()
    return [
        Fault(line=line, why=f"a version of {source} {record} names this line, which does not exist")
        if is_missing
        else Fault(line=line, why=f"a version of {source} {record} was added to this line long after it")
        for source, record, line, is_missing in rows[:FEW]
    ]


def _left_out(source: str) -> str:
    """The columns that the form of a binding leaves out, as an expression: every column that it does not list."""
    columns = _columns(source)
    cases = [
        f"WHEN {number} THEN {_array(column for column in columns if column not in form)}"
        for number, form in enumerate(forms()[source], 1)
    ]
    return f"CASE bound.form {' '.join(cases)} END"


def content_of(source: str) -> str:
    """The content of a row named `stored` that is bound today, as an expression."""
    form = forms()[source][-1]
    return f"to_jsonb(stored) - {_array(column for column in _columns(source) if column not in form)}"


def _array(names: Iterable[str]) -> str:
    return f"'{{{','.join(names)}}}'::text[]"


@cache
def _columns(table: str) -> tuple[str, ...]:
    with connection.cursor() as cursor:
        return tuple(column.name for column in connection.introspection.get_table_description(cursor, table))


@cache
def key_of(table: str) -> str:
    """The column of the key of a table."""
    with connection.cursor() as cursor:
        return str(connection.introspection.get_primary_key_column(cursor, table))
