"""Saving clinical rows, with the instant, the person and the ledger number in their history."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVar

from django.contrib.auth import get_user_model
from django.db import models

from kernel.actors import SERVICE, Actor
from ledger.insert import insert, insert_together, update
from ledger.unit import Unit, current

Row = TypeVar("Row", bound=models.Model)


def keep(row: Row, *, line: int, by: Actor, at: datetime, fields: list[str] | None = None) -> Row:
    """Save a row with its history and return it; `line` is the ledger line of the act.

    Within an act the row is saved at once and its history, as it is now, at the end.
    """
    unit = current()
    has_own_key = row._state.adding and row.pk is not None  # only saving it shows whether it is new
    if unit is None or has_own_key:
        _sign(row, line=line, by=by, at=at)
        _save(row, fields)
        return row
    is_new = row._state.adding
    _save_alone(row, fields)
    unit.histories.append((row, history_of(row, line=line, is_new=is_new, by=by, at=at)))
    return row


def keep_new(*rows: models.Model, line: int, by: Actor, at: datetime) -> None:
    """Add rows of different tables, in this order, with their history, inside an act. The caller may have drawn their numbers."""
    unit = current()
    assert unit is not None, "only an act adds these"
    insert_together([[row] for row in rows])
    unit.histories += [(row, history_of(row, line=line, is_new=True, by=by, at=at)) for row in rows]


def _save_alone(row: Any, fields: list[str] | None) -> None:
    """Save a row; simple-history leaves it alone."""
    row.skip_history_when_saving = True
    try:
        _save(row, fields)
    finally:
        del row.skip_history_when_saving


def _save(row: models.Model, fields: list[str] | None) -> None:
    """Save a row. One that was stored and has been deleted since does not come back: a fault of whoever has not locked it."""
    is_stored = not row._state.adding and fields is None
    row.save(update_fields=fields, force_update=is_stored)


def history_of(row: models.Model, *, line: int | None, is_new: bool, by: Actor, at: datetime) -> Any:
    """The unsaved row of history of a row as it is now. Its reason is set later where `line` is None."""
    table = vars(row._meta.model)["history"].model  # `type` of a lazily read user is not its model
    return table(
        history_date=at,
        history_user_id=by.user_id or None,
        history_change_reason=None if line is None else reason(line),
        history_type="+" if is_new else "~",
        **{field.attname: _copy(getattr(row, field.attname)) for field in table.tracked_fields},
    )


def reason(line: int) -> str:
    """The reason in a row of history: the ledger line."""
    return f"ledger {line}"


def _copy(value: Any) -> Any:
    """The value as it is now: JSON may be changed in place later in the act."""
    return json.loads(json.dumps(value)) if isinstance(value, dict | list) else value


def write_histories(unit: Unit) -> None:
    """Write the rows of history that an act collected, all tables at once."""
    by_table: dict[type[models.Model], list[Any]] = {}
    for row, history in unit.histories:
        setattr(history, row._meta.pk.attname, row.pk)  # new rows may have got their number since
        by_table.setdefault(type(history), []).append(history)
    insert_together(list(by_table.values()))
    unit.histories.clear()


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
    row._history_date, row._change_reason = at, reason(line)
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
    save_all(rows, fields=fields)
    insert([history_of(row, line=None, is_new=False, by=SERVICE, at=at) for row in rows])


def save_all(rows: Sequence[models.Model], *, fields: Sequence[str]) -> None:
    """Write fields of many stored rows of one table, locked by the caller, without their history: one statement."""
    update(rows, fields=tuple(fields))
