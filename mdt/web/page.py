"""What the pages of one case of the MDT share: its head, its tabs, and forms made from fields."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.urls import reverse

from kernel.actors import Actor, Role
from kernel.refusals import Invalid, OutOfTurn
from kernel.time import from_rfc3339, in_words
from referrals.fields import Field
from referrals.models import Referral
from referrals.states import STATUS_WORDS, Status
from referrals.web.answers import value_of
from referrals.web.inputs import input_for
from triage.guideline.rule import STREAM_WORDS, Stream
from webkit.inputs import Input, field_id
from webkit.typed import Typed, one, typed_instant

TABS = (
    ("mdt_summary", "Summary"),
    ("mdt_case", "Opinions and decision"),
    ("mdt_treatment", "Treatment"),
    ("mdt_plan", "Management plan"),
    ("mdt_outcomes", "Outcomes"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """Who the case is about, how it stands, and where its other pages are."""

    reference: str
    patient: str
    nhs_number: str
    born: str
    stream: str
    emergency: bool
    status: str
    over: bool
    merged_into: str
    died: str
    back: str
    back_words: str
    tabs: Sequence[tuple[str, str, bool]]


def head(case: Referral, *, by: Actor, current: str) -> Head:
    """The head of a page; `current` is the name of its address."""
    coordinator = by.role == Role.COORDINATOR
    return Head(
        reference=case.reference,
        patient=case.patient.name,
        nhs_number=case.patient.nhs_number_words,
        born=case.patient.born,
        stream=STREAM_WORDS[Stream(case.stream)],
        emergency=case.is_emergency,
        status=STATUS_WORDS[Status(case.status)],
        over=case.is_over,
        merged_into=case.merged_into.reference if case.merged_into else "",
        died=in_words(case.died_at) if case.died_at else "",
        back=reverse("case", args=[case.reference]) if coordinator else reverse("mdt"),
        back_words="Case" if coordinator else "MDT list",
        tabs=tuple((reverse(name, args=[case.reference]), words, name == current) for name, words in TABS),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """What was typed into one form and what is wrong with it; empty before anybody has typed."""

    form: str = ""
    typed: Typed = field(default_factory=dict)
    errors: Mapping[str, Sequence[str]] = field(default_factory=dict)
    status: int = 200

    def of(self, form: str) -> "Filled":
        """This, if it is about that form."""
        return self if form == self.form else Filled()


def attempt(form: str, typed: Typed, act: Callable[[], Any]) -> Filled | None:
    """Do an act; None when it was done, else the form with what is wrong, so that nothing typed is lost.

    Somebody else's newer version is told on the form as well: it is read there, then sent again.
    """
    try:
        act()
    except Invalid as invalid:
        return Filled(form=form, typed=typed, errors=invalid.errors, status=422)
    except OutOfTurn as refusal:
        return Filled(form=form, typed=typed, errors={"": [str(refusal)]}, status=409)
    return None


def sent_from(fields: Iterable[Field], typed: Typed) -> dict[str, Any]:
    """The JSON values of a form by path; Invalid for what cannot be read as its kind."""
    problems: dict[str, str] = {}
    sent = {spec.path: value_of(typed, spec.path, problems, kind=spec.kind) for spec in fields}
    if problems:
        raise Invalid("Some of this cannot be kept", errors={path: [why] for path, why in problems.items()})
    return sent


def typed_from(fields: Iterable[Field], content: Mapping[str, Any]) -> dict[str, list[str]]:
    """The form values that show a content."""
    typed: dict[str, list[str]] = {}
    for spec in fields:
        value = content.get(spec.name)
        if value is None:
            continue
        if spec.kind == "instant":
            typed |= typed_instant(from_rfc3339(str(value)), spec.path)
        elif spec.kind == "date":
            parts = zip(("year", "month", "day"), str(value).split("-"), strict=True)
            typed |= {f"{spec.path}.{part}": [text] for part, text in parts}
        elif isinstance(value, list):
            typed[spec.path] = value
        else:
            typed[spec.path] = [
                "yes" if value is True else f"{value:g}" if isinstance(value, float) else str(value)
            ]
    return typed


def inputs(
    fields: Iterable[Field],
    filled: Filled,
    *,
    shown: Typed | None = None,
    hints: Mapping[str, str] | None = None,
) -> tuple[Input, ...]:
    """The inputs of a form; `shown` is what stands in them before anybody types, `hints` are by field name."""
    typed = filled.typed or shown or {}
    return tuple(
        input_for(
            spec,
            typed,
            filled.errors,
            hint=(hints or {}).get(spec.name, ""),
            select=len(spec.codes or ()) > 4 and spec.kind == "text",
        )
        for spec in fields
    )


def number_in(typed: Typed, name: str) -> int | None:
    """A version or a row's number from a hidden input; None for what is none."""
    text = one(typed, name)
    return int(text) if text.isdecimal() and len(text) < 18 else None


def now_in(path: str, *, at: datetime) -> dict[str, list[str]]:
    """The present instant, as it stands in an instant's input before anybody types."""
    return typed_instant(at, path)


def problems_of(filled: Filled, first: str) -> tuple[tuple[str, str], ...]:
    """Every problem with the input that mends it; one of the whole form leads to `first`, its first input."""
    return tuple(
        (text, f"#{field_id(path) if path else first}")
        for path, texts in filled.errors.items()
        for text in texts
    )
