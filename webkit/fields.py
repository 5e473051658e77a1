"""The fields of a form: Django's, which read the shape of what was typed and say how it is printed.

A field judges no more than shape. Whether a code is known, or a field is needed, is the use case's to say.
"""

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any, TypedDict, Unpack

from django import forms  # noqa: TID251  # the room of forms

from kernel.refusals import Invalid
from kernel.time import AmbiguousTime, NonexistentTime, from_london, from_rfc3339, rfc3339
from webkit.inputs import Option
from webkit.typed import birth_of, typed_instant, value_of


class Look(TypedDict, total=False):
    """How an input is printed, as `Input` names it."""

    heard: str
    width: str
    weight: str
    type: str
    small: bool
    by_code: str
    unit: str
    inputmode: str
    rows: int
    autocomplete: str
    spellcheck: bool
    suggestions: str


class Field(forms.Field):
    """One field: its label, its hint, and what stands in it before anybody types.

    `required` is the sentence for an empty one; without it the field may be empty. `wrong` is the one for a wrong
    shape, where the reader's own does not fit. What is `asked_for` is drawn once something is typed into it or wrong
    with it.
    """

    kind = "text"
    reads = "text"
    widget = forms.TextInput

    def __init__(
        self,
        label: str,
        *,
        hint: str = "",
        initial: Any = None,
        required: str = "",
        wrong: str = "",
        kind: str = "",
        reads: str = "",
        asked_for: bool = False,
        **look: Unpack[Look],
    ) -> None:
        super().__init__(
            label=label,
            help_text=hint,
            initial=initial,
            required=bool(required),
            error_messages={"required": required, "invalid": wrong},
        )
        self.kind, self.reads = kind or self.kind, reads or self.reads
        self.asked_for, self.look = asked_for, look

    def typed(self, value: Any) -> dict[str, list[str]]:
        """What was typed, as the readers of what was typed take it, at the path "it"."""
        return {"it": [value or ""]}

    def read(self, value: Any, problems: dict[str, str]) -> Any:
        return value_of(self.typed(value), "it", problems, kind=self.reads)

    def clean(self, value: Any) -> Any:
        """The JSON value of what was typed; None when it was left empty."""
        problems: dict[str, str] = {}
        read = self.read(value, problems)
        if problems:
            raise forms.ValidationError(self.error_messages["invalid"] or problems["it"])
        if self.required and read is None:
            raise forms.ValidationError(self.error_messages["required"])
        return read

    def bound_data(self, data: Any, initial: Any) -> Any:
        return initial if data is None else data

    def prepare_value(self, value: Any) -> str:
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        return "" if value is None else str(value)

    def shown(self, value: Any) -> dict[str, Any]:
        """What of an `Input` shows a prepared value."""
        return {"value": value}


class Text(Field):
    """A line of text."""


class Area(Field):
    """Several lines of text."""

    kind = "textarea"


class Secret(Field):
    """A password: read, and never printed again."""

    kind = "secret"

    def shown(self, value: Any) -> dict[str, Any]:
        return {}


class Choice(Field):
    """One of some codes, by radios, small radios in a line or a list."""

    kind = "radios"

    def __init__(self, label: str, options: Mapping[str, str], **about: Any) -> None:
        super().__init__(label, **about)
        self.options = options

    def bound_data(self, data: Any, initial: Any) -> Any:
        chosen = None if data is None else data.strip()
        return chosen if chosen or (chosen == "" and "" in self.options) else initial

    def shown(self, value: Any) -> dict[str, Any]:
        options = (
            Option(value=code, text=words, chosen=code == value) for code, words in self.options.items()
        )
        return {"value": value, "options": tuple(options)}


class Many(Field):
    """Several of some codes."""

    kind, reads = "many", "several"
    widget = forms.SelectMultiple

    def __init__(self, label: str, options: Mapping[str, str], **about: Any) -> None:
        super().__init__(label, **about)
        self.options = options

    def typed(self, value: Any) -> dict[str, list[str]]:
        return {"it": list(value or ())}

    def prepare_value(self, value: Any) -> Any:
        return [value] if isinstance(value, str) else list(value or ())

    def shown(self, value: Any) -> dict[str, Any]:
        options = (
            Option(value=code, text=words, chosen=code in value) for code, words in self.options.items()
        )
        return {"options": tuple(options)}


class Flag(Field):
    """One box to tick."""

    kind, reads = "flag", "flag"

    def __init__(self, label: str, *, code: str = "yes", **about: Any) -> None:
        super().__init__(label, **about)
        self.code = code

    def bound_data(self, data: Any, initial: Any) -> Any:
        return data

    def prepare_value(self, value: Any) -> str:
        return self.code if value is True else str(value or "").strip()

    def shown(self, value: Any) -> dict[str, Any]:
        ticked = Option(value=self.code, text=self.label, chosen=value == self.code)
        return {"value": value, "options": (ticked,)}


class Parts(forms.Widget):
    """What was typed into the inputs of one field, by the part that each is."""

    def __init__(self, *parts: str, between: str = ".") -> None:
        super().__init__()
        self.parts, self.between = parts, between

    def value_from_datadict(self, data: Any, files: Any, name: str) -> dict[str, str]:
        return {part: (data.get(f"{name}{self.between}{part}") or "").strip() for part in self.parts}


class Day(Field):
    """A date, in three inputs."""

    kind, reads = "date", "date"
    widget = Parts("day", "month", "year")

    def typed(self, value: Any) -> dict[str, list[str]]:
        return {f"it.{part}": [text] for part, text in value.items()}

    def prepare_value(self, value: Any) -> dict[str, str]:
        if isinstance(value, str):
            value = dict(zip(("year", "month", "day"), value.split("-"), strict=True))
        return {part: (value or {}).get(part, "") for part in self.widget.parts}

    def shown(self, value: Any) -> dict[str, Any]:
        return {"parts": value}


class Birth(Day):
    """A date of birth, of which the year alone may be known: the mid-year then stands for it."""

    def read(self, value: Any, problems: dict[str, str]) -> Any:
        try:
            return birth_of(self.typed(value), "it")["it"]
        except Invalid as invalid:
            problems["it"] = invalid.errors["it"][0]
            return None


class Moment(Day):
    """An instant of London wall time, in four inputs; a fifth asks which hour, where one comes twice."""

    kind, reads = "instant", "instant"
    widget = Parts("day", "month", "year", "time", "season")

    def prepare_value(self, value: Any) -> dict[str, str]:
        if isinstance(value, str):
            value = from_rfc3339(value)
        if isinstance(value, datetime):
            value = {path.removeprefix("it."): texts[0] for path, texts in typed_instant(value, "it").items()}
        return super().prepare_value(value)


class PickedMoment(Moment):
    """An instant of London wall time, its day and its time picked in the browser's own way."""

    kind = "picked"
    widget = Parts("day", "time", "season", between="_")

    def read(self, value: Any, problems: dict[str, str]) -> Any:
        try:
            day, wall = date.fromisoformat(value["day"]), time.fromisoformat(value["time"])
            return rfc3339(from_london(day, wall, season=value["season"]))
        except (AmbiguousTime, NonexistentTime) as problem:
            problems["it"] = str(problem)
        except ValueError:
            problems["it"] = "Enter a day and a time"
        return None
