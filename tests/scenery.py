"""The scene as rows: built by the real use cases, then loaded whole for the tests that follow in this process.

A test wants the scene, not its making, which takes ten times as long. It is made anew in every minute nevertheless:
the ledger takes no line that was witnessed a minute ago.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic

from django.apps import apps
from django.db import connection, transaction

GOOD_FOR = timedelta(seconds=40)
BY_TRIGGER = "ledger_binding"  # the database writes it anew as the rows are loaded
OF_DJANGO = frozenset({"auth_permission", "django_content_type"})  # filled by migrations


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What was written into empty tables."""

    at: datetime
    made: float
    rows: dict[str, bytes]

    @property
    def is_fresh(self) -> bool:
        return monotonic() - self.made < GOOD_FOR.total_seconds()

    def fits(self, at: datetime) -> bool:
        """Set for this instant, or some seconds before it with the same shifts, which change on the hour."""
        return self.is_fresh and timedelta() <= at - self.at < GOOD_FOR and at.hour == self.at.hour


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
    if kept is not None and len(_empty_among(list(kept.rows))) == len(kept.rows):
        _load(kept)
        return
    tables = [model._meta.db_table for model in apps.get_models(include_auto_created=True)]
    empty, began = _empty_among(tables), monotonic()
    build()
    if set(tables) - set(empty) <= OF_DJANGO:
        filled = set(empty) - set(_empty_among(empty)) - {BY_TRIGGER}
        made = Scene(at=at, made=began, rows={table: _rows_of(table) for table in sorted(filled)})
        _kept[:] = [made, *(scene for scene in _kept if scene.is_fresh)]


def _empty_among(tables: list[str]) -> list[str]:
    looks = " UNION ALL ".join(
        f"SELECT '{table}' WHERE NOT EXISTS (SELECT FROM \"{table}\")" for table in tables
    )
    with connection.cursor() as cursor:
        cursor.execute(looks)
        return [table for (table,) in cursor.fetchall()]


def _rows_of(table: str) -> bytes:
    with connection.cursor() as cursor, cursor.copy(f'COPY "{table}" TO STDOUT') as rows:
        return b"".join(rows)


@transaction.atomic
def _load(scene: Scene) -> None:
    """As the web role, so that every trigger has its say. No sequence ever goes back to these rows' numbers."""
    with connection.cursor() as cursor:
        for table, content in scene.rows.items():
            with cursor.copy(f'COPY "{table}" FROM STDIN') as rows:
                rows.write(content)
