"""The pages of the referral form, ready to print."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.urls import reverse

from accounts.models import Draft
from kernel.time import MONTHS, near
from referrals.fields import FIELD_AT
from referrals.intake import label_of
from referrals.web.answers import one
from referrals.web.drafting import Writing, is_emergency
from referrals.web.inputs import Input, field_id, input_of, none_present
from referrals.web.steps import STEPS, TELEPHONE, WORRIED, YOU, Section, Step, before, step_of
from triage.web.guidance import Guidance

Problems = Mapping[str, Sequence[str]]


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
    guidance: Guidance
    telephone: bool
    unfinished: str
    unfinished_since: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    label: str
    value: str
    change: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckSection:
    title: str
    change: str
    rows: Sequence[Row]
    empty: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckScreen:
    """Everything typed, before it is sent."""

    sections: Sequence[CheckSection]
    problems: Sequence[tuple[str, str]]
    notices: Sequence[str]
    guidance: Guidance
    back: str
    worried: Input


def step_screen(
    writing: Writing,
    page: Step,
    problems: Problems,
    *,
    guidance: Guidance,
    telephone: bool,
    unfinished: Draft | None,
    at: datetime,
) -> StepScreen:
    emergency = is_emergency(writing)
    back = before(page, emergency=emergency)
    number = writing.id
    return StepScreen(
        title=page.title,
        position="Everything on one screen"
        if page is TELEPHONE
        else f"Page {STEPS.index(page) + 1} of {len(STEPS)}",
        one_screen=page is TELEPHONE,
        action=reverse("referral_step", args=[number, page.slug]),
        advice_action=reverse("referral_advice", args=[number, page.slug]),
        back=reverse("referral_step", args=[number, back]) if back else "",
        sections=tuple(_section(section, writing, problems) for section in _sections(page, telephone)),
        problems=tuple((text, f"#{field_id(path)}") for path, texts in problems.items() for text in texts),
        guidance=guidance,
        telephone=telephone,
        unfinished=_resume_address(unfinished),
        unfinished_since=near(unfinished.saved_at, at=at) if unfinished else "",
    )


def _sections(page: Step, telephone: bool) -> Iterator[Section]:
    yield from page.sections
    if telephone and page is YOU:
        yield Section(title="The call", paths=("called_at",))
    yield WORRIED


def _resume_address(draft: Draft | None) -> str:
    if draft is None:
        return ""
    number = draft.place.removeprefix("referral:")
    return (
        reverse("referral_step", args=[number, TELEPHONE.slug])
        if any(key.startswith("called_at.") for key in draft.typed)
        else reverse("check_referral", args=[number])
    )


def _section(section: Section, writing: Writing, problems: Problems) -> SectionScreen:
    group = none_present(section.group, writing.typed, problems) if section.group else None
    inputs = tuple(_input(path, section, writing, problems) for path in section.paths)
    return SectionScreen(
        title=section.title,
        hint=section.hint,
        optional=section.optional,
        open=any(one.error for one in inputs) or any(_filled_in(path, writing) for path in section.paths),
        none_present=group,
        inputs=inputs,
    )


def _input(path: str, section: Section, writing: Writing, problems: Problems) -> Input:
    """One input; of a call the words speak of the referrer, not of whoever types."""
    of_caller = section in TELEPHONE.sections and path in FIELD_AT
    label = label_of(path).replace("Your", "Referrer's") if of_caller else ""
    found = input_of(path, writing.typed, problems, label=label)
    return replace(found, hint=found.hint.replace("reaches you", "reaches them")) if of_caller else found


def _filled_in(path: str, writing: Writing) -> bool:
    """Whether something was typed into a field of a part that stands closed."""
    return any(
        key == path or key.rpartition(".")[0] == path for key, values in writing.typed.items() if any(values)
    )


def check_screen(
    writing: Writing, problems: Problems, *, guidance: Guidance, notices: Sequence[str]
) -> CheckScreen:
    def address(slug: str, path: str = "") -> str:
        page = reverse("referral_step", args=[writing.id, slug])
        return f"{page}?check#{field_id(path)}" if path else page

    sections = []
    for page in STEPS:
        rows = tuple(
            Row(label=label_of(path), value=value, change=address(page.slug, path))
            for path in page.paths
            if (value := _in_words(path, writing))
        )
        sections.append(CheckSection(title=page.title, change=address(page.slug), rows=rows, empty=not rows))
    return CheckScreen(
        sections=tuple(sections),
        problems=tuple(
            (f"{label_of(path)}: {text}", address(step_of(path), path))
            for path, texts in problems.items()
            for text in texts
        ),
        notices=notices,
        guidance=guidance,
        back=address(YOU.slug),
        worried=input_of("referrer_concern", writing.typed, problems),
    )


def _in_words(path: str, writing: Writing) -> str:
    """What was typed, as a person reads it; empty when nothing was."""
    shown = input_of(path, writing.typed, {})
    if shown.parts is not None:
        parts = shown.parts
        month = int(parts["month"]) if parts["month"].isdecimal() and len(parts["month"]) < 3 else 0
        named = MONTHS[month - 1] if 1 <= month <= 12 else parts["month"]
        day = " ".join(part for part in (parts["day"], named, parts["year"]) if part)
        return f"{parts['time']} on {day}" if parts.get("time") else day
    if shown.kind == "flag":
        return "Yes" if shown.value else ""
    if shown.options:
        return next((o.text for o in shown.options if o.chosen and (shown.value or path not in _QUIET)), "")
    return one(writing.typed, path)


_QUIET = frozenset({"presentation.primary_site"})
