"""A referral that is being written: its draft, its intake, and the guideline's advice so far."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import User
from accounts.service import Service
from kernel.actors import Role
from kernel.refusals import Invalid
from kernel.time import is_earlier
from referrals.intake.fields import FIELD_AT, REFERRER_ROLE, NotAllowed, Unreadable, read_text
from referrals.intake.instants import SKEW, fault_of_future
from referrals.intake.validation import Intake, parse, read_presentation
from referrals.usecases.submit_referral import OnPaper
from referrals.web.answers import NONE_PRESENT, Answers, answers_of
from referrals.web.organisations import Directory, directory
from referrals.web.steps import CHECK, DANGER_SIGNS, STEPS, TELEPHONE, WORRIED, YOU, FormStep, path_of
from triage.assess import promises_of
from triage.guideline.evaluate import Instants, evaluate, stream_of
from triage.guideline.findings import CancerContext, Presentation
from triage.guideline.normalisation import stream_inputs
from triage.guideline.rule import Stream
from triage.guideline.stored import StoredResult
from webkit import drafts
from webkit.models import Draft
from webkit.typed import Typed, text_at, typed_instant

DEFAULTED, REVISION, ASKED = "suspected_at_defaulted", "revision", "asked"
ROLE_OF_JOB = {words.casefold(): code for code, words in REFERRER_ROLE.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """A draft as it stands."""

    id: uuid.UUID
    typed: Typed
    led_to: str = ""

    @property
    def telephone(self) -> bool:
        return "called_at.time" in self.typed

    @property
    def asked(self) -> tuple[str, ...]:
        """The pages that were filled in, the newest last; all of them in a draft from before this was kept."""
        return tuple(self.typed.get(ASKED, [step.slug for step in STEPS]))


def place_of(number: uuid.UUID) -> str:
    """The key under which the draft of this referral is saved."""
    return f"referral:{number}"


def begin(user: User, *, at: datetime) -> Writing:
    """A form with its writer's details filled in. Nothing is stored yet."""
    values = {
        "referrer.name": user.name,
        "referrer.role": ROLE_OF_JOB.get(user.job_title.casefold(), ""),
        "referrer.organisation_ods": user.organisation_id,
        "referrer.callback_number": user.telephone,
        "referrer.email": user.email,
    }
    typed = {path: [value] for path, value in values.items()} if user.role == Role.REFERRER else {}
    typed |= typed_instant(at, "clinician_suspected_at") | {DEFAULTED: ["yes"], ASKED: []}
    if user.role == Role.COORDINATOR:
        typed |= typed_instant(at, "called_at")
    return Writing(id=uuid.uuid4(), typed=typed)


def resume(user: User, number: uuid.UUID, *, at: datetime) -> Writing:
    """The draft with this number, or an empty form for it."""
    draft = drafts.draft_at(user, place_of(number))
    if draft is None:
        return Writing(id=number, typed=begin(user, at=at).typed)
    return Writing(id=number, typed=draft.typed, led_to=draft.led_to)


def unfinished(user: User) -> Draft | None:
    """The newest referral that somebody started but did not send."""
    return drafts.newest_below(user, "referral:")


def throw_away(user: User, number: str) -> bool:
    """Delete a referral that this person started and did not send. False when there is none of that number."""
    draft = drafts.draft_at(user, f"referral:{number}")
    if draft is None or draft.led_to:
        return False
    drafts.forget(user, place=draft.place)
    return True


def place_to_go_on(draft: Draft) -> str:
    """Where somebody continues a draft: the page they left, or the check page when every page is filled in."""
    writing = Writing(id=uuid.UUID(draft.place.removeprefix("referral:")), typed=draft.typed)
    if writing.telephone:
        return TELEPHONE.slug
    unasked = {step.slug for step in path_of(emergency=is_emergency(writing))} - set(writing.asked)
    return writing.asked[-1] if unasked and writing.asked else CHECK


