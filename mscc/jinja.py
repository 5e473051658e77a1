"""The Jinja environment: NHS England's macros, our templates, and how instants read."""

import dataclasses
from collections.abc import Callable
from typing import Any

from django.templatetags.static import static
from django.urls import reverse
from jinja2 import ChainableUndefined, ChoiceLoader, Environment, PackageLoader, UndefinedError
from markupsafe import Markup, escape

from kernel import time


class StrictOnScreens(ChainableUndefined):
    """NHS macros chain over parameters that were not given; a screen's misspelt field is a mistake."""

    def __init__(self, hint: str | None = None, obj: Any = None, name: str | None = None, *rest: Any) -> None:
        if dataclasses.is_dataclass(obj):
            raise UndefinedError(f"{type(obj).__name__} has no {name}")
        super().__init__(hint, obj, name, *rest)


def environment(**options: Any) -> Environment:
    """The environment that Django's Jinja2 backend uses."""
    options["undefined"] = StrictOnScreens
    options["loader"] = ChoiceLoader([options["loader"], PackageLoader("nhsuk_frontend_jinja")])
    made = Environment(**options, trim_blocks=True, lstrip_blocks=True)  # noqa: S701  # Django switches autoescape on
    made.globals |= {"static": static, "url": _url, "once": once}
    made.filters |= {
        "in_words": time.in_words,
        "clock_time": time.clock_time,
        "long_date": time.long_date,
        "duration": time.duration_in_words,
        "sentence": lambda text: text[:1].upper() + text[1:],
    }
    return made


_DRAWN: dict[Any, Any] = {}
MOST_DRAWN = 2000
NAMES_PEOPLE = frozenset(
    {"merge", "addendum", "message", "letter", "letter-read", "hand-on", "settle", "owed"}
)


def once(field: Any, draw: Callable[[Any], Any]) -> Any:
    """An input as HTML, drawn once and remembered: a case has some hundred and forty that rarely change.

    What somebody has typed, an error about it, and choices that name people are drawn afresh and never
    remembered. A date or an instant is drawn once without its numbers, which are put in each time.
    """
    if field.error or field.form in NAMES_PEOPLE:
        return draw(field)
    if field.parts is not None:
        return draw(field) if field.parts.get("season") else _with_numbers(field, draw)
    return draw(field) if field.value and not field.options else _remembered(field, draw)


def _with_numbers(field: Any, draw: Callable[[Any], Any]) -> Markup:
    marks = {part: f"\u27e6{part}\u27e7" if part != "season" else "" for part in field.parts}
    html = str(_remembered(dataclasses.replace(field, parts=marks), draw))
    for part, mark in marks.items():
        if mark:
            html = html.replace(mark, str(escape(field.parts[part])))
    return Markup(html)  # noqa: S704  # our own macro's, with the numbers escaped


def _remembered(field: Any, draw: Callable[[Any], Any]) -> Any:
    key = (
        field.kind,
        field.id,
        field.name,
        field.label,
        field.hint,
        field.value,
        tuple(field.options),
        field.short,
    )
    drawn = _DRAWN.get(key)
    if drawn is None:
        if len(_DRAWN) >= MOST_DRAWN:
            _DRAWN.clear()
        drawn = _DRAWN[key] = draw(field)
    return drawn


def _url(name: str, *args: Any) -> str:
    return reverse(name, args=args)
