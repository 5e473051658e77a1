"""The course of a case after referral, as the rules of treatment and care read it. Pure.

A clinician is asked for each judgement; the rest follows from events. A judgement that nobody made reads as not
assessed, never as reassuring.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

from triage.guideline.findings import Answer

_UNASKED = Answer.NOT_ASSESSED


class Stability(StrEnum):
    NOT_ASSESSED = "not_assessed"
    LIKELY_STABLE = "likely_stable"
    POTENTIALLY_UNSTABLE = "potentially_unstable"
    UNSTABLE = "unstable"


class Suitability(StrEnum):
    """For surgery; `pending` while it is being considered."""

    NOT_ASSESSED = "not_assessed"
    PENDING = "pending"
    YES = "yes"
    NO = "no"


class Prognosis(StrEnum):
    """A clinician's judgement; no score decides it."""

    NOT_ASSESSED = "not_assessed"
    GOOD = "good"
    INTERMEDIATE = "intermediate"
    POOR = "poor"


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """The course of a case: first the judgements, then facts from events and from the referral."""

    stability: Stability = Stability.NOT_ASSESSED
    surgery_suitable: Suitability = Suitability.NOT_ASSESSED
    prognosis: Prognosis = Prognosis.NOT_ASSESSED
    recent_ct: Answer = _UNASKED
    more_imaging_needed: Answer = _UNASKED
    lying_not_tolerated: Answer = _UNASKED
    pain_plan_changed: Answer = _UNASKED
    symptoms: Answer = _UNASKED
    non_mechanical_pain: Answer = _UNASKED
    wants_radiotherapy: Answer = _UNASKED
    complete_plegia: Answer = _UNASKED
    plegia_two_weeks: Answer = _UNASKED
    side_effect_risk_high: Answer = _UNASKED
    oligometastatic: Answer = _UNASKED
    radiotherapy_trial: Answer = _UNASKED
    recurrence: Answer = _UNASKED
    good_response_before: Answer = _UNASKED
    three_months_since_radiotherapy: Answer = _UNASKED
    recovered_from_surgery: Answer = _UNASKED
    treatment_can_wait: Answer = _UNASKED
    later_stage: Answer = _UNASKED
    recent_operation_at_level: Answer = _UNASKED
    irradiated_at_level: Answer = _UNASKED
    active_infection: Answer = _UNASKED
    gastrointestinal_bleed: Answer = _UNASKED
    steroid_allergy: Answer = _UNASKED
    diabetes: Answer = _UNASKED

    immobilised: bool = False
    progressing: bool = False
    report_awaited: bool = False
    ct_performed: bool = False
    surgery_decided: bool = False
    radiotherapy_decided: bool = False
    operated: bool = False
    irradiated: bool = False
    admitted: bool = False
    anticoagulated: bool = False  # a drug is recorded
    operated_before: bool = False  # an earlier operation on the spine is recorded, its level not judged
    irradiated_before: bool = False  # likewise radiotherapy to the spine
    no_power_two_weeks: bool = False  # recorded as having no power, or bed-bound, for two weeks or longer
    non_malignant_stated: bool = False  # a referrer says so; no report of this case shows it

    @property
    def instability(self) -> bool:
        """Suspected or confirmed."""
        return self.stability in (Stability.POTENTIALLY_UNSTABLE, Stability.UNSTABLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """A question to a clinician about one part of the course."""

    name: str
    label: str
    group: str
    hint: str = ""
    answers: type[StrEnum] = Answer

    @property
    def path(self) -> str:
        return f"course.{self.name}"


def _judge(name: str, group: str, label: str, hint: str = "", answers: type[StrEnum] = Answer) -> Judgement:
    return Judgement(name=name, label=label, group=group, hint=hint, answers=answers)


SPINE, STEROID, PAIN, SURGERY, RADIOTHERAPY, CARE = (
    "Spine and imaging",
    "Steroid safety",
    "Pain",
    "Surgery and biopsy",
    "Radiotherapy",
    "Care",
)
JUDGEMENTS: tuple[Judgement, ...] = (
    _judge(
        "stability",
        SPINE,
        "How stable is the spine judged to be?",
        "By the clinician who assessed it, imaging included",
        Stability,
    ),
    _judge("lying_not_tolerated", SPINE, "Lying is not tolerated", "Because of pain or breathlessness"),
    _judge("recent_ct", SPINE, "There is a recent CT of the spine"),
    _judge("more_imaging_needed", SPINE, "CT has not answered the question", "Where MRI cannot be done"),
    _judge("active_infection", STEROID, "Active infection"),
    _judge("gastrointestinal_bleed", STEROID, "Gastrointestinal bleeding, now or recently"),
    _judge("steroid_allergy", STEROID, "Allergy to a corticosteroid"),
    _judge("diabetes", STEROID, "Diabetes"),
    _judge(
        "pain_plan_changed", PAIN, "The pain plan was started or changed and its effect is not reviewed yet"
    ),
    _judge("non_mechanical_pain", PAIN, "Pain from the metastases that is not mechanical"),
    _judge(
        "symptoms",
        PAIN,
        "The spinal metastases give symptoms",
        "“No” means found by chance, without pain or neurology",
    ),
    _judge("surgery_suitable", SURGERY, "Is surgery suitable?", "", Suitability),
    _judge("recent_operation_at_level", SURGERY, "A recent operation at the affected level"),
    _judge("recovered_from_surgery", SURGERY, "Recovered from surgery"),
    _judge("treatment_can_wait", SURGERY, "Treatment can wait for a biopsy whose result might change it"),
    _judge(
        "prognosis",
        RADIOTHERAPY,
        "Overall prognosis",
        "A clinician's judgement; no score decides it",
        Prognosis,
    ),
    _judge("wants_radiotherapy", RADIOTHERAPY, "The person wants radiotherapy"),
    _judge("complete_plegia", RADIOTHERAPY, "Complete paraplegia or tetraplegia"),
    _judge("plegia_two_weeks", RADIOTHERAPY, "It has been complete for two weeks or longer"),
    _judge("irradiated_at_level", RADIOTHERAPY, "The affected level was irradiated before"),
    _judge(
        "side_effect_risk_high",
        RADIOTHERAPY,
        "High risk of side effects from radiotherapy",
        "Such as a large field or previous radiotherapy",
    ),
    _judge("oligometastatic", RADIOTHERAPY, "Oligometastatic disease that involves the spine"),
    _judge("radiotherapy_trial", RADIOTHERAPY, "In a randomised trial of radiotherapy to prevent MSCC"),
    _judge("recurrence", RADIOTHERAPY, "Symptoms have come back after radiotherapy"),
    _judge("good_response_before", RADIOTHERAPY, "The response to the earlier radiotherapy was good"),
    _judge(
        "three_months_since_radiotherapy", RADIOTHERAPY, "Three months or more since the first radiotherapy"
    ),
    _judge("later_stage", CARE, "Later-stage disease, in which the aim is readjustment"),
)
JUDGEMENT_AT: dict[str, Judgement] = {judgement.name: judgement for judgement in JUDGEMENTS}
ANSWER_WORDS: dict[type[StrEnum], dict[str, str]] = {
    Answer: {"yes": "Yes", "no": "No", "not_assessed": "Not assessed"},
    Stability: {
        "not_assessed": "Not assessed",
        "likely_stable": "Likely to be stable",
        "potentially_unstable": "Potentially unstable",
        "unstable": "Unstable",
    },
    Suitability: {
        "not_assessed": "Not considered yet",
        "pending": "Being considered",
        "yes": "Suitable",
        "no": "Not suitable",
    },
    Prognosis: {"not_assessed": "Not judged", "good": "Good", "intermediate": "Intermediate", "poor": "Poor"},
}


def read_judgements(sent: Mapping[str, Any]) -> tuple[dict[str, str], dict[str, list[str]]]:
    """The judgements by name, and every problem by name."""
    read: dict[str, str] = {}
    errors: dict[str, list[str]] = {}
    for name, value in sent.items():
        judgement = JUDGEMENT_AT.get(name)
        if judgement is None:
            errors[name] = ["There is no such question"]
        elif value not in set(judgement.answers):
            errors[name] = [f"Choose one of: {', '.join(judgement.answers)}"]
        else:
            read[name] = str(value)
    return read, errors


def as_json(course: Course) -> dict[str, Any]:
    """The course as an assessment stores it."""
    return {
        name: str(value) if isinstance(value, StrEnum) else value
        for name in (field.name for field in fields(Course))
        if (value := getattr(course, name)) is not None
    }


def from_json(stored: Mapping[str, Any]) -> Course:
    """A course from `as_json`; a value outside its codes is a ValueError."""
    read: dict[str, Any] = {
        name: JUDGEMENT_AT[name].answers(value) if name in JUDGEMENT_AT else value
        for name, value in stored.items()
    }
    return Course(**read)
