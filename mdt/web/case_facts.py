"""The facts that stay in view while somebody writes an opinion: the patient, the question, the record."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from kernel.time import from_rfc3339, london_date, near
from oncall.models import Clock
from referrals.case.models import Event, Referral
from referrals.case.record import details_of, record_values
from referrals.evidence.case_evidence import Evidence
from referrals.intake import codes
from referrals.intake.fields import WALKING
from referrals.intake.record_fields import COMPLETED_LATER
from referrals.web.coordinator.act import in_a_sentence
from referrals.web.coordinator.pathway import imaging_cautions
from referrals.web.coordinator.spine import RegionLine, headline, region_lines
from referrals.web.talk import FileLine, talk
from triage.guideline.findings import (
    ACTIVE_INFECTION,
    DEXAMETHASONE_GIVEN,
    MOVEMENT_PAIN,
    MRI_CONTRAINDICATED,
    PAIN_CONTROLLED,
    QUESTIONS,
    WHOLE_SPINE_IMAGED,
    Answer,
    answer_at,
    answer_in_words,
)
from triage.web.guidance import Guidance

WISHES = (
    "record.treatment_wishes",
    "clinical.resuscitation_and_wishes",
    "record.advance_decisions",
    "record.consent",
)
ELSEWHERE = frozenset(
    {ACTIVE_INFECTION, DEXAMETHASONE_GIVEN, MRI_CONTRAINDICATED, PAIN_CONTROLLED, WHOLE_SPINE_IMAGED}
)
FINDINGS = tuple(
    question for question in QUESTIONS if question.answers is Answer and question not in ELSEWHERE
)
OF_IMAGES = ("images_viewable", "images_received", "images_requested")
NOT_RECORDED = "Not recorded"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFacts:
    """The facts of a case in words, including those that nobody assessed."""

    who: str
    needs: str
    positives: str
    unasked: str
    pain: str
    walking_now: str
    walking_before: str
    spine: str
    regions: Sequence[RegionLine]
    lines: Sequence[tuple[str, str]]
    cautions: Sequence[str]
    wishes: Sequence[tuple[str, str]]
    images: Sequence[str]
    files: Sequence[FileLine]


def case_facts(
    case: Referral,
    *,
    evidence: Evidence,
    events: Sequence[Event],
    every_clock: Sequence[Clock],
    guidance: Guidance,
    at: datetime,
) -> CaseFacts:
    """The facts of a case for the person who gives an opinion on it."""
    record = record_values(case, details_of(case))
    running = [clock for clock in every_clock if clock.stopped_at is None]
    mri = answer_at(case.findings, MRI_CONTRAINDICATED.path)
    return CaseFacts(
        who=f"{case.patient.name}, {_age(case, at=at)}",
        needs=_needs(case),
        positives=_labels(case, Answer.YES) or "None is recorded",
        unasked=_labels(case, Answer.NOT_ASSESSED),
        pain=_pain(case),
        walking_now=_walking_now(evidence, record, at=at),
        walking_before=_walking(record.get("clinical.walking_two_weeks_ago")),
        spine=headline(evidence.picture),
        regions=tuple(region_lines(evidence.picture, at=at)),
        lines=(
            ("Steroid", _steroid(case, events, record, at=at)),
            ("Anticoagulant or antiplatelet", str(record.get("clinical.anticoagulant") or NOT_RECORDED)),
            ("Infection", _infection(case, record)),
        ),
        cautions=(
            *guidance.warnings,
            *guidance.cautions,
            *imaging_cautions(case, events, evidence.picture, running, at=at),
            *(["MRI is contraindicated"] if mri == Answer.YES else ()),
        ),
        wishes=wishes_of(record),
        images=tuple(_images(events, at=at)) or ("Nobody has recorded that the images can be viewed here",),
        files=tuple(talk(case, every_clock, for_referrer=False, at=at).files),
    )


def wishes_of(record: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """What the person wants, as far as it is recorded."""
    return tuple((COMPLETED_LATER[path].label, str(record[path])) for path in WISHES if record.get(path))


def _age(case: Referral, *, at: datetime) -> str:
    born = case.patient.date_of_birth
    if born is None:
        return "age not known"
    years = _years(born, london_date(at))
    return f"about {years} years" if case.patient.birth_estimated else f"{years} years"


def _years(born: date, today: date) -> int:
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def _needs(case: Referral) -> str:
    patient = case.patient
    language = patient.preferred_language if patient.preferred_language not in ("", "en") else ""
    interpreter = "an interpreter is needed" if patient.interpreter_needed else ""
    parts = (f"Language: {language}" if language else "", interpreter, patient.communication_needs)
    return "; ".join(part for part in parts if part)


def _labels(case: Referral, answer: Answer) -> str:
    labels = [
        in_a_sentence(question.label)
        for question in FINDINGS
        if answer_at(case.findings, question.path) == answer
    ]
    return "; ".join(labels)


def _pain(case: Referral) -> str:
    presentation = case.findings
    worst = (
        f"{presentation.pain_severity} out of 10"
        if presentation.pain_severity is not None
        else "not recorded"
    )
    controlled = answer_in_words(presentation, PAIN_CONTROLLED).lower()
    moving = answer_in_words(presentation, MOVEMENT_PAIN).lower()
    return f"worst today {worst}; on movement: {moving}; controlled: {controlled}"


def _walking_now(evidence: Evidence, record: Mapping[str, Any], *, at: datetime) -> str:
    """The newest that anybody saw, with its time; else as it was referred."""
    examination = next((row for row in reversed(evidence.examinations) if row.walking in WALKING), None)
    if examination is None:
        return _walking(record.get("clinical.walking_now"))
    return f"{_walking(examination.walking)}, seen {near(examination.at, at=at)}"


def _walking(code: object) -> str:
    return WALKING.get(str(code or ""), NOT_RECORDED).lower()


def _steroid(case: Referral, events: Sequence[Event], record: Mapping[str, Any], *, at: datetime) -> str:
    doses = [event for event in events if event.kind in ("dexamethasone_given", "dexamethasone_stopped")]
    if doses:
        return "; ".join(_dose(event, at=at) for event in doses[-2:])
    dose = case.clinical.get("dexamethasone")
    if dose:
        given_at = dose.get("given_at")
        time = near(from_rfc3339(given_at), at=at) if given_at else "time not recorded"
        amount = f"{dose['dose_mg']} mg" if dose.get("dose_mg") else "dose not recorded"
        return f"Dexamethasone {amount}, {dose.get('route') or 'route not recorded'}, {time}"
    why = record.get("record.steroid_not_given")
    answer = answer_in_words(case.findings, DEXAMETHASONE_GIVEN)
    words = {"Yes": "Dexamethasone given, dose and time not recorded", "No": "No dexamethasone given"}
    return words.get(answer, answer) + (f": {why}" if why else "")


def _dose(event: Event, *, at: datetime) -> str:
    words = f"{codes.EVENT_WORDS[event.kind]} {near(event.occurred_at, at=at)}"
    amount = f"{event.data['dose_mg']:g} mg" if event.data.get("dose_mg") else ""
    return ", ".join(
        part for part in (words, amount, event.data.get("route"), event.data.get("reason")) if part
    )


def _infection(case: Referral, record: Mapping[str, Any]) -> str:
    """Yes where anybody says so; no only where somebody does and nobody contradicts it."""
    answers = {
        str(answer_at(case.findings, ACTIVE_INFECTION.path)),
        str(record.get("clinical.active_infection") or ""),
    }
    return "Yes" if "yes" in answers else "No" if "no" in answers else "Not assessed"


def _images(events: Sequence[Event], *, at: datetime) -> Iterator[str]:
    """The newest step of each kind, the nearest to viewing first."""
    for kind in OF_IMAGES:
        event = next((row for row in reversed(events) if row.kind == kind), None)
        if event is not None:
            where = ", ".join(event.data[name] for name in ("site", "by") if event.data.get(name))
            yield f"{codes.STEP_WORDS[kind]} {near(event.occurred_at, at=at)}{': ' + where if where else ''}"
