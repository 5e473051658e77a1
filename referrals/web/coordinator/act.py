"""An act on a case: its title, its form, the reason it is refused, and what sending its form does."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.urls import reverse

from accounts.act import Act
from kernel.actors import Actor
from kernel.refusals import Invalid
from referrals.arrival.notices import NOTICES
from referrals.case import policy
from referrals.case.models import Referral
from referrals.case.queries import find
from referrals.case.states import Action
from referrals.evidence.events import parse_event
from referrals.intake import codes
from referrals.intake.fields import FIELD_AT, Unreadable
from referrals.usecases.record_event import record_event
from referrals.web.coordinator.casefile import CaseFile
from referrals.web.form_keys import key_of
from webkit.attempt import Attempt
from webkit.forms import NOTHING, Fields, Form
from webkit.inputs import Input
from webkit.typed import Typed, instant_of, number_of, text_at


class ActGroup(StrEnum):
    """What an act is for, as people look for it."""

    DECIDE = "Decide"
    SCAN = "Scan"
    MOVE = "Move"
    TELL = "Tell and ask"
    TREAT = "Treat"
    MEND = "Correct"
    END = "End"


@dataclass(frozen=True, slots=True, kw_only=True)
class SentAct:
    """A form that was sent about a case."""

    reference: str
    typed: Typed
    act: Act

    @property
    def seen(self) -> int | None:
        """The version of the case that was on the screen."""
        return self.number("version") or None

    def __getitem__(self, name: str) -> str:
        return text_at(self.typed, name)

    def text(self, name: str = "text") -> str:
        """A text as it was typed, with its line breaks."""
        return (self.typed.get(name) or [""])[-1]

    def prefixed(self, prefix: str) -> dict[str, str]:
        """The fields whose names begin so, without their prefix."""
        return {
            name.removeprefix(prefix): text_at(self.typed, name)
            for name in self.typed
            if name.startswith(prefix)
        }

    def number(self, name: str) -> int:
        """A row's number; 0 if it is not a number."""
        return number_of(self.typed, name)

    @property
    def case(self) -> Referral:
        return find(self.reference, by=self.by)

    @property
    def by(self) -> Actor:
        return self.act.by

    @property
    def at(self) -> datetime:
        return self.act.at


def _nothing_to_fill_in(file: CaseFile) -> Fields:
    return {}


def _always(file: CaseFile) -> str:
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseAct:
    """One thing that a coordinator does to a case.

    `title` is in the menu and over the form, `button` on its button. `fields` are those of its form for a case
    and `do` reads it when it is sent and says what was done. `unless` is a sentence when there is nothing to
    act on; who may act in which state is the policy's. `page` names the address of an act with its own page.
    `follows` says over the form of an act that ends something what follows, and whether it can be undone.
    """

    name: str
    title: str
    group: ActGroup
    action: Action
    button: str = "Record"
    do: Callable[[SentAct], str] | None = None
    fields: Callable[[CaseFile], Fields] = _nothing_to_fill_in
    unless: Callable[[CaseFile], str] = _always
    page: str = ""
    follows: str = ""
    warns: bool = False  # its button is the red one
    asks_again: bool = (
        False  # if the case has changed, the form comes back as typed, to be read and sent again
    )

    @property
    def has_form(self) -> bool:
        """Whether it is done by one form; other acts have their own pages."""
        return not self.page or self.fields is not _nothing_to_fill_in

    @property
    def at_once(self) -> bool:
        """Whether one press does it: there is nothing to fill in."""
        return self.do is not None and self.fields is _nothing_to_fill_in

    def address(self, case: Referral) -> str:
        return (
            reverse(self.page, args=[case.reference])
            if self.page
            else reverse("act", args=[case.reference, self.name])
        )

    def why_not(self, file: CaseFile) -> str:
        """Why the act cannot be done now; empty when it can."""
        refusal = policy.why_not(file.by, self.action, file.case)
        return refusal.sentence if refusal else self.unless(file)


@dataclass(frozen=True, slots=True, kw_only=True)
class ActForm:
    """The form of one act, ready to print: where it goes, its inputs, what is wrong, or why it cannot be used."""

    act: str
    title: str
    address: str
    button: str
    warns: bool
    inputs: Sequence[Input]
    key: str  # of this drawing of the form, so that a form sent twice acts once
    version: int | str  # of the case as it stood when the form was drawn first
    back: str
    problems: Sequence[tuple[str, str]] = ()
    refused: str = ""
    follows: str = ""
    began: str = ""  # when something was typed here and not sent
    stale: bool = False  # the case has changed since the form was drawn


def form_of(
    act: CaseAct, file: CaseFile, attempt: Attempt = NOTHING, *, back: str, began: str = ""
) -> ActForm:
    """The form of an act with what was typed into it; `back` is the page that it was opened from."""
    refusal = act.why_not(file)
    fields = {} if refusal or began else act.fields(file)
    form = Form(attempt, fields=fields, of=act.name)  # ids differ where two forms are on a page
    return ActForm(
        act=act.name,
        title=act.title,
        address=act.address(file.case),
        button=act.button,
        warns=act.warns,
        inputs=form.inputs,
        key=key_of(attempt.typed),
        version=text_at(attempt.typed, "shown") or file.case.version,
        stale=text_at(attempt.typed, "shown") not in ("", str(file.case.version)),
        back=back,
        problems=form.problems,
        refused=refusal,
        follows=act.follows,
        began=began,
    )


def in_a_sentence(words: str) -> str:
    """Words in the middle of a sentence; an abbreviation keeps its letters."""
    return words if words[:2].isupper() else words[0].lower() + words[1:]


def event(
    sent: SentAct,
    kind: str,
    data: Mapping[str, Any],
    *,
    errors_at: str = "",
    text: str = "",
    alarming: bool = False,
    without_plan: str = "",
    dealing_with_it: bool = False,
) -> str:
    """Record an event through the same check as every other door; its problems are named by form field."""
    body = {"kind": kind, "occurred_at": optional_instant(sent, "occurred_at"), "data": data}
    try:
        fact = parse_event(body, at=sent.at)
    except Invalid as invalid:
        renamed = {errors_at or path.removeprefix("data."): texts for path, texts in invalid.errors.items()}
        raise Invalid(invalid.sentence, errors=renamed) from None
    _, _, notices = record_event(
        sent.reference,
        fact,
        act=sent.act,
        text=text,
        alarming=alarming,
        without_plan=without_plan,
        dealing_with_it=dealing_with_it,
    )
    sentences = [
        f"Recorded: {in_a_sentence(codes.EVENT_WORDS[kind])}",
        *(NOTICES[code].rstrip(".") for code in notices),
    ]
    return ". ".join(sentences)


def instant_sent(sent: SentAct, name: str) -> datetime:
    """The date and time typed into this input; Invalid, named by the input, when empty or wrong."""
    text = optional_instant(sent, name)
    if text is None:
        raise Invalid("Enter when it was", errors={name: ["Enter the date and the time"]})
    try:
        value: datetime = FIELD_AT["presented_at"].read(text)
    except Unreadable as problem:
        raise Invalid("Enter when it was", errors={name: [str(problem)]}) from None
    return value


def optional_instant(sent: SentAct, name: str) -> str | None:
    """The date and time typed into this input as RFC 3339 text, None when empty; Invalid when wrong."""
    problems: dict[str, str] = {}
    text = instant_of(sent.typed, name, problems)
    if problems:
        raise Invalid("Enter when it was", errors={path: [why] for path, why in problems.items()})
    return text
