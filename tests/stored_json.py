"""The shapes of stored JSON, of ledger lines by kind and of columns, and whether what was stored fits them."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints, is_typeddict

from django.apps import apps
from django.conf import settings
from django.db import models

from ledger import facts as own
from ledger.facts import Bound
from ledger.kinds import Kind
from ledger.models import Line
from referrals.case.line_facts import Moved
from referrals.case.states import TRANSITIONS
from tests.scenery import empty_among

ROOT = Path(settings.ROOT)
MODULES = [
    import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    for path in ROOT.glob("[a-z]*/**/line_facts.py")
    if path.parts[-2] != "tests"
]
TYPES: dict[str, Any] = {
    name: shape
    for module in (own, *MODULES)
    for name, shape in vars(module).items()
    if is_typeddict(shape) and shape.__module__ == module.__name__
}
MOVES = frozenset(transition.kind for transition in TRANSITIONS)


def name_of(kind: Kind) -> str:
    """The name of the type that a kind has where it has one of its own."""
    return "".join(word.capitalize() for word in kind.value.split("_"))


def type_of(kind: Kind) -> Any:
    """The type of the facts of a kind. A kind without one of its own binds a text at most."""
    return TYPES.get(name_of(kind), Bound)


keys_of = cache(get_type_hints)  # of a typed dictionary: each asked for a thousand times


@cache
def shape_of(field: models.JSONField) -> Any:
    """The shape of what a JSON column may hold, as its model annotates it; None without one."""
    for model in field.model.__mro__:
        if annotation := vars(model).get("__annotations__", {}).get(field.name):
            return eval(annotation.removeprefix("models.JSONField"), vars(import_module(model.__module__)))[0]
    return None


OWN = ("accounts", "ledger", "mdt", "oncall", "referrals", "triage", "webhooks", "exchange", "webkit")
COLUMNS = [
    field
    for model in apps.get_models()
    if model._meta.app_label in OWN and not model.__name__.startswith("Historical")
    for field in model._meta.concrete_fields
    if isinstance(field, models.JSONField)
]

TABLES = sorted({field.model._meta.db_table for field in COLUMNS})


def misfits() -> list[str]:
    """What does not fit its shape in the lines and the columns of this test."""
    lines = Line.objects.order_by("pk").values_list("kind", "facts")
    found = {fault for kind, facts in lines for fault in faults(Kind(kind), facts)}
    empty = empty_among(TABLES)
    for field in COLUMNS:
        if field.model._meta.db_table not in empty and (shape := shape_of(field)):
            for value in field.model._default_manager.values_list(field.name, flat=True):
                found.update(unfit(value, shape, str(field)))
    return sorted(found)


def faults(kind: Kind, facts: Mapping[str, Any]) -> Iterator[str]:
    """What does not fit the type of a kind in these facts, which have no other keys."""
    shape = type_of(kind)
    keys = keys_of(shape) | (keys_of(Moved) if kind in MOVES else {})
    yield from unfit(facts, shape, kind)
    yield from (f"{kind}.{name} is not in its type" for name in facts if name not in keys)


def unfit(value: object, shape: Any, place: str) -> Iterator[str]:
    """What does not fit a shape, with the keys to it. JSON that is read by a table may have keys besides."""
    if is_typeddict(shape) and isinstance(value, dict):
        yield from (f"{place} has no {name}" for name in shape.__required_keys__ - set(value))
        for name, inner in keys_of(shape).items():
            if name in value:
                yield from unfit(value[name], inner, f"{place}.{name}")
    elif not fits(value, shape):
        yield f"{place} is {value!r}"


def fits(value: object, shape: Any) -> bool:
    """Whether a value of JSON is of a type."""
    origin, parts = get_origin(shape) or shape, get_args(shape)
    if origin is Any:
        return True
    if is_typeddict(origin):
        return isinstance(value, dict) and not list(unfit(value, origin, ""))
    if origin in (Union, UnionType):
        return any(fits(value, part) for part in parts)
    if origin in (list, tuple, Sequence):
        return isinstance(value, list) and all(fits(each, parts[0]) for each in value)
    if origin is dict:
        return isinstance(value, dict) and all(fits(each, parts[1]) for each in value.values())
    return type(value) in ((int, float) if origin is float else (origin,))