def save(
    user: User,
    writing: Writing,
    page: Mapping[str, list[str]],
    names: set[str],
    *,
    at: datetime,
    asked: str = "",
    unless_newer: bool = False,
) -> Writing:
    """Keep one page of the form: its own fields replace what they were, the others stay.

    `asked` is the page that was filled in. A page that is saved while it is being filled in may arrive after the one that was sent;
    `unless_newer` keeps a newer draft.
    """
    place = place_of(writing.id)
    with transaction.atomic():
        drafts.hold(user, place=place)
        before: Typed = drafts.typed_at(user, place) or writing.typed
        newest = max(_revision(page), _revision(before))
        if unless_newer and _revision(page) < newest:
            return Writing(id=writing.id, typed=before)
        others = {key: values for key, values in before.items() if not _belongs(key, names)}
        typed = {**others, **{key: values for key, values in page.items() if _belongs(key, names)}}
        if any(
            typed.get(key) != before.get(key) for key in typed if key.startswith("clinician_suspected_at")
        ):
            typed.pop(DEFAULTED, None)
        typed[REVISION] = [str(newest)]
        if asked and ASKED in before:
            typed[ASKED] = [*(slug for slug in before[ASKED] if slug != asked), asked]
        drafts.save(user, place=place, typed=typed, at=at)
    return Writing(id=writing.id, typed=typed)


def _revision(typed: Typed) -> int:
    """When the browser sent this, by its own clock; 0 where it says nothing."""
    text = text_at(typed, REVISION)
    return int(text) if text.isdecimal() and len(text) < 16 else 0


def sent(user: User, number: uuid.UUID, *, led_to: str) -> None:
    """Mark a draft as sent: its text is deleted and its case is kept, so that sending it twice leads to the same case."""
    drafts.mark_sent(user, place=place_of(number), led_to=led_to)


def _belongs(key: str, names: set[str]) -> bool:
    return key in names or key.rpartition(".")[0] in names


def intake_of(
    writing: Writing, *, service: Service, at: datetime, organisations: Directory | None = None
) -> tuple[Intake, Answers]:
    """The intake of a draft; Invalid with every problem by path, in the form's own words."""
    typed, unknown = (organisations or directory()).with_codes(writing.typed)
    form = answers_of(typed)
    form.problems.update(unknown)
    defaulted = bool(text_at(writing.typed, DEFAULTED))
    arrival = form.received_at or form.called_at
    if defaulted and arrival:  # a suspicion comes before the call
        form.body["clinician_suspected_at"] = min(arrival, form.body.get("clinician_suspected_at") or arrival)
    try:
        intake = parse(
            form.body, at=at, under_18_route=service["under_18_route"], suspected_at_defaulted=defaulted
        )
    except Invalid as invalid:
        errors = {path: list(texts) for path, texts in invalid.errors.items()}
        errors |= {path: [text] for path, text in form.problems.items()}
        raise Invalid(invalid.sentence, errors=errors) from None
    group_problems = {path: [text] for path, text in form.problems.items() if path not in FIELD_AT}
    if group_problems:
        raise Invalid("Some answers contradict each other", errors=group_problems)
    return intake, form


def presentation_so_far(typed: Typed) -> Presentation:
    """The findings as far as they are answered; an open cancer question reads as none known."""
    answers = answers_of(typed).body["presentation"]
    readable = {"cancer_context": "none_known", **answers}
    errors: dict[str, list[str]] = {}
    presentation = read_presentation(readable, errors)
    if presentation is None:  # one answer that cannot be read does not remove the others
        presentation = read_presentation(_without(readable, errors), {})
    return presentation or Presentation(cancer_context=CancerContext.NONE_KNOWN)


def _without(answers: Mapping[str, Any], paths: Iterable[str]) -> dict[str, Any]:
    wrong = {path.removeprefix("presentation.") for path in paths}
    groups = {
        group: {name: answer for name, answer in answers[group].items() if f"{group}.{name}" not in wrong}
        for group in ("pain", "neurology")
        if isinstance(answers.get(group), dict)
    }
    return {"cancer_context": "none_known", **{k: v for k, v in answers.items() if k not in wrong}, **groups}


