"""What one act has collected so far, to be written together: see `ledger.transaction`."""

import time
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, models

from kernel.actors import Actor
from ledger.facts import Facts
from ledger.kinds import Kind

WITNESS_SECONDS = 5.0  # how long the database's time is reused within one act


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEntry:
    """The content of a line to write. `facts` are codes, numbers and instants, never text that a person wrote:
    such text stays in the case record, and the ledger gets only its hash. They are of the type of their kind.
    """

    kind: Kind
    case: int | None = None
    facts: Facts = field(default_factory=Facts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A line without a number yet: who acts, when, and what to do with the number."""

    entry: NewEntry
    by: Actor
    at: datetime
    then: Callable[[int], None]


@dataclass(slots=True, kw_only=True)
class Unit:
    """The open act: ends of the chains that it has locked, lines, rows of history, and rows that rooms above keep."""

    savepoints: int
    ends: dict[str, tuple[int, str]] = field(default_factory=dict)
    drafts: list[Draft] = field(default_factory=list)
    histories: list[tuple[models.Model, Any]] = field(default_factory=list)
    rooms: dict[str, Any] = field(default_factory=dict)
    at_end: list[Callable[[], None]] = field(default_factory=list)
    _witnessed_at: datetime | None = None
    _read_at: float = 0.0

    def witness(self, instant: datetime) -> None:
        """Remember the database's time."""
        self._witnessed_at, self._read_at = instant, time.monotonic()

    @property
    def witnessed_at(self) -> datetime | None:
        """The database's time, if it was read just now."""
        return self._witnessed_at if time.monotonic() - self._read_at < WITNESS_SECONDS else None


open_unit: ContextVar[Unit | None] = ContextVar("unit", default=None)


def depth() -> int:
    """How many savepoints are open."""
    return sum(savepoint is not None for savepoint in connection.savepoint_ids)


def current() -> Unit | None:
    """The open act; None outside one.

    Also None inside a savepoint within the act: the savepoint may be rolled back, so what happens there is written
    there, and the ends of chains are read again.
    """
    unit = open_unit.get()
    if unit is not None and depth() > unit.savepoints:
        unit.ends.clear()
        return None
    return unit
