"""The Jinja environment: NHS England's macros, our templates, and the filters."""

from collections.abc import Mapping
from typing import Any

from django.templatetags.static import static
from django.urls import reverse
from jinja2 import (
    ChainableUndefined,
    ChoiceLoader,
    DictLoader,
    Environment,
    PackageLoader,
    Undefined,
    UndefinedError,
)
from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup, escape

from kernel import time
from webkit.inputs import folds


class StrictOnScreens(ChainableUndefined):
    """Allows the NHS macros to read missing parameters, but raises for a misspelt field of a screen."""

    def __init__(self, hint: str | None = None, obj: Any = None, name: str | None = None, *rest: Any) -> None:
        if hasattr(type(obj), "__dataclass_fields__"):
            raise UndefinedError(f"{type(obj).__name__} has no {name}")
        super().__init__(hint, obj, name, *rest)


# NHS England's macro for attributes is called fifty times a page, and took a tenth of its time.
OURS = DictLoader({"nhsuk/macros/attributes.jinja": "{% set nhsukAttributes = attributes_in_markup %}"})


def attributes_in_markup(attributes: Any = None) -> Markup:
    """What NHS England's macro `nhsukAttributes` writes; it describes the parameters."""
    if isinstance(attributes, str):
        written = str(attributes)  # a text is markup already, says the macro
    elif isinstance(attributes, Mapping):
        written = "".join(_attribute(escape(name), item) for name, item in attributes.items())
    else:
        written = ""
    return Markup(written)  # noqa: S704  # each name and value is escaped


def _attribute(name: Markup, item: Any) -> str:
    options = item if isinstance(item, Mapping) else {"value": item}
    value, is_optional = options.get("value"), options.get("optional") is True
    if isinstance(value, Undefined):
        value = None
    if is_optional and (value is None or value is False):
        return ""
    if is_optional and value is True:
        return f" {name}"
    text = _attribute_value(value, is_list=options.get("type") == "array")
    return f" {name}='{text}'" if '"' in text else f' {name}="{text}"'


def _attribute_value(value: Any, *, is_list: bool) -> Markup:
    if value is None:
        return Markup()
    if is_list and not hasattr(value, "__html__") and hasattr(value, "__iter__"):
        return htmlsafe_json_dumps(value, sort_keys=True)
    return escape(str(value).lower() if isinstance(value, bool) else value)


def environment(**options: Any) -> Environment:
    """The environment that Django's Jinja2 backend uses."""
    options["undefined"] = StrictOnScreens
    options["loader"] = ChoiceLoader([OURS, options["loader"], PackageLoader("nhsuk_frontend_jinja")])
    jinja = Environment(**options, trim_blocks=True, lstrip_blocks=True)  # noqa: S701  # Django switches autoescape on
    jinja.globals |= {"static": static, "url": _url, "attributes_in_markup": attributes_in_markup}
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
