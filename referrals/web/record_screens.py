"""The record of a case, group by group, with earlier values and who gave them; ready to print."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kernel.actors import Actor, Role
from kernel.time import near
from referrals.case.models import Detail, Referral
from referrals.case.record import details_of, record_values
from referrals.intake.fields import FieldSpec
from referrals.intake.record_fields import GROUPS, RecordGroup
from referrals.web.coordinator.record_lines import value_in_words
from referrals.web.inputs import field_of
from webkit.attempt import Attempt
from webkit.forms import Form
from webkit.inputs import Input
from webkit.typed import Typed

Errors = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldScreen:
    """One field: its input, who gave the present value, and the values before it."""

    input: Input
    source: str
    earlier: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupScreen:
    slug: str
    title: str
    hint: str
    filled: str
    fields: Sequence[FieldScreen]
    open: bool
    shown: str
    problems: Sequence[tuple[str, str]]


def group_screens(
    case: Referral,
    *,
    by: Actor,
    at: datetime,
    failed: str = "",
    typed: Typed | None = None,
    errors: Errors | None = None,
) -> tuple[GroupScreen, ...]:
    """Every group that this reader may fill in: one query for all of them."""
    details = details_of(case)
    values = record_values(case, details)
    return tuple(
        _group(
            group,
            values,
            details,
            at=at,
            typed=typed if group.slug == failed else None,
            errors=errors or {} if group.slug == failed else {},
        )
        for group in GROUPS
        if by.role == Role.COORDINATOR or not group.by_coordinator
    )


def _group(
    group: RecordGroup,
    values: Mapping[str, Any],
    details: Mapping[str, list[Detail]],
    *,
    at: datetime,
    typed: Typed | None,
    errors: Errors,
) -> GroupScreen:
    answered_count = sum(not _is_open(spec, values[spec.path]) for spec in group.fields)
    form = Form(
        Attempt(typed=typed or {}, errors=errors),
        fields={spec.path: field_of(spec.path, label=spec.label) for spec in group.fields},
        initial={spec.path: values[spec.path] for spec in group.fields} if typed is None else None,
    )
    return GroupScreen(
        slug=group.slug,
        title=group.title,
        hint=group.hint,
        filled=f"{answered_count} of {len(group.fields)}",
        fields=tuple(
            _field(form.input(spec.path), details.get(spec.path, []), at=at) for spec in group.fields
        ),
        open=typed is not None,
        shown=json.dumps({spec.path: values[spec.path] for spec in group.fields}),
        problems=form.problems,
    )


def _is_open(spec: FieldSpec, value: Any) -> bool:
    return value is None or value is False or value in ("", [], "not_assessed", "unknown", "9")


def _field(entry: Input, rows: list[Detail], *, at: datetime) -> FieldScreen:
    return FieldScreen(
        input=entry,
        source=f"{rows[0].by_name}, {near(rows[0].at, at=at)}" if rows else "",
        earlier=tuple(
            f"{value_in_words(entry.name, row.value)}: {row.by_name}, {near(row.at, at=at)}"
            for row in rows[1:]
        ),
    )
