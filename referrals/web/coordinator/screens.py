"""One case as the coordinator works on it, ready to print."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.people import ACTING_ROLE_WORDS
from kernel.actors import Actor, Role
from kernel.time import duration_in_words, in_words, near
from oncall import clocks
from referrals import codes, policy
from referrals.fields import FIELDS, REFERRER_ROLE
from referrals.intake import label_of
from referrals.models import Contact, Event, Referral, Review
from referrals.states import STATUS_WORDS, Action, Status
from referrals.timeline import Happening, timeline
from referrals.usecases.end_treatment_clocks import OFFERED, is_clean
from referrals.web.clock_lines import ClockLine, clock_lines
from referrals.web.coordinator import forms
from referrals.web.coordinator.board import NextStep, next_step
from referrals.web.coordinator.forms import Typing
from referrals.web.inputs import Input
from triage.assess import latest
from triage.guideline.findings import QUESTIONS, answer_in_words
from triage.guideline.rule import STREAM_WORDS, Stream
from triage.web.guidance import Guidance, guidance


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One form: where it goes, its inputs, whether it stands open, or why it may not be used now."""

    act: str
    button: str
    inputs: Sequence[Input]
    open: bool
    problems: Sequence[tuple[str, str]]
    refused: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewLine:
    number: int
    what: str
    done: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseScreen:
    """One case with everything that can be done to it."""

    reference: str
    version: int
    patient: str
    nhs_number: str
    born: str
    sex: str
    stream: str
    emergency: bool
    provisional: bool
    worried: bool
    status: str
    over: bool
    unacknowledged: bool
    may_act: bool
    next_step: NextStep
    seen_by: str
    sent: str
    times: Sequence[tuple[str, str]]
    referrer: Sequence[tuple[str, str]]
    callback: str
    callback_link: str
    guidance: Guidance
    same_person: Sequence[str]
    clocks: Sequence[ClockLine]
    findings: Sequence[tuple[str, str]]
    answered_as_group: Sequence[str]
    clinical: Sequence[tuple[str, str]]
    incomplete: Sequence[str]
    kept: Sequence[tuple[str, str]]
    imaging: Sequence[str]
    contacts: Sequence[str]
    reviews: Sequence[ReviewLine]
    clean: bool
    shared_with: Sequence[str]
    forms: Mapping[str, Form]
    history: Sequence[Happening]


def case_screen(
    case: Referral, *, by: Actor, at: datetime, typing: Mapping[str, Typing], failed: str = ""
) -> CaseScreen:
    """The screen of one case. `typing` is what was typed into its forms; `failed` is the form with problems."""
    assessment = latest(case.pk)
    every_clock = clocks.of_case(case.pk)
    running = [clock for clock in every_clock if clock.stopped_at is None]
    reviews = list(case.reviews.select_related("decision"))
    case.to_review = any(review.done_at is None for review in reviews)  # type: ignore[attr-defined]  # as on the board
    events = list(case.events.order_by("occurred_at", "id"))
    referrer = case.referrer
    return CaseScreen(
        reference=case.reference,
        version=case.version,
        patient=case.patient.name,
        nhs_number=case.patient.nhs_number_words,
        born=case.patient.born,
        sex=case.patient.sex,
        stream=STREAM_WORDS[Stream(case.stream)],
        emergency=case.is_emergency,
        provisional=case.provisional,
        worried=case.referrer_concern == "emergency",
        status=STATUS_WORDS[Status(case.status)],
        over=case.is_over,
        unacknowledged=any(clock.kind == "acknowledge" for clock in running),
        may_act=by.role == Role.COORDINATOR,
        next_step=next_step(case, sorted(running, key=lambda clock: clock.due_at)),
        seen_by=_seen_by(case, at=at),
        sent=f"{near(case.submitted_at, at=at)}, {duration_in_words(at - case.submitted_at)} ago",
        times=tuple(_times(case)),
        referrer=tuple(_referrer(case)),
        callback=referrer["callback_number"] or "",
        callback_link="".join(c for c in referrer["callback_number"] or "" if c.isdigit() or c == "+"),
        guidance=guidance(assessment.result, at=at),
        same_person=tuple(
            case.episode.referrals.exclude(pk=case.pk).order_by("id").values_list("reference", flat=True)
        ),
        clocks=clock_lines(every_clock, at=at),
        findings=tuple((q.label, answer_in_words(case.findings, q)) for q in QUESTIONS),
        answered_as_group=tuple(case.answered_as_group),
        clinical=tuple(_clinical(case)),
        incomplete=tuple(label_of(path) for path in case.incomplete),
        kept=tuple((label_of(path), str(value)) for path, value in case.kept.items()),
        imaging=tuple(_event_line(event, at=at) for event in events),
        contacts=tuple(
            _contact_line(row, at=at) for row in case.contacts.select_related("note").order_by("-id")
        ),
        reviews=tuple(_review_line(review, at=at) for review in reviews),
        clean=is_clean(case) and any(clock.kind in OFFERED for clock in running),
        shared_with=tuple(case.shared_with.order_by("id").values_list("organisation", flat=True)),
        forms=_forms(
            case,
            assessment.result,
            running={clock.kind for clock in running},
            by=by,
            at=at,
            typing=typing,
            failed=failed,
        ),
        history=timeline(case),
    )


