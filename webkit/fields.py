"""The inputs of forms that are drawn by hand: a text, a choice, a date, with what was typed into them. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from webkit.inputs import Input, Option
from webkit.typed import Typed, one, typed_instant

Errors = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Typing:
    """What was typed into one form and what is wrong with it; empty before anybody has typed."""

    typed: Typed = field(default_factory=dict)
    errors: Errors = field(default_factory=dict)


def text(name: str, label: str, t: Typing, *, hint: str = "", value: str = "", short: bool = False,
         area: bool = False) -> Input:  # fmt: skip
    typed = (t.typed.get(name) or [value])[-1]
    kind = "textarea" if area else "text"
    return Input(
        kind=kind, name=name, label=label, hint=hint, value=typed, short=short, error=_error(name, t)
    )


def choice(
    name: str,
    label: str,
    options: Mapping[str, str],
    t: Typing,
    *,
    value: str = "",
    kind: str = "radios",
    hint: str = "",
) -> Input:
    chosen = one(t.typed, name) or value
    return Input(
        kind=kind,
        name=name,
        label=label,
        hint=hint,
        value=chosen,
        options=tuple(
            Option(value=code, text=words, chosen=code == chosen) for code, words in options.items()
        ),
        error=_error(name, t),
    )


def many(
    name: str, label: str, options: Mapping[str, str], t: Typing, *, values: Iterable[str] = ()
) -> Input:
    chosen = set(t.typed.get(name, values))
    return Input(
        kind="many",
        name=name,
        label=label,
        options=tuple(
            Option(value=code, text=words, chosen=code in chosen) for code, words in options.items()
        ),
        error=_error(name, t),
    )


def flag(name: str, label: str, t: Typing, *, hint: str = "", value: str = "") -> Input:
    return Input(
        kind="flag",
        name=name,
        label=label,
        hint=hint,
        value=one(t.typed, name) or value,
        error=_error(name, t),
    )


def instant(name: str, label: str, t: Typing, *, at: datetime | None, hint: str = "") -> Input:
    typed = t.typed or (typed_instant(at, name) if at else {})
    parts = {part: one(typed, f"{name}.{part}") for part in ("day", "month", "year", "time", "season")}
    return Input(kind="instant", name=name, label=label, hint=hint, parts=parts, error=_error(name, t))


def birth(name: str, label: str, t: Typing, *, hint: str = "") -> Input:
    """A date of birth, of which the year alone may be known."""
    parts = {part: one(t.typed, f"{name}.{part}") for part in ("day", "month", "year")}
    return Input(kind="date", name=name, label=label, hint=hint, parts=parts, error=_error(name, t))


def _error(name: str, t: Typing) -> str:
    return " ".join(t.errors.get(name, ()))
