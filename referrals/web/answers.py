"""What a web form holds, and the JSON body that the one validation reads. No rule of its own."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from kernel.refusals import Invalid
from kernel.time import LONDON, AmbiguousTime, NonexistentTime, from_london, rfc3339
from referrals.fields import FIELDS
from referrals.record_fields import RECORD_FIELDS
from triage.guideline.findings import NEUROLOGY_QUESTIONS, PAIN_QUESTIONS, QUESTIONS

Typed = Mapping[str, list[str]]

EVERY = (*FIELDS, *RECORD_FIELDS)
KIND_AT = {
    **{f.path: f.kind for f in EVERY},
    **dict.fromkeys(("called_at", "received_at", "seen_at"), "instant"),
    "presentation.pain_severity": "whole",
}
DATES = frozenset(path for path, kind in KIND_AT.items() if kind == "date")
INSTANTS = frozenset(path for path, kind in KIND_AT.items() if kind == "instant")
GROUPS = {"pain": PAIN_QUESTIONS, "neurology": NEUROLOGY_QUESTIONS}
NONE_PRESENT, BORN = "none_present", "patient.date_of_birth"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """A form as a body, with the sentences that only a form can give and the groups answered as one."""

    body: dict[str, Any]
    problems: dict[str, str]
    answered_as_group: tuple[str, ...]
    called_at: str | None
    received_at: str | None
    seen_at: str | None
    seen_by: str


def one(typed: Typed, path: str) -> str:
    """The last value of a field, without the space around it."""
    values = typed.get(path) or [""]
    return values[-1].strip()


def filled(typed: Typed) -> Filled:
    """The body of a whole referral form."""
    body: dict[str, Any] = {}
    problems: dict[str, str] = {}
    if is_year_alone(typed, BORN):
        typed = {**with_mid_year(typed, BORN), "patient.birth_estimated": ["yes"]}
    for spec in FIELDS:
        _put(body, spec.path, value_of(typed, spec.path, problems))
    groups = _presentation(typed, body, problems)
    if not one(typed, "patient.given_name"):  # somebody with one name
        _put(body, "patient.given_name", "")
    return Filled(
        body=body,
        problems=problems,
        answered_as_group=groups,
        called_at=instant_of(typed, "called_at", problems),
        received_at=instant_of(typed, "received_at", problems),
        seen_at=instant_of(typed, "seen_at", problems),
        seen_by=one(typed, "seen_by"),
    )


def _presentation(typed: Typed, body: dict[str, Any], problems: dict[str, str]) -> tuple[str, ...]:
    for question in QUESTIONS:
        path = f"presentation.{question.path}"
        _put(body, path, value_of(typed, path, problems))
    groups = tuple(name for name in GROUPS if one(typed, f"{NONE_PRESENT}.{name}"))
    for name in groups:
        answered = [q.label for q in GROUPS[name] if one(typed, f"presentation.{q.path}") == "yes"]
        if answered:
            problems[f"{NONE_PRESENT}.{name}"] = (
                f"You chose that none of these is present, and yes to: {'; '.join(answered)}. Change one of them"
            )
        for question in GROUPS[name]:
            if one(typed, f"presentation.{question.path}") != "yes":
                _put(body, f"presentation.{question.path}", "no")
    body.setdefault("presentation", {})
    return groups


def presentation_of(typed: Typed, paths: Iterable[str]) -> dict[str, Any]:
    """The findings at these paths as a nested body; what was not answered is left out."""
    body: dict[str, Any] = {}
    for path in paths:
        _put(body, path, value_of(typed, f"presentation.{path}", {}))
    return body


def value_of(typed: Typed, path: str, problems: dict[str, str], *, kind: str = "") -> Any:
    """The JSON value of a field, of this kind or of the kind it has in a referral; None when it was left empty."""
    kind = kind or KIND_AT.get(path, "text")
    if kind == "instant":
        return instant_of(typed, path, problems)
    if kind == "date":
        return _date(typed, path, problems)
    if kind == "several":
        return [value for value in typed.get(path, ()) if value] or None
    if kind == "flag":
        return True if one(typed, path) else None
    text = one(typed, path)
    if kind == "whole" and re.fullmatch(r"-?\d{1,9}", text):
        return int(text)
    if kind == "number":
        try:
            return float(text) if text else None
        except ValueError:
            problems[path] = "Enter a number, such as 16"
            return None
    if kind == "whole" and text:
        problems[path] = "Enter a whole number"
        return None
    return (typed.get(path) or [""])[-1] if text else None


_MONTHS = {name: str(number) for number, name in enumerate(
    ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
     "december"), start=1)}  # fmt: skip
_MID_YEAR = ("1", "7")  # the day and month that stand for a year of which no more is known


def _date(typed: Typed, path: str, problems: dict[str, str]) -> str | None:
    """A date as 1958-02-03; what is wrong with it is named here, and it is kept as it was typed."""
    day, month, year = (one(typed, f"{path}.{part}") for part in ("day", "month", "year"))
    if not (day or month or year):
        return None
    word = month.casefold().removesuffix(".")
    number = next((n for name, n in _MONTHS.items() if len(word) >= 3 and name.startswith(word)), month)
    written = f"{year.zfill(4)}-{number.zfill(2)}-{day.zfill(2)}"
    if year.isdecimal() and len(year) < 4:
        problems[path] = "Enter the year with four digits, such as 1958"
        return written
    try:
        date.fromisoformat(written)
    except ValueError:
        named = next((name.capitalize() for name, n in _MONTHS.items() if n == number.lstrip("0")), month)
        typed_date = " ".join(part for part in (day, named, year) if part)
        problems[path] = f"Enter a real date, such as 3 February 1958: “{typed_date}” is not a date"
    return written


def birth_of(typed: Typed, path: str) -> dict[str, Any]:
    """A date of birth by name, and whether it is estimated: of some people the year alone is known.

    Invalid where it is no date.
    """
    problems: dict[str, str] = {}
    estimated = is_year_alone(typed, path)
    written = _date(with_mid_year(typed, path) if estimated else typed, path, problems)
    if problems:
        raise Invalid("This is not a date", errors={where: [why] for where, why in problems.items()})
    return {path: written, "birth_estimated": estimated or None}


def is_year_alone(typed: Typed, path: str) -> bool:
    day, month, year = (one(typed, f"{path}.{part}") for part in ("day", "month", "year"))
    return len(year) == 4 and not day and not month


def with_mid_year(typed: Typed, path: str) -> Typed:
    day, month = _MID_YEAR
    return {**typed, f"{path}.day": [day], f"{path}.month": [month]}


def instant_of(typed: Typed, path: str, problems: dict[str, str]) -> str | None:
    """An instant of London wall time; a fault is named here and kept as it was typed."""
    written, at = _date(typed, path, {}), one(typed, f"{path}.time")
    if written is None and not at:
        return None
    typed_text = f"{written or 'no date'} {at or 'no time'}"
    try:
        day, wall = date.fromisoformat(written or ""), time.fromisoformat(at.replace(".", ":"))
    except ValueError:
        problems[path] = "Enter a real date and a 24-hour time, such as 20 11 2026 and 14:05"
        return typed_text
    try:
        return rfc3339(
            from_london(day, wall.replace(second=0, tzinfo=None), season=one(typed, f"{path}.season"))
        )
    except (AmbiguousTime, NonexistentTime) as problem:
        problems[path] = str(problem)
        return typed_text


def _put(body: dict[str, Any], path: str, value: Any) -> None:
    if value is None:
        return
    *groups, name = path.split(".")
    for group in groups:
        body = body.setdefault(group, {})
    body[name] = value


def typed_instant(instant: datetime, path: str) -> dict[str, list[str]]:
    """The form values that show an instant in London."""
    wall = instant.astimezone(LONDON)
    parts = {"day": wall.day, "month": wall.month, "year": wall.year, "time": f"{wall:%H:%M}"}
    return {f"{path}.{part}": [str(value)] for part, value in parts.items()}
