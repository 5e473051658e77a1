"""A form of a page: Django's, with inputs ready to print and problems with their links."""

from collections.abc import Mapping, Sequence
from typing import Any, Self

from django import forms  # noqa: TID251  # the room of forms
from django.forms.utils import ErrorDict  # noqa: TID251
from django.http import HttpRequest
from django.utils.datastructures import MultiValueDict

from kernel.refusals import Invalid
from webkit.attempt import Attempt
from webkit.fields import Field, Look
from webkit.inputs import Input, field_id

Fields = Mapping[str, Field]
NOTHING = Attempt()


class Form(forms.Form):
    """A form and its typed values.

    `fields` are by name, beside those of the class. `of` separates the ids of forms on one page; `ids` is another
    pattern for ids; `look` is how inputs look, unless a field has its own. `values` checks shape only. The use case
    refuses the rest, and its sentences come with the attempt or by `refuse`.
    """

    ids = ""
    look: Look = {}

    def __init__(
        self,
        attempt: Attempt = NOTHING,
        *,
        fields: Fields | None = None,
        initial: Mapping[str, Any] | None = None,
        of: str = "",
        ids: str = "",
    ) -> None:
        super().__init__(
            MultiValueDict(attempt.typed) if attempt.typed else None, initial=dict(initial or {})
        )
        self.fields.update(fields or {})
        self.of, self.ids = of, ids or self.ids
        if attempt.errors:
            self.refuse(attempt.errors)

    @classmethod
    def sent(cls, request: HttpRequest, **about: Any) -> Self:
        """The form with the values of a request; with its initial values if nothing was sent."""
        return cls(Attempt(typed=dict(request.POST.lists())), **about)

    def text(self, name: str) -> str:
        """The typed text of a field, unchanged."""
        return str(self.data.get(name, ""))

    def texts(self, *names: str) -> dict[str, str]:
        return {name: self.text(name) for name in names}

    def values(self) -> dict[str, Any]:
        """The JSON values by name; Invalid where a shape is wrong."""
        self.is_bound = True  # an empty form was sent empty
        if not self.is_valid():
            errors = {name: [str(text) for text in texts] for name, texts in self.errors.items()}
            raise Invalid(
                "Nothing was saved: correct the answers named here and send it again", errors=errors
            )
        return dict(self.cleaned_data)

    def several(self, name: str) -> tuple[str, ...]:
        """The typed values of a field that may have many."""
        data: Any = self.data
        return tuple(data.getlist(name))

    def refuse(self, errors: Mapping[str, Sequence[str]]) -> None:
        """Put the errors of a use case onto the fields; a path without a field leads to the first."""
        self._errors = ErrorDict({path: list(texts) for path, texts in errors.items()})

    @property
    def status(self) -> int:
        """The HTTP status of the page."""
        return 422 if self.refusals else 200

    @property
    def refusals(self) -> Mapping[str, Sequence[str]]:
        errors: Any = self._errors or {}
        refusals: Mapping[str, Sequence[str]] = errors
        return refusals

    @property
    def screen(self) -> dict[str, Any]:
        """The context of a page with this one form."""
        return {"inputs": self.inputs, "errors": self.refusals, "problems": self.problems}

    def id_of(self, name: str) -> str:
        if self.ids:
            return self.ids.format(name)
        return f"{self.of}-{field_id(name)}" if self.of else field_id(name)

    def get_initial_for_field(self, field: forms.Field, field_name: str) -> Any:
        value = super().get_initial_for_field(field, field_name)
        return field.initial if value in (None, "") else value

    def input(self, name: str) -> Input:
        """One input, ready to print."""
        field = self._field(name)
        look: dict[str, Any] = {**self.look, **field.look}
        return Input(
            id=self.id_of(name),
            kind=field.kind,
            name=name,
            label=str(field.label),
            hint=str(field.help_text),
            error=" ".join(self.refusals.get(name, ())),
            **look,
            **field.shown(self[name].value()),
        )

    def _field(self, name: str) -> Field:
        field: Any = self.fields[name]  # made by the room of forms alone
        return field

    @property
    def inputs(self) -> tuple[Input, ...]:
        """Every input in its order."""
        inputs = (self.input(name) for name in self.fields)
        return tuple(
            input for input in inputs if input.value or input.error or not self._field(input.name).asked_for
        )

    @property
    def problems(self) -> tuple[tuple[str, str], ...]:
        """Every error sentence, with the link to its input."""
        first = next(iter(self.fields), "")
        return tuple(
            (text, f"#{self.id_of(path if path in self.fields else first)}" if first else "#")
            for path, texts in self.refusals.items()
            for text in texts
        )


class PlainForm(Form):
    """A form with a page to itself: plain labels, inputs of twenty characters, and names as ids."""

    ids = "{}"
    look: Look = {"weight": "plain", "width": "20"}
