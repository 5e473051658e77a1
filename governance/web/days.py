"""A day of a filter in an address."""

from datetime import date


def day_of(text: str, field: str, errors: dict[str, list[str]]) -> date | None:
    """The day; None for an empty text, and for a wrong one, whose error goes under its field."""
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        errors[field] = ["Enter a real date"]
        return None
    if not 1900 <= day.year <= 2200:
        errors[field] = ["Enter a date between 1900 and 2200"]
        return None
    return day
