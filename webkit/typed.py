"""The typed values of a form: its fields by name, each with its values as text. The use cases judge them. Pure."""

import re
from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

from kernel.refusals import Invalid
from kernel.time import (
    LONDON,
    AmbiguousTime,
    NonexistentTime,
    from_london,
    from_rfc3339,
    happens_twice,
    rfc3339,
)

Typed = Mapping[str, list[str]]


def text_at(typed: Typed, path: str) -> str:
    """The last value of a field, without the space around it."""
    values = typed.get(path) or [""]
    return values[-1].strip()


_MONTHS = {
    name: str(number)
    for number, name in enumerate(
        (
            "january",
            "february",
            "march",
            "april",
            "may",
            "june",
            "july",
            "august",
            "september",
            "october",
            "november",
            "december",
        ),
        start=1,
    )
}
_MID_YEAR = ("1", "7")  # the day and month for a date with only a year


def date_of(typed: Typed, path: str, problems: dict[str, str]) -> str | None:
    """A date as 1958-02-03. A wrong date is returned as typed, with its problem in `problems`."""
    day, month, year = (text_at(typed, f"{path}.{part}") for part in ("day", "month", "year"))
    if not (day or month or year):
        return None
    word = month.casefold().removesuffix(".")
    number = next(
        (position for name, position in _MONTHS.items() if len(word) >= 3 and name.startswith(word)), month
    )
    iso = f"{year.zfill(4)}-{number.zfill(2)}-{day.zfill(2)}"
    if year.isdecimal() and len(year) < 4:
        problems[path] = "Enter the year with four digits, such as 1958"
        return iso
    try:
        date.fromisoformat(iso)
    except ValueError:
        month_name = next(
            (name.capitalize() for name, position in _MONTHS.items() if position == number.lstrip("0")), month
        )
        typed_date = " ".join(part for part in (day, month_name, year) if part)
        problems[path] = f"Enter a real date, such as 3 February 1958: “{typed_date}” is not a date"
    return iso


def birth_of(typed: Typed, path: str) -> dict[str, Any]:
    """A date of birth by name, and whether it is estimated, because only the year is known.

    Invalid if it is not a date.
    """
    problems: dict[str, str] = {}
    is_estimated = is_year_alone(typed, path)
    iso = date_of(with_mid_year(typed, path) if is_estimated else typed, path, problems)
    if problems:
        raise Invalid("This is not a date", errors={where: [why] for where, why in problems.items()})
    return {path: iso, "birth_estimated": is_estimated or None}


def is_year_alone(typed: Typed, path: str) -> bool:
    """Whether only the year of a date was typed."""
    day, month, year = (text_at(typed, f"{path}.{part}") for part in ("day", "month", "year"))
    return len(year) == 4 and not day and not month


def with_mid_year(typed: Typed, path: str) -> Typed:
    """The same values, with the middle of the year as day and month."""
    day, month = _MID_YEAR
    return {**typed, f"{path}.day": [day], f"{path}.month": [month]}


def instant_of(typed: Typed, path: str, problems: dict[str, str]) -> str | None:
    """An instant of London wall time. A wrong one is returned as typed, with its problem in `problems`."""
    day_text, at = date_of(typed, path, {}), text_at(typed, f"{path}.time")
    if day_text is None and not at:
        return None
    typed_text = f"{day_text or 'no date'} {at or 'no time'}"
    try:
        day, wall = date.fromisoformat(day_text or ""), time.fromisoformat(at.replace(".", ":"))
    except ValueError:
        problems[path] = "Enter a real date and a 24-hour time, such as 20 11 2026 and 14:05"
        return typed_text
    try:
        return rfc3339(
            from_london(day, wall.replace(second=0, tzinfo=None), season=text_at(typed, f"{path}.season"))
        )
    except (AmbiguousTime, NonexistentTime) as problem:
        problems[path] = str(problem)
        return typed_text


def typed_instant(instant: datetime, path: str) -> dict[str, list[str]]:
    """The form values that show an instant in London; in the repeated hour, with GMT or BST."""
    wall = instant.astimezone(LONDON)
    parts = {"day": wall.day, "month": wall.month, "year": wall.year, "time": f"{wall:%H:%M}"}
    if happens_twice(wall.date(), wall.time()):
        parts["season"] = str(wall.tzname())
    return {f"{path}.{part}": [str(value)] for part, value in parts.items()}


def value_of(typed: Typed, path: str, problems: dict[str, str], *, kind: str = "text") -> Any:
    """The JSON value of a field of a kind; None when it is empty."""
    if kind == "instant":
        return instant_of(typed, path, problems)
    if kind == "date":
        return date_of(typed, path, problems)
    if kind == "several":
        return [value for value in typed.get(path, ()) if value] or None
    if kind == "flag":
        return True if text_at(typed, path) else None
    text = text_at(typed, path)
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


def typed_of(value: Any, path: str, *, kind: str) -> dict[str, list[str]]:
    """The form values that show a JSON value of a kind."""
    if value is None or value is False or value == "":
        return {}
    if kind == "instant":
        return typed_instant(from_rfc3339(str(value)), path)
    if kind == "date":
        parts = zip(("year", "month", "day"), str(value).split("-"), strict=True)
        return {f"{path}.{part}": [text] for part, text in parts}
    if isinstance(value, list):
        return {path: value}
    return {path: ["yes" if value is True else str(value)]}


def number_of(typed: Typed, path: str) -> int:
    """The number of a row or a version; 0 for a text that is not a number."""
    text = text_at(typed, path)
    return int(text) if text.isdecimal() and len(text) < 18 else 0
