"""One input of a form, ready to print: its kind, name, words, value and error. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from kernel.time import long_date


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    value: str
    text: str
    chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """The data of one input and its error for a template."""

    id: str
    kind: str
    name: str
    label: str
    hint: str = ""
    value: str = ""
    parts: Mapping[str, str] | None = None
    options: Sequence[Option] = ()
    error: str = ""
    heard: str = ""  # what a screen reader hears after the label
    width: str = "two-thirds"  # in characters, or "full"
    weight: str = "bold"  # of its label: bold, plain, s for small, or hidden from the eye
    type: str = "text"
    small: bool = True  # its radios
    by_code: str = ""  # which ids of its radios end in their codes: every one, or the rest after the first
    unit: str = ""
    inputmode: str = ""
    rows: int = 4
    autocomplete: str = "off"  # what the browser may fill in
    spellcheck: bool = True
    suggestions: str = ""  # the id of a datalist on the page
    folded: str = ""  # the heading under which it is folded away, because it is filled in or rarely needed

    @property
    def said(self) -> str:
        """What is filled in, in words: for the line that opens a fold."""
        if self.options:
            return ", ".join(option.text for option in self.options if option.chosen and option.value)
        if self.parts:
            return " on ".join(filter(None, (self.parts.get("time", ""), _day_of(self.parts))))
        return self.value


def _day_of(parts: Mapping[str, str]) -> str:
    """A day as it reads elsewhere, 20 November 2026; as typed where it is no day yet."""
    typed = [parts.get(part, "") for part in ("day", "month", "year")]
    try:
        day, month, year = map(int, typed)
        return long_date(date(year, month, day))
    except ValueError:
        return "/".join(filter(None, typed))


@dataclass(frozen=True, slots=True, kw_only=True)
class Fold:
    """Inputs that belong together: in the open without a heading, else folded under it."""

    heading: str
    inputs: Sequence[Input]

    @property
    def said(self) -> str:
        """What is filled in here, in words."""
        return "; ".join(input.said for input in self.inputs if input.said)

    @property
    def open(self) -> bool:
        """Whether something in it has to be corrected."""
        return any(input.error for input in self.inputs)


def folds(inputs: Iterable[Input]) -> tuple[Fold, ...]:
    """The inputs in their order, neighbours of one heading together."""
    return tuple(
        Fold(heading=heading, inputs=tuple(members))
        for heading, members in groupby(inputs, key=lambda input: input.folded)
    )


def field_id(path: str) -> str:
    """The id of the input of a field, for the error summary to link to."""
    return path.replace(".", "-").replace("_", "-")
