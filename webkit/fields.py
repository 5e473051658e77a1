"""The fields of a form: Django's, which read the shape of typed values and prepare them for print.

A field checks shape only. The use case decides whether a code is known or a field is needed.
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
    """How an input looks, by the names of `Input`."""

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
    folded: str


class Field(forms.Field):
    """One field: its label, its hint, and its initial value.

    `required` is the sentence for an empty field; without it the field may be empty. `wrong` is the sentence for a
    wrong shape, if the reader's own does not fit. A field that is `asked_for` shows only with a value or an error.
    """

    kind = "text"
    reads = "text"
    widget: Any = forms.TextInput

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
        """The typed value for the readers of `webkit.typed`, at the path "it"."""
        return {"it": [value or ""]}

    def read(self, value: Any, problems: dict[str, str]) -> Any:
        return value_of(self.typed(value), "it", problems, kind=self.reads)

    def clean(self, value: Any) -> Any:
        """The JSON value of the field; None when it is empty."""
        problems: dict[str, str] = {}
        result = self.read(value, problems)
        if problems:
            raise forms.ValidationError(self.error_messages["invalid"] or problems["it"])
        if self.required and result is None:
            raise forms.ValidationError(self.error_messages["required"])
        return result

    def bound_data(self, data: Any, initial: Any) -> Any:
        return initial if data is None else data

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        return "" if value is None else str(value)

    def shown(self, value: Any) -> dict[str, Any]:
        """The attributes of `Input` for a prepared value."""
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
    """One of several codes: radios, small radios in a line, or a select."""

    kind = "radios"

    def __init__(self, label: str, options: Mapping[str, str], **about: Any) -> None:
        super().__init__(label, **about)
        self.options = options

    def bound_data(self, data: Any, initial: Any) -> Any:
        code = None if data is None else data.strip()
        return code if code or (code == "" and "" in self.options) else initial

    def shown(self, value: Any) -> dict[str, Any]:
        options = (
            Option(value=code, text=words, chosen=code == value) for code, words in self.options.items()
        )
        return {"value": value, "options": tuple(options)}


class Many(Field):
    """Any number of codes."""

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
        option = Option(value=self.code, text=str(self.label), chosen=value == self.code)
        return {"value": value, "options": (option,)}


class Parts(forms.Widget):
    """The inputs of one field, each for a part of it."""

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
    """A date of birth. If only the year is known, the middle of the year is stored."""

    def read(self, value: Any, problems: dict[str, str]) -> Any:
        try:
            return birth_of(self.typed(value), "it")["it"]
        except Invalid as invalid:
            problems["it"] = invalid.errors["it"][0]
            return None


class Moment(Day):
    """An instant of London wall time, in four inputs. In the repeated hour a fifth asks for GMT or BST."""

    kind, reads = "instant", "instant"
    widget = Parts("day", "month", "year", "time", "season")

    def prepare_value(self, value: Any) -> dict[str, str]:
        if isinstance(value, str):
            value = from_rfc3339(value)
        if isinstance(value, datetime):
            value = {path.removeprefix("it."): texts[0] for path, texts in typed_instant(value, "it").items()}
        return super().prepare_value(value)


class PickedMoment(Moment):
    """An instant of London wall time, with the browser's own pickers for day and time."""

    kind = "picked"
    widget = Parts("day", "time", "season", between="_")

    def read(self, value: Any, problems: dict[str, str]) -> Any:
        try:
            day, wall = date.fromisoformat(value["day"]), time.fromisoformat(value["time"])
            return rfc3339(from_london(day, wall, season=value["season"]))
        except (AmbiguousTime, NonexistentTime) as problem:
            problems["it"] = str(problem)
        except ValueError:
            problems["it"] = f"Enter a day and a time for “{self.label}”"
        return None
