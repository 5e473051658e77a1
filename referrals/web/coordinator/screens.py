"""One case as the coordinator works on it, ready to print."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from accounts.service import Service
from kernel import telephone
from kernel.actors import Actor, Role
from kernel.telephone import Telephone
from kernel.time import duration_in_words, near
from oncall import clocks
from oncall.kinds import KIND_AT
from oncall.models import Clock
from referrals import codes, policy
from referrals.case_facts import evidence_of
from referrals.evidence.case_evidence import Evidence
from referrals.intake import label_of
from referrals.models import Referral
from referrals.states import STATUS_WORDS, Action, Status
from referrals.timeline import Happening, timeline
from referrals.usecases.end_treatment_clocks import may_end
from referrals.web.clock_lines import ClockLine, clock_lines
from referrals.web.coordinator import care, forms, identity, mistakes, record_lines, reports
from referrals.web.coordinator.aftercare import Aftercare, aftercare, aftercare_forms
from referrals.web.coordinator.board import NextStep, next_step
from referrals.web.coordinator.correspondence import correspondence_forms
from referrals.web.coordinator.forms import Typing
from referrals.web.coordinator.identity import identity_forms
from referrals.web.coordinator.owed import OwedLine, owed_lines, quietable
from referrals.web.coordinator.ownership import ownership_forms
from referrals.web.coordinator.pathway import imaging_cautions, pathway_forms
from referrals.web.coordinator.scores import ScoreLine, score_lines
from referrals.web.coordinator.spine import SpineScreen, spine_forms, spine_screen
from referrals.web.inputs import Input
from referrals.web.standing import Standing, standing
from referrals.web.talk import Talk, talk
from triage.assess import latest
from triage.guideline import course as courses
from triage.guideline.course import Course
from triage.guideline.findings import QUESTIONS, answer_in_words
from triage.guideline.rule import STREAM_WORDS, Stream
from triage.models import Assessment
from triage.signing import confirmed_numbers
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
    call: Telephone
    guidance: Guidance
    judging: Sequence[tuple[str, str]]
    scores: Sequence[ScoreLine]
    same_person: Sequence[str]
    somebody_else: Sequence[str]
    clocks: Sequence[ClockLine]
    findings: Sequence[tuple[str, str]]
    answered_as_group: Sequence[str]
    clinical: Sequence[tuple[str, str]]
    recorded: Sequence[tuple[str, str]]
    incomplete: Sequence[str]
    kept: Sequence[tuple[str, str]]
    imaging: Sequence[str]
    contacts: Sequence[str]
    owed: Sequence[OwedLine]
    reviews: Sequence[record_lines.ReviewLine]
    may_end: Sequence[str]
    spine: SpineScreen
    unidentified: bool
    arrived: str
    leased: bool
    died: str
    shared_with: Sequence[str]
    forms: Mapping[str, Form]
    history: Sequence[Happening]
    standing: Standing
    talk: Talk
    news: Sequence[str]
    cautions: Sequence[str]
    gone_out: Sequence[str]
    merged: Sequence[str]
    merged_into: str
    maybe_same: Sequence[str]
    corrected_by: Sequence[str]
    corrects: str
    back_entered: str
    aftercare: Aftercare


def case_screen(
    case: Referral,
    *,
    by: Actor,
    at: datetime,
    service: Service,
    typing: Mapping[str, Typing],
    failed: str = "",
) -> CaseScreen:
    """The screen of one case. `typing` is what was typed into its forms; `failed` is the form with problems."""
    assessment = latest(case.pk)
    every_clock = clocks.of_case(case.pk)
    running = [clock for clock in every_clock if clock.stopped_at is None]
    reviews = list(case.reviews.select_related("decision"))
    case.to_review = any(review.done_at is None for review in reviews)  # type: ignore[attr-defined]  # as on the board
    events = record_lines.events_of(case)
    referrer, answers = case.referrer, care.answers_of(case, at=at)
    owed = owed_lines(case, every_clock, at=at)
    known = evidence_of(case, service=service)
    people = identity.same_people(case)
    one_episode, merged = record_lines.linked_to(case)
    history = timeline(case)
    same = {one.case.reference: identity.in_words(one, case) for one in people}
    said = talk(case, every_clock, for_referrer=False, at=at)
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
        seen_by=record_lines.seen_by(case, at=at),
        sent=f"{near(case.submitted_at, at=at)}, {duration_in_words(at - case.submitted_at)} ago",
        times=tuple(record_lines.times(case)),
        referrer=tuple(record_lines.referrer(case)),
        callback=referrer["callback_number"] or "",
        call=telephone.read(referrer["callback_number"] or ""),
        guidance=guidance(
            assessment.result,
            at=at,
            acknowledged=case.acknowledged_at is not None,
            for_coordinator=True,
            care=assessment.care,
            answers=answers,
            numbers=confirmed_numbers(),
        ),
        judging=tuple(care.GROUPS.items()),
        scores=score_lines(case, at=at),
        same_person=one_episode,
        somebody_else=tuple(identity.in_words(one, case) for one in people if identity.is_loud(one, case)),
        clocks=clock_lines(every_clock, at=at),
        findings=tuple((q.label, answer_in_words(case.findings, q)) for q in QUESTIONS),
        answered_as_group=tuple(case.answered_as_group),
        clinical=tuple(record_lines.clinical(case)),
        recorded=record_lines.recorded(case, at=at),
        incomplete=tuple(label_of(path) for path in case.incomplete),
        kept=tuple((label_of(path), str(value)) for path, value in case.kept.items()),
        imaging=tuple(record_lines.event_line(event, at=at) for event in events),
        contacts=tuple(
            record_lines.contact_line(row, at=at)
            for row in case.contacts.select_related("note").order_by("-id")
        ),
        owed=owed,
        reviews=tuple(record_lines.review_line(review, at=at) for review in reviews),
        may_end=tuple(
            KIND_AT[clock.kind].label.lower() for clock in running if clock.kind in may_end(known.picture)
        ),
        spine=spine_screen(case, known, events, at=at),
        unidentified=case.patient.identity_unknown,
        arrived=near(case.arrived_since, at=at) if case.arrived_since else "",
        leased=any(clock.kind == "triage_decision" for clock in running),
        died=near(case.died_at, at=at) if case.died_at else "",
        shared_with=tuple(case.shared_with.order_by("id").values_list("organisation", flat=True)),
        forms=_forms(
            case,
            assessment,
            answers,
            running=running,
            owed={line.number: line.words for line in owed if line.open},
            by=by,
            at=at,
            typing=typing,
            failed=failed,
            history=history,
            said=said,
            same=same,
            known=known,
        ),
        history=history,
        standing=standing(case, by=by, at=at),
        talk=said,
        news=record_lines.news_lines(case, history, at=at),
        cautions=imaging_cautions(case, events, known.picture, running, at=at),
        gone_out=mistakes.gone_out(case),
        merged=merged,
        maybe_same=()
        if case.is_over
        else tuple(
            words
            for one, words in zip(people, same.values(), strict=True)
            if one.case.reference not in one_episode and not identity.is_loud(one, case)
        ),
        merged_into=case.merged_into.reference if case.merged_into else "",
        corrected_by=mistakes.entered_again_as(case),
        corrects=case.corrects.reference if case.corrects else "",
        back_entered=near(case.back_entered_at, at=at) if case.back_entered_at else "",
        aftercare=aftercare(case, events, at=at),
    )


def _forms(
    case: Referral,
    assessment: Assessment,
    answers: Mapping[str, str],
    *,
    running: Sequence[Clock],
    owed: Mapping[str, str],
    by: Actor,
    at: datetime,
    typing: Mapping[str, Typing],
    failed: str,
    history: Sequence[Happening],
    said: Talk,
    same: Mapping[str, str],
    known: Evidence,
) -> dict[str, Form]:
    def t(act: str) -> Typing:
        return typing.get(act, Typing())

    triaged = case.status not in (Status.SUBMITTED, Status.ACKNOWLEDGED)
    made = {
        "findings": ("Keep these answers", Action.COMPLETE_FINDINGS, forms.findings(case, t("findings"))),
        "corrections": ("Correct", Action.COMPLETE_FINDINGS, forms.corrections(case, t("corrections"))),
        "triage": ("Record the decision", Action.ACCEPT, forms.triage(case, assessment.result, t("triage"))),
        "contact": ("Log this contact", Action.LOG_CONTACT, forms.contact(case, t("contact"), at=at)),
        **{
            kind: ("Record", Action.RECORD_EVENT, reports.imaging(t(kind), at=at, kind=kind))
            for kind in reports.IMAGING_KINDS
        },
        "event": ("Record", Action.RECORD_EVENT, reports.other_event(t("event"), at=at)),
        "deterioration": ("Record worse neurology", Action.RECORD_DETERIORATION,
                          reports.deterioration(t("deterioration"), at=at)),
        "promise": ("Record", Action.KEEP_PROMISE, forms.promise({clock.kind for clock in running}, t("promise"), at=at)),
        "mdt": ("Put to the MDT", Action.LIST_FOR_MDT, forms.mdt(case, t("mdt"))),
        "redirect": ("Redirect", Action.REDIRECT, forms.redirect(t("redirect"))),
        "close": ("Close the case", Action.CLOSE, forms.closing(t("close"))),
        "reopen": ("Open it again", Action.REOPEN, forms.reason(t("reopen"), "Why it is opened again")),
        "withdraw": ("Withdraw", Action.WITHDRAW, forms.reason(t("withdraw"), "Why it is withdrawn", name="reason")),
        "error": ("Mark as entered in error", Action.MARK_ERROR, forms.reason(t("error"), "What was wrong")),
        **care.judging_forms(assessment.course or courses.as_json(Course()), typing),
        "care": care.answering_form(assessment.result, assessment.care, answers, t("care")),
        "lease": ("Ten more minutes", Action.EXTEND_LEASE,
                  (forms.choice("reason", "Why it takes longer", codes.LEASE_REASONS, t("lease")),)),
        "ask": ("Ask", Action.ASK, forms.asking(t("ask"))),
        "settle": ("Record the answer", Action.SETTLE, forms.settling(owed, t("settle"), at=at)),
        "snooze": ("Keep it quiet", Action.SNOOZE, forms.snoozing(quietable(running, at=at), t("snooze"))),
        "alive": ("Strike out the report of death", Action.DENY_DEATH,
                  forms.reason(t("alive"), "Why the report was wrong")),
        "share": ("Give access", Action.ADD_ORGANISATION,
                  (forms.text("organisation", "ODS code of the organisation", t("share"), short=True),)),
        "review": ("Record the review", Action.REVIEW,
                   (forms.choice("agreed", "Do you agree?", {"yes": "Yes", "no": "No"}, t("review"), kind="inline"),
                    forms.text("text", "Comment", t("review"), hint="Needed when you disagree"))),
        **ownership_forms(case, typing, by=by, at=at),
        **pathway_forms(case, typing, at=at),
        **correspondence_forms(case, said, typing),
        **mistakes.mistake_forms(case, history, same, typing),
        **identity_forms(case, typing),
        **spine_forms(known.picture, typing, at=at),
        "settle-arrival": ("It stays closed", Action.SETTLE_ARRIVAL,
                           forms.reason(t("settle-arrival"), "Why it stays closed")),
        **aftercare_forms(case, typing, at=at),
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
        for act, (button, action, inputs) in _told_apart(made)
    }


def _told_apart(
    made: Mapping[str, tuple[str, Action, Sequence[Input]]],
) -> Iterator[tuple[str, tuple[str, Action, tuple[Input, ...]]]]:
    """The forms with inputs whose ids name their form: many of one page have a field of one name."""
    for act, (button, action, inputs) in made.items():
        yield act, (button, action, tuple(replace(one, form=act) for one in inputs))


def _problems(inputs: Sequence[Input], t: Typing) -> tuple[tuple[str, str], ...]:
    ids, first = {field.name: field.id for field in inputs}, inputs[0].id if inputs else ""
    return tuple((text, f"#{ids.get(path, first)}") for path, texts in t.errors.items() for text in texts)
