"""One input of a form, ready to print: its kind, name, words, value and error. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


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


def field_id(path: str) -> str:
    """The id of the input of a field, for the error summary to link to."""
    return path.replace(".", "-").replace("_", "-")
