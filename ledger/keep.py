"""Saving a clinical row so that its history carries the instant, the person and the ledger number."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.db import models

from kernel.actors import Actor


def keep(row: models.Model, *, line: int, by: Actor, at: datetime, fields: list[str] | None = None) -> Any:
    """Save a row with history; `line` is the ledger line of the act that changes it."""
    _sign(row, line=line, by=by, at=at)
    row.save(update_fields=fields)
    return row


def forget(row: models.Model, *, line: int, by: Actor, at: datetime) -> None:
    """Delete a row; its history stays."""
    _sign(row, line=line, by=by, at=at)
    row.delete()


def _sign(row: Any, *, line: int, by: Actor, at: datetime) -> None:
    """What simple-history reads when it writes the row of history."""
    row._history_date, row._change_reason = at, f"ledger {line}"
    row._history_user = get_user_model()(pk=by.user_id) if by.user_id else None


def add_all(rows: Sequence[models.Model], *, lines: Sequence[int], by: Actor, at: datetime) -> None:
    """Add many rows of one table with their history, each with the ledger line beside it: two statements."""
    if not rows:
        return
    for row, line in zip(rows, lines, strict=True):
        _sign(row, line=line, by=by, at=at)
    table: Any = type(rows[0])
    table.objects.bulk_create(rows)
    table.history.bulk_history_create(rows, default_date=at)


def keep_all(rows: Sequence[models.Model], *, at: datetime, fields: Sequence[str]) -> None:
    """Write fields of many rows of one table, held by the caller, with their history: two statements.

    For what the service does by itself, whose ledger lines name the rows' cases.
    """
    if not rows:
        return
    table: Any = type(rows[0])
    table.objects.bulk_create(rows, update_conflicts=True, unique_fields=["id"], update_fields=list(fields))
    table.history.bulk_history_create(rows, update=True, default_date=at)
