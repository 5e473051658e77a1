"""The scene as rows: built by the real use cases once in a process, then loaded whole for the tests that follow.

A test wants the scene, not its making, which takes five times as long. The ledger takes no line that was witnessed a
minute ago: the lines of a kept scene are witnessed anew, and bound into their chains as the product binds them.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.apps import apps
from django.db import connection, transaction

from kernel.time import london_date
from ledger.append import GENESIS, hash_of

LINES = "ledger_line"
BY_TRIGGER = "ledger_binding"  # the database writes it anew as the rows are loaded
BEFORE_ANY_SCENE = frozenset({"auth_permission", "django_content_type", "oncall_heartbeat"})  # by migrations
OF_THE_ACT = frozenset({"at", "history_date"})  # the columns that hold the instant for which the scene is set


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """What was written into one table, as COPY writes it."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def content(self, **anew: dict[str, str]) -> str:
        """The rows as COPY reads them; `anew` has by column the text that stands for another."""
        places = [(self.columns.index(name), texts) for name, texts in anew.items()]
        lines = [list(row) for row in self.rows]
        for place, texts in places:
            for line in lines:
                line[place] = texts.get(line[place], line[place])
        return "".join("\t".join(line) + "\n" for line in lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What was written into empty tables for an instant."""

    at: datetime
    tables: tuple[Table, ...]
    lines: tuple[Any, ...]  # the rows of the ledger, the oldest first

    def fits(self, at: datetime) -> bool:
        """Whether the same people have the same shifts: those change on the hour."""
        return at.hour == self.at.hour and london_date(at) == london_date(self.at)


@contextmanager
def undone() -> Iterator[None]:
    """What happens inside a test is undone at the end, so that one scene serves several examples."""
    block = transaction.atomic()
    block._from_testcase = True  # an act is durable inside it, as in the transaction of a test
    with block:
        yield
        transaction.set_rollback(True)


_kept: list[Scene] = []


def set_once(build: Callable[[], None], *, at: datetime) -> None:
    """Load a kept scene that fits; without one, build it, and keep what was written if all was empty before."""
    kept = next((scene for scene in _kept if scene.fits(at)), None)
    if kept is not None and len(empty_among([table.name for table in kept.tables])) == len(kept.tables):
        _load(kept, at=at)
        return
    tables = [model._meta.db_table for model in apps.get_models(include_auto_created=True)]
    empty = empty_among(tables)
    build()
    if kept is None and set(tables) - set(empty) <= BEFORE_ANY_SCENE:
        filled = set(empty) - set(empty_among(empty)) - {BY_TRIGGER}
        lines = apps.get_model("ledger", "Line").objects.order_by("id")
        _kept.append(
            Scene(at=at, tables=tuple(_written(table) for table in sorted(filled)), lines=tuple(lines))
        )


def empty_among(tables: list[str]) -> list[str]:
    """Which of some tables have no row: one query."""
    looks = " UNION ALL ".join(
        f"SELECT '{table}' WHERE NOT EXISTS (SELECT FROM \"{table}\")" for table in tables
    )
    with connection.cursor() as cursor:
        cursor.execute(looks)
        return [table for (table,) in cursor.fetchall()]


def _written(table: str) -> Table:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT * FROM "{table}" LIMIT 0')
        columns = tuple(column.name for column in cursor.description)
        with cursor.copy(f'COPY "{table}" TO STDOUT') as copied:
            text = b"".join(copied).decode()
    rows = tuple(tuple(line.split("\t")) for line in text.splitlines())
    return Table(name=table, columns=columns, rows=rows)


@transaction.atomic
def _load(scene: Scene, *, at: datetime) -> None:
    """As the web role, so that every trigger has its say. No sequence ever goes back to these rows' numbers."""
    moved = {_stored(scene.at): _stored(at)} if at != scene.at else {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (witnessed_at,) = cursor.fetchone()
        for table in scene.tables:
            anew = {name: moved for name in table.columns if name in OF_THE_ACT} if moved else {}
            if table.name == LINES:
                anew |= _bound_anew(scene.lines, {scene.at: at}, witnessed_at)
            with cursor.copy(f'COPY "{table.name}" FROM STDIN') as copied:
                copied.write(table.content(**anew))


def _bound_anew(
    lines: tuple[Any, ...], moved: dict[datetime, datetime], witnessed_at: datetime
) -> dict[str, dict[str, str]]:
    """What changes in the ledger's columns when these lines are witnessed at another instant."""
    ends: dict[str, str] = {}
    hashes = {GENESIS: GENESIS}
    for line in lines:
        old = line.hash
        bound = copy(line)
        bound.at, bound.witnessed_at = moved.get(line.at, line.at), witnessed_at
        bound.previous_hash = ends.get(line.chain, GENESIS)
        hashes[old] = ends[line.chain] = hash_of(bound)
    witnessed = {_stored(line.witnessed_at): _stored(witnessed_at) for line in lines}
    return {"witnessed_at": witnessed, "previous_hash": hashes, "hash": hashes}


def _stored(instant: datetime) -> str:
    """An instant as PostgreSQL writes it in UTC."""
    fraction = f".{instant.microsecond:06d}".rstrip("0") if instant.microsecond else ""
    return f"{instant.astimezone(UTC):%Y-%m-%d %H:%M:%S}{fraction}+00"
