"""The content of a statement, field by field: read from the answers, and put in words. Pure."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from kernel.time import from_rfc3339, in_words, london_date, long_date
from referrals.intake.fields import FieldSpec, NotAllowed, Unreadable, plain
from referrals.intake.instants import fault_of_future, fault_of_future_day

Errors = dict[str, list[str]]
TWO_YEARS = timedelta(days=731)


def read(fields: Iterable[FieldSpec], answers: Mapping[str, Any], *, at: datetime) -> tuple[Any, Errors]:
    """The content by field name as JSON carries it, and every problem by field path. Its shape is one of `mdt.stored`.

    `answers` has JSON values by path. Empty values are left out. Only an instant of a planned field may be in the future.
    """
    content: dict[str, Any] = {}
    errors: Errors = {}
    for spec in fields:
        value = answers.get(spec.path)
        if value is None or value is False or value in ("", []):
            if spec.required:
                errors[spec.path] = [
                    f"Choose an answer to “{spec.label}”" if spec.codes else f"Fill in “{spec.label}”"
                ]
            continue
        try:
            result = spec.read(value)
        except (NotAllowed, Unreadable) as problem:
            errors[spec.path] = [str(problem)]
            continue
        may_be_ahead = spec.name.startswith("planned")
        if isinstance(result, datetime) and not may_be_ahead and (fault := fault_of_future(result, at=at)):
            errors[spec.path] = [fault]
        elif spec.kind == "date" and (wrong := _wrong_day(spec, result, at=at)):
            errors[spec.path] = [wrong]
        if result not in ("", []):
            content[spec.name] = plain(result)
    return content, errors


def _wrong_day(spec: FieldSpec, day: date, *, at: datetime) -> str:
    """The fault of a mistyped year, or of an assessment in the future."""
    today = london_date(at)
    if spec.name.endswith("assessed_on") and (
        fault := fault_of_future_day(day, on=today, ask="it was assessed")
    ):
        return fault
    return "" if abs(day - today) < TWO_YEARS else "This is more than two years away: check the year"


def unknown(fields: Iterable[FieldSpec], sent: Iterable[str]) -> Errors:
    """A problem for each path that is not a field."""
    known = {spec.path for spec in fields}
    return {path: ["There is no such field"] for path in sent if path not in known}


def lines(fields: Iterable[FieldSpec], content: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """The known values, as pairs of a label and words, in the order of the fields."""
    return tuple(
        (spec.label, words(spec, content[spec.name])) for spec in fields if content.get(spec.name) is not None
    )


def words(spec: FieldSpec, value: Any) -> str:
    """A value as a person reads it."""
    if isinstance(value, list):
        return ", ".join(spec.codes[code] if spec.codes else str(code) for code in value)
    if spec.codes:
        return spec.codes[str(value)]
    if spec.kind == "instant":
        return in_words(from_rfc3339(str(value)))
    if spec.kind == "date":
        return long_date(date.fromisoformat(str(value)))
    return "Yes" if value is True else f"{value:g}" if isinstance(value, float) else str(value)
