"""The pages of the referral form, ready to print."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.urls import reverse

from kernel.time import MONTHS, near
from referrals.intake.fields import ANSWER, FIELD_AT
from referrals.intake.validation import label_of
from referrals.web.answers import NONE_PRESENT
from referrals.web.inputs import NONE, field_of
from referrals.web.organisations import ORGANISATIONS, Directory
from referrals.web.referral_draft import Writing, is_emergency, is_untouched, place_to_go_on
from referrals.web.steps import (
    CHECK,
    STEPS,
    TELEPHONE,
    WORRIED,
    YOU,
    FormSection,
    FormStep,
    before,
    path_of,
    position_of,
    step_of,
)
from triage.web.guidance import Guidance
from webkit.attempt import Attempt
from webkit.fields import Field
from webkit.forms import Form
from webkit.inputs import Input, field_id
from webkit.models import Draft

Problems = Mapping[str, Sequence[str]]
WORRY = "referrer_concern"
AUTOCOMPLETE = {"referrer.name": "name", "referrer.callback_number": "tel", "referrer.email": "email"}


@dataclass(frozen=True, slots=True, kw_only=True)
class AdviceLine:
    """What the guideline says so far, or what has to be answered first."""

    guidance: Guidance | None
    to_answer: str
    ring_now: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionScreen:
    title: str
    hint: str
    optional: bool
    open: bool
    none_present: Input | None
    inputs: Sequence[Input]


@dataclass(frozen=True, slots=True, kw_only=True)
class StepScreen:
    """One page of the form."""

    title: str
    position: str
    one_screen: bool
    action: str
    advice_action: str
    back: str
    sections: Sequence[SectionScreen]
    problems: Sequence[tuple[str, str]]
    advice: AdviceLine
    telephone: bool
    sends: bool
    entered: Sequence["CheckSection"]
    organisations: Sequence[str]
    unfinished: str
    unfinished_number: str
    unfinished_since: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerRow:
    label: str
    value: str
    change: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckSection:
    title: str
    change: str
    rows: Sequence[AnswerRow]
    empty: bool

    @property
    def answered(self) -> Sequence[tuple[str, str]]:
        """What was answered, as pairs."""
        return tuple((row.label, row.value) for row in self.rows if row.value != NOT_ASSESSED)

    @property
    def not_assessed(self) -> str:
        """The findings that were asked for and not assessed, as one line."""
        return "; ".join(row.label for row in self.rows if row.value == NOT_ASSESSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckScreen:
    """Everything typed, before it is sent."""

    sections: Sequence[CheckSection]
    to_ask: Sequence[tuple[str, str]]
    not_asked: Sequence[tuple[str, str]]
    problems: Sequence[tuple[str, str]]
    notices: Sequence[str]
    advice: AdviceLine
    back: str
    worried: Input


def step_screen(
    writing: Writing,
    page: FormStep,
    problems: Problems,
    *,
    advice: AdviceLine,
    organisations: Directory,
    telephone: bool,
    changing: bool,
    unfinished: Draft | None,
    at: datetime,
) -> StepScreen:
    """One page of the form with what was typed, its problems and the advice so far; `changing` leads back to the check page."""
    emergency, number = is_emergency(writing), writing.id
    back = CHECK if changing else before(page, emergency=emergency)
    action = reverse("referral_step", args=[number, page.slug])
    sends = emergency and page is YOU and not telephone
    return StepScreen(
        title=page.title,
        position="Then back to the check page"
        if changing
        else position_of(page, emergency=emergency, undecided=is_untouched(writing)),
        one_screen=page is TELEPHONE,
        action=f"{action}?{CHECK}" if changing else action,
        advice_action=reverse("referral_advice", args=[number, page.slug]),
        back=_address(writing, back) if back else "",
        sections=tuple(
            _section(section, writing, problems, organisations) for section in _sections(page, telephone)
        ),
        problems=tuple((text, f"#{field_id(path)}") for path, texts in problems.items() for text in texts),
        advice=advice,
        telephone=telephone,
        sends=sends,
        entered=tuple(
            _answers_on(step, writing, organisations)
            for step in STEPS
            if step.slug in writing.asked and step is not YOU
        )
        if sends
        else (),
        organisations=organisations.suggestions if set(ORGANISATIONS) & set(page.paths) else (),
        unfinished=_address(
            Writing(id=uuid.UUID(unfinished.place.removeprefix("referral:")), typed={}),
            place_to_go_on(unfinished),
        )
        if unfinished
        else "",
        unfinished_number=unfinished.place.removeprefix("referral:") if unfinished else "",
        unfinished_since=near(unfinished.saved_at, at=at) if unfinished else "",
    )


def _address(writing: Writing, slug: str) -> str:
    """The address of a page of a draft, or of its check page."""
    if slug == CHECK:
        return reverse("check_referral", args=[writing.id])
    return reverse("referral_step", args=[writing.id, slug])


def _sections(page: FormStep, telephone: bool) -> Iterator[FormSection]:
    yield from page.sections
    if telephone and page is YOU:
        yield FormSection(title="The call", paths=("called_at",))
    yield WORRIED


def _section(
    section: FormSection, writing: Writing, problems: Problems, organisations: Directory
) -> SectionScreen:
    attempt = Attempt(typed=writing.typed, errors=problems)
    form = Form(attempt, fields={path: _field(path, section) for path in section.paths})
    inputs = tuple(_input(entry, section, organisations) for entry in form.inputs)
    group = f"{NONE_PRESENT}.{section.group}"
    return SectionScreen(
        title=section.title,
        hint=section.hint,
        optional=section.optional,
        open=any(entry.error for entry in inputs) or any(_filled_in(path, writing) for path in section.paths),
        none_present=Form(attempt, fields={group: NONE}).input(group) if section.group else None,
        inputs=inputs,
    )


def _of_caller(path: str, section: FormSection) -> bool:
    """Whether a field is asked in a call. Its label then names the referrer, not the person typing."""
    return section in TELEPHONE.sections and path in FIELD_AT


def _field(path: str, section: FormSection) -> Field:
    return field_of(
        path, label=label_of(path).replace("Your", "Referrer's") if _of_caller(path, section) else ""
    )


def _input(entry: Input, section: FormSection, organisations: Directory) -> Input:
    if entry.name in ORGANISATIONS:
        hint = ". ".join(part for part in ("Start typing its name", entry.hint) if part)
        value, wide = organisations.label_of(entry.value), "two-thirds"
        entry = replace(entry, value=value, hint=hint, suggestions="organisations", width=wide)
    if _of_caller(entry.name, section):
        return replace(entry, hint=entry.hint.replace("reaches you", "reaches them"))
    return replace(entry, autocomplete=AUTOCOMPLETE.get(entry.name, entry.autocomplete))


def _filled_in(path: str, writing: Writing) -> bool:
    """Whether something was typed into a field of a closed part."""
    return any(
        key == path or key.rpartition(".")[0] == path for key, values in writing.typed.items() if any(values)
    )


def check_screen(
    writing: Writing,
    problems: Problems,
    *,
    advice: AdviceLine,
    organisations: Directory,
    notices: Sequence[str],
) -> CheckScreen:
    """Only what was asked is listed; unvisited pages are named."""
    path = path_of(emergency=is_emergency(writing))
    unasked = [page for page in STEPS if page.slug not in writing.asked]
    return CheckScreen(
        sections=tuple(_answers_on(page, writing, organisations) for page in STEPS if page not in unasked),
        to_ask=tuple((page.title, _changing(writing, page.slug)) for page in unasked if page in path),
        not_asked=tuple((page.title, _changing(writing, page.slug)) for page in unasked if page not in path),
        problems=tuple(
            (f"{label_of(path)}: {text}", _changing(writing, step_of(path), path))
            for path, texts in problems.items()
            for text in texts
        ),
        notices=notices,
        advice=advice,
        back=_address(writing, path[-1].slug),
        worried=Form(Attempt(typed=writing.typed, errors=problems), fields={WORRY: field_of(WORRY)}).input(
            WORRY
        ),
    )


def _changing(writing: Writing, slug: str, path: str = "") -> str:
    """The address of a page that leads back to the check page, at one of its fields."""
    page = f"{_address(writing, slug)}?{CHECK}"
    return f"{page}#{field_id(path)}" if path else page


def _answers_on(page: FormStep, writing: Writing, organisations: Directory) -> CheckSection:
    form = Form(Attempt(typed=writing.typed), fields={path: field_of(path) for path in page.paths})
    rows = tuple(
        AnswerRow(label=label_of(entry.name), value=value, change=_changing(writing, page.slug, entry.name))
        for entry in form.inputs
        if (value := _in_words(entry, organisations))
    )
    return CheckSection(title=page.title, change=_changing(writing, page.slug), rows=rows, empty=not rows)


def _in_words(entry: Input, organisations: Directory) -> str:
    """What was typed, as a person reads it; empty when nothing was."""
    if entry.parts is not None:
        parts = entry.parts
        month = int(parts["month"]) if parts["month"].isdecimal() and len(parts["month"]) < 3 else 0
        month_name = MONTHS[month - 1] if 1 <= month <= 12 else parts["month"]
        day = " ".join(part for part in (parts["day"], month_name, parts["year"]) if part)
        return f"{parts['time']} on {day}" if parts.get("time") else day
    if entry.kind == "flag":
        return "Yes" if entry.value else ""
    if entry.options:
        return next((o.text for o in entry.options if o.chosen and o.value not in _QUIET), "")
    text = entry.value.strip()
    return organisations.name_of(text) if entry.name in ORGANISATIONS else text


_QUIET = frozenset({"not_recorded"})  # what a list shows before anybody chooses
NOT_ASSESSED = ANSWER["not_assessed"]
