"""The shared parts of the MDT's pages about one case: head, tabs, and forms made from fields."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from kernel.actors import Actor, Role
from kernel.time import in_words
from referrals.case.models import Referral
from referrals.case.states import STATUS_WORDS, Status
from referrals.intake.fields import FieldSpec
from referrals.web.inputs import field_for
from triage.guideline.rule import STREAM_WORDS, Stream
from webkit import fields as kit
from webkit.attempt import Attempt
from webkit.forms import Form
from webkit.inputs import Input, field_id
from webkit.typed import Typed, text_at

TABS = (
    ("mdt_summary", "Summary"),
    ("mdt_case", "Opinions and decision"),
    ("mdt_treatment", "Treatment"),
    ("mdt_plan", "Management plan"),
    ("mdt_outcomes", "Outcomes"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """Who the case is about, its state, and where its other pages are."""

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


def sent_from(fields: Iterable[FieldSpec], typed: Typed) -> dict[str, Any]:
    """The JSON values of a form by path; Invalid for what cannot be read as its kind."""
    return Form(Attempt(typed=typed), fields=fields_of(fields)).values()


def initial_from(fields: Iterable[FieldSpec], content: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a form that shows a content."""
    return {spec.path: content[spec.name] for spec in fields if spec.name in content}


def fields_of(fields: Iterable[FieldSpec], *, hints: Mapping[str, str] | None = None) -> dict[str, kit.Field]:
    """The form's fields of these fields; `hints` are by field name."""
    return {
        spec.path: field_for(
            spec,
            hint=(hints or {}).get(spec.name, ""),
            select=len(spec.codes or ()) > 4 and spec.kind == "text",
        )
        for spec in fields
    }


def inputs(
    fields: Iterable[FieldSpec],
    attempt: Attempt,
    *,
    initial: Mapping[str, Any] | None = None,
    hints: Mapping[str, str] | None = None,
) -> tuple[Input, ...]:
    """The inputs of a form; `initial` is what they hold before anybody types."""
    return Form(attempt, fields=fields_of(fields, hints=hints), initial=initial).inputs


def number_in(typed: Typed, name: str) -> int | None:
    """A version or a row's number from a hidden input; None if it is not a number."""
    text = text_at(typed, name)
    return int(text) if text.isdecimal() and len(text) < 18 else None


def problems_of(attempt: Attempt, first: str) -> tuple[tuple[str, str], ...]:
    """Every problem with the input that mends it; one of the whole form leads to `first`, its first input."""
    return tuple(
        (text, f"#{field_id(path) if path else first}")
        for path, texts in attempt.errors.items()
        for text in texts
    )
