"""Saving clinical rows, with the instant, the person and the ledger number in their history."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVar

from django.contrib.auth import get_user_model
from django.db import models

from kernel.actors import Actor

Row = TypeVar("Row", bound=models.Model)


def keep(row: Row, *, line: int, by: Actor, at: datetime, fields: list[str] | None = None) -> Row:
    """Save a row with its history and return it; `line` is the ledger line of the act."""
    _sign(row, line=line, by=by, at=at)
    row.save(update_fields=fields)
    return row


def save_before_its_line(row: models.Model, *, fields: Sequence[str] | None = None) -> None:
    """Save a row without history: its act has no ledger line yet, or changes nothing that anybody decided."""
    with_history: Any = row
    with_history.save_without_historical_record(update_fields=fields)


def forget(row: models.Model, *, line: int, by: Actor, at: datetime) -> None:
    """Delete a row; its history stays."""
    _sign(row, line=line, by=by, at=at)
    row.delete()


def _sign(row: Any, *, line: int, by: Actor, at: datetime) -> None:
    """Set the attributes that simple-history reads when it writes the row of history."""
    row._history_date, row._change_reason = at, f"ledger {line}"
    row._history_user = get_user_model()(pk=by.user_id) if by.user_id else None


def add_all(rows: Sequence[models.Model], *, lines: Sequence[int], by: Actor, at: datetime) -> None:
    """Add many rows of one table with their history, each with its ledger line: two statements."""
    if not rows:
        return
    for row, line in zip(rows, lines, strict=True):
        _sign(row, line=line, by=by, at=at)
    table: Any = type(rows[0])
    table.objects.bulk_create(rows)
    table.history.bulk_history_create(rows, default_date=at)


def keep_all(rows: Sequence[models.Model], *, at: datetime, fields: Sequence[str]) -> None:
    """Write fields of many rows of one table, locked by the caller, with their history: two statements.

    For acts of the service itself, whose ledger lines name the cases of the rows.
    """
    if not rows:
        return
    table: Any = type(rows[0])
    table.objects.bulk_create(rows, update_conflicts=True, unique_fields=["id"], update_fields=list(fields))
    table.history.bulk_history_create(rows, update=True, default_date=at)