def evaluation_so_far(writing: Writing, *, service: Service, at: datetime) -> StoredResult:
    """What the guideline says of the draft, as the API would give it."""
    result = evaluate(
        presentation_so_far(writing.typed),
        at=at,
        instants=Instants(
            suspected_at=_instant(writing, "clinician_suspected_at"),
            mscc_suspected_at=_instant(writing, "mscc_suspected_at"),
            submitted_at=at,
        ),
        promises=promises_of(service),
    )
    return result.as_json()


def _instant(writing: Writing, path: str) -> datetime | None:
    text = answers_of(writing.typed).body.get(path)
    try:
        return None if text is None else FIELD_AT[path].read(text)
    except (Unreadable, NotAllowed):
        return None


def has_danger_sign(writing: Writing) -> bool:
    """Whether a danger sign was answered yes, whatever else is still open."""
    return any(text_at(writing.typed, path) == "yes" for path in DANGER_SIGNS)


_UNANSWERED = frozenset({"", "not_assessed", "not_recorded"})


def is_untouched(writing: Writing) -> bool:
    """Whether no finding has been answered yet."""
    prefixes = ("presentation.", f"{NONE_PRESENT}.")
    return all(
        text_at(writing.typed, key) in _UNANSWERED for key in writing.typed if key.startswith(prefixes)
    )


def to_answer(writing: Writing) -> str:
    """What to answer before the guideline can be evaluated; empty when it can be."""
    if is_untouched(writing):
        return "Answer the questions about cancer and the danger signs. The guideline's advice will then appear here"
    if not text_at(writing.typed, "presentation.cancer_context") and not is_emergency(writing):
        return "Say whether the person has or had cancer. The guideline's advice will then appear here"
    return ""


def is_emergency(writing: Writing) -> bool:
    """Whether the short path is open: a definite emergency, not a merely unanswered one."""
    stream, provisional = stream_of(stream_inputs(presentation_so_far(writing.typed)))
    return stream == Stream.EMERGENCY and not provisional


def names_of(page: FormStep) -> set[str]:
    """The names of the fields on a page, with the choices for whole groups and the time of a call."""
    groups = {f"{NONE_PRESENT}.{section.group}" for section in page.sections if section.group}
    return {*page.paths, *WORRIED.paths, *groups, *({"called_at"} if page is YOU else ())}


def on_paper_of(form: Answers, intake: Intake, *, at: datetime) -> OnPaper | None:
    """The true times of what was taken on paper; Invalid names what does not fit."""
    if form.received_at is None:
        if form.seen_at or form.seen_by:
            why = "Enter when it arrived, or clear who answered it and when"
            raise Invalid("These times do not fit together", errors={"received_at": [why]})
        return None
    errors: dict[str, list[str]] = {}
    received_at = _paper_instant(form.received_at, "received_at", errors, at=at)
    seen_at = _paper_instant(form.seen_at, "seen_at", errors, at=at)
    if received_at and seen_at and is_earlier(seen_at, than=received_at):
        errors["seen_at"] = ["This is before it arrived: check the times"]
    suspected = intake.values["clinician_suspected_at"]
    if received_at and suspected > received_at + SKEW:
        errors["clinician_suspected_at"] = ["This is after it arrived: enter when it was first suspected"]
    try:
        read_text(form.seen_by)
    except (Unreadable, NotAllowed) as problem:
        errors["seen_by"] = [str(problem)]
    if (seen_at is None) != (not form.seen_by):
        errors["seen_by" if seen_at else "seen_at"] = ["Enter both who answered it and when, or neither"]
    if errors or received_at is None:
        raise Invalid("These times do not fit together", errors=errors)
    return OnPaper(received_at=received_at, seen_by=form.seen_by, seen_at=seen_at)


def _paper_instant(
    text: str | None, path: str, errors: dict[str, list[str]], *, at: datetime
) -> datetime | None:
    """A time that was written on paper; its problem, if it has one, goes into `errors`."""
    try:
        instant = None if text is None else FIELD_AT["presented_at"].read(text)
    except (Unreadable, NotAllowed):
        errors[path] = ["Enter a real date and a 24-hour time"]
        return None
    if instant and (fault := fault_of_future(instant, at=at, ask="it was")):
        errors[path] = [fault]
    return instant
