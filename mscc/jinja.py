"""The Jinja environment: NHS England's macros, our templates, and the filters."""

import dataclasses
from typing import Any

from django.templatetags.static import static
from django.urls import reverse
from jinja2 import ChainableUndefined, ChoiceLoader, Environment, PackageLoader, UndefinedError

from kernel import time
from webkit.inputs import folds


class StrictOnScreens(ChainableUndefined):
    """Allows the NHS macros to read missing parameters, but raises for a misspelt field of a screen."""

    def __init__(self, hint: str | None = None, obj: Any = None, name: str | None = None, *rest: Any) -> None:
        if dataclasses.is_dataclass(obj):
            raise UndefinedError(f"{type(obj).__name__} has no {name}")
        super().__init__(hint, obj, name, *rest)


def environment(**options: Any) -> Environment:
    """The environment that Django's Jinja2 backend uses."""
    options["undefined"] = StrictOnScreens
    options["loader"] = ChoiceLoader([options["loader"], PackageLoader("nhsuk_frontend_jinja")])
    jinja = Environment(**options, trim_blocks=True, lstrip_blocks=True)  # noqa: S701  # Django switches autoescape on
    jinja.globals |= {"static": static, "url": _url}
    jinja.filters |= {
        "in_words": time.in_words,
        "clock_time": time.clock_time,
        "long_date": time.long_date,
        "duration": time.duration_in_words,
        "folds": folds,
        "sentence": lambda text: text[:1].upper() + text[1:],
        "stopped": lambda text: text if text.endswith((".", "?", "!")) else f"{text}.",
        "lower_first": lambda text: text if text[:2].isupper() else text[:1].lower() + text[1:],
    }
    return jinja


def _url(name: str, *args: Any) -> str:
    return reverse(name, args=args)