def _forms(
    case: Referral,
    result: Mapping[str, object],
    *,
    running: set[str],
    by: Actor,
    at: datetime,
    typing: Mapping[str, Typing],
    failed: str,
) -> dict[str, Form]:
    def t(act: str) -> Typing:
        return typing.get(act, Typing())

    triaged = case.status not in (Status.SUBMITTED, Status.ACKNOWLEDGED)
    made = {
        "findings": ("Keep these answers", Action.COMPLETE_FINDINGS, forms.findings(case, t("findings"))),
        "corrections": ("Correct", Action.COMPLETE_FINDINGS, forms.corrections(case, t("corrections"))),
        "triage": ("Record the decision", Action.ACCEPT, forms.triage(case, result, t("triage"))),
        "disposition": ("Tell the referrer", Action.DECIDE_DISPOSITION, forms.disposition(case, t("disposition"))),
        "contact": ("Log this contact", Action.LOG_CONTACT, forms.contact(case, t("contact"), at=at)),
        **{
            kind: ("Record", Action.RECORD_EVENT, forms.imaging(case, t(kind), at=at, kind=kind))
            for kind in forms.IMAGING_KINDS
        },
        "event": ("Record", Action.RECORD_EVENT, forms.other_event(t("event"), at=at)),
        "deterioration": ("Record worse neurology", Action.RECORD_DETERIORATION,
                          forms.deterioration(t("deterioration"), at=at)),
        "promise": ("Record", Action.KEEP_PROMISE, forms.promise(running, t("promise"), at=at)),
        "mdt": ("List for MDT", Action.LIST_FOR_MDT, forms.mdt(t("mdt"))),
        "redirect": ("Redirect", Action.REDIRECT, forms.redirect(t("redirect"))),
        "close": ("Close the case", Action.CLOSE, forms.closing(t("close"))),
        "reopen": ("Open it again", Action.REOPEN, forms.reason(t("reopen"), "Why it is opened again")),
        "withdraw": ("Withdraw", Action.WITHDRAW, forms.reason(t("withdraw"), "Why it is withdrawn", name="reason")),
        "error": ("Mark as entered in error", Action.MARK_ERROR, forms.reason(t("error"), "What was wrong")),
        "share": ("Give access", Action.ADD_ORGANISATION,
                  (forms.text("organisation", "ODS code of the organisation", t("share"), short=True),)),
        "review": ("Record the review", Action.REVIEW,
                   (forms.choice("agreed", "Do you agree?", {"yes": "Yes", "no": "No"}, t("review"), kind="inline"),
                    forms.text("text", "Comment", t("review"), hint="Needed when you disagree"))),
    }  # fmt: skip
    open_first = {"triage": not triaged and not case.provisional, "findings": case.provisional}
    return {
        act: Form(
            act=act,
            button=button,
            inputs=inputs,
            open=act == failed or open_first.get(act, False) or bool(t(act).typed),
            problems=_problems(inputs, t(act)),
            refused=refusal.sentence if (refusal := policy.why_not(by, action, case)) else "",
        )
        for act, (button, action, inputs) in made.items()
    }


def _problems(inputs: Sequence[Input], t: Typing) -> tuple[tuple[str, str], ...]:
    ids = {field.name: field.id for field in inputs}
    first = inputs[0].id if inputs else ""
    return tuple((text, f"#{ids.get(path, first)}") for path, texts in t.errors.items() for text in texts)


def _seen_by(case: Referral, *, at: datetime) -> str:
    if case.acknowledged_at is None:
        return ""
    role = ACTING_ROLE_WORDS.get(case.acknowledged_role, case.acknowledged_role)
    return f"{case.acknowledged_by}, {role}, at {near(case.acknowledged_at, at=at)}"


def _times(case: Referral) -> Iterator[tuple[str, str]]:
    defaulted = " (not given: taken as the time of sending)" if case.suspected_at_defaulted else ""
    yield "First suspected", in_words(case.clinician_suspected_at) + defaulted
    for label, instant in (
        ("MSCC suspected", case.mscc_suspected_at),
        ("First sought help", case.presented_at),
        ("Telephone call", case.called_at),
        ("Sent", case.submitted_at),
        ("Withdrawal asked for", case.withdrawal_asked_at),
    ):
        if instant is not None:
            yield label, in_words(instant)


def _referrer(case: Referral) -> Iterator[tuple[str, str]]:
    referrer, location = case.referrer, case.location
    yield "Referrer", f"{referrer['name']}, {REFERRER_ROLE[referrer['role']]}, {referrer['organisation_ods']}"
    for name, values in (("email", referrer), ("registration_number", referrer)):
        if values[name]:
            yield label_of(f"referrer.{name}"), values[name]
    yield (
        "Patient is",
        " ".join(
            str(part)
            for part in (location["kind"].replace("_", " "), location["detail"], location["organisation_ods"])
            if part
        ),
    )
    patient = case.patient
    for label, value in (
        ("Telephone of the patient", patient.phone),
        ("Hospital number", patient.local_id),
        ("Postcode", patient.postcode),
        ("Interpreter", "needed" if patient.interpreter_needed else ""),
        ("Communication needs", patient.communication_needs),
        ("NHS number not known because", patient.nhs_number_unknown_reason if not patient.nhs_number else ""),
    ):
        if value:
            yield label, value


def _clinical(case: Referral) -> Iterator[tuple[str, str]]:
    for spec in FIELDS:
        if spec.group != "clinical":
            continue
        value = case.clinical.get(spec.name)
        if value in (None, "", "unknown", "not_assessed"):
            continue
        yield spec.label, spec.codes[value] if spec.codes else str(value)
    dose = case.clinical.get("dexamethasone")
    if dose:
        yield (
            "Dexamethasone",
            " ".join(
                str(part) for part in (dose["dose_mg"] and f"{dose['dose_mg']} mg", dose["route"]) if part
            ),
        )


def _event_line(event: Event, *, at: datetime) -> str:
    words = codes.EVENT_WORDS.get(event.kind, "Findings completed")
    data = event.data
    details = [
        codes.MODALITIES.get(
            data.get("modality", ""), codes.TREATMENT_MODALITIES.get(data.get("modality", ""), "")
        ),
        ", ".join(data.get("regions", [])),
        codes.MRI_RESULTS.get(data.get("result", ""), ""),
        data.get("site", ""),
    ]
    said = "; ".join(part for part in details if part)
    return (
        f"{near(event.occurred_at, at=at)}: {words}"
        + (f" ({said})" if said else "")
        + f", recorded by {event.by_name}"
    )


def _contact_line(row: Contact, *, at: datetime) -> str:
    outcome = codes.CONTACT_OUTCOMES[row.outcome].lower()
    note = f": {row.note.text}" if row.note else ""
    return f"{near(row.occurred_at, at=at)}: {row.by_name} and {row.person}, {outcome}{note}"


def _review_line(review: Review, *, at: datetime) -> ReviewLine:
    decision = review.decision
    what = f"{decision.by_name} lowered an emergency at {near(decision.at, at=at)}"
    done = ""
    if review.done_at is not None:
        verdict = "agreed" if review.agreed else "disagreed"
        done = f"{review.done_by_name} {verdict} at {near(review.done_at, at=at)}"
    return ReviewLine(number=review.pk, what=what, done=done)
