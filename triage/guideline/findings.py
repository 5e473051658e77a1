"""The presentation: what triage reads, and the words of each question.

No answer is not a no: every finding starts as not assessed. Age is not here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from operator import attrgetter
from typing import Any, cast

from triage.guideline.stored import StoredPresentation


class Answer(StrEnum):
    YES = "yes"
    NO = "no"
    NOT_ASSESSED = "not_assessed"


class CancerContext(StrEnum):
    CURRENT = "current"
    PAST = "past"
    SUSPECTED = "suspected"
    NONE_KNOWN = "none_known"


class HaematologicalMalignancy(StrEnum):
    CONFIRMED = "confirmed"
    SUSPECTED = "suspected"
    NO = "no"
    UNKNOWN = "unknown"


class PrimarySite(StrEnum):
    BREAST = "breast"
    PROSTATE = "prostate"
    LUNG = "lung"
    KIDNEY = "kidney"
    THYROID = "thyroid"
    MYELOMA = "myeloma"
    LYMPHOMA = "lymphoma"
    UPPER_GI = "upper_gi"
    LOWER_GI = "lower_gi"
    GYNAECOLOGICAL = "gynaecological"
    BLADDER = "bladder"
    MELANOMA = "melanoma"
    SARCOMA = "sarcoma"
    HEAD_AND_NECK = "head_and_neck"
    OTHER = "other"
    UNKNOWN = "unknown"
    NOT_RECORDED = "not_recorded"


class MovementPain(StrEnum):
    NONE = "none"
    MILD = "mild"
    MODERATE = "moderate"
    SEVERE = "severe"
    NOT_ASSESSED = "not_assessed"


class ImagingFinding(StrEnum):
    NONE = "none"
    NO_MALIGNANT_DISEASE = "no_malignant_disease"
    NON_MALIGNANT_COMPRESSION = "non_malignant_compression"
    SPINAL_METASTASES = "spinal_metastases"
    IMPENDING_COMPRESSION = "impending_compression"
    MSCC = "mscc"


class ImagingReport(StrEnum):
    """How certain a clean finding is: no report, a provisional one, or final ones of the whole spine."""

    NONE = "none"
    PROVISIONAL = "provisional"
    FINAL = "final"


_UNASKED = Answer.NOT_ASSESSED


@dataclass(frozen=True, slots=True, kw_only=True)
class Pain:
    """Characteristics of pain that suggest spinal metastases (NG234 box 1)."""

    severe_unremitting: Answer = _UNASKED
    progressive: Answer = _UNASKED
    mechanical: Answer = _UNASKED
    aggravated_by_straining: Answer = _UNASKED
    nocturnal: Answer = _UNASKED
    localised_tenderness: Answer = _UNASKED
    claudication: Answer = _UNASKED


@dataclass(frozen=True, slots=True, kw_only=True)
class Neurology:
    """Symptoms and signs of compression of the cord or cauda equina (NG234 box 1)."""

    bladder_or_bowel_dysfunction: Answer = _UNASKED
    gait_disturbance: Answer = _UNASKED
    limb_weakness: Answer = _UNASKED
    cord_or_cauda_equina_signs: Answer = _UNASKED
    sensory_disturbance: Answer = _UNASKED
    radicular_pain: Answer = _UNASKED


@dataclass(frozen=True, slots=True, kw_only=True)
class Presentation:
    """What is known about a person at one moment, as entered."""

    cancer_context: CancerContext
    haematological_malignancy: HaematologicalMalignancy = HaematologicalMalignancy.UNKNOWN
    primary_site: PrimarySite = PrimarySite.NOT_RECORDED
    pain: Pain = field(default_factory=Pain)
    neurology: Neurology = field(default_factory=Neurology)
    low_back_pain: Answer = _UNASKED
    instability_signs: Answer = _UNASKED
    saddle_or_sphincter_signs: Answer = _UNASKED
    movement_pain: MovementPain = MovementPain.NOT_ASSESSED
    pain_severity: int | None = None
    pain_controlled_by_analgesia: Answer = _UNASKED
    mri_contraindicated: Answer = _UNASKED
    imaging_finding: ImagingFinding = ImagingFinding.NONE
    imaging_report: ImagingReport = ImagingReport.NONE
    whole_spine_imaged: Answer = _UNASKED
    active_infection: Answer = _UNASKED
    dexamethasone_given: Answer = _UNASKED


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question about one part of the presentation: path, words and possible answers."""

    path: str
    label: str
    hint: str = ""
    answers: type[StrEnum] | None = Answer

    @property
    def name(self) -> str:
        return self.path.rpartition(".")[2]


def _ask(path: str, label: str, hint: str = "", answers: type[StrEnum] | None = Answer) -> Question:
    return Question(path=path, label=label, hint=hint, answers=answers)


CANCER_CONTEXT = _ask(
    "cancer_context",
    "Does the person have cancer, or have they ever had it?",
    "Any cancer, however long ago",
    CancerContext,
)
HAEMATOLOGICAL_MALIGNANCY = _ask(
    "haematological_malignancy",
    "Is it, or could it be, a cancer of the blood?",
    "Myeloma, lymphoma or leukaemia. A steroid given before the biopsy can make it unreadable",
    HaematologicalMalignancy,
)
PRIMARY_SITE = _ask("primary_site", "Where did the cancer start?", "", PrimarySite)

PAIN_QUESTIONS = (
    _ask("pain.severe_unremitting", "Severe back pain that does not let up"),
    _ask("pain.progressive", "Back pain that is getting worse"),
    _ask("pain.mechanical", "Mechanical pain", "Worse on being upright or on movement, better lying"),
    _ask(
        "pain.aggravated_by_straining", "Back pain worse on straining", "Coughing, sneezing, opening bowels"
    ),
    _ask("pain.nocturnal", "Back pain at night that disturbs sleep"),
    _ask("pain.localised_tenderness", "Tenderness over one part of the spine"),
    _ask("pain.claudication", "Claudication", "Leg muscles ache or cramp on walking or exercise"),
)
NEUROLOGY_QUESTIONS = (
    _ask(
        "neurology.bladder_or_bowel_dysfunction",
        "Bladder or bowel not working as before",
        "Retention, hesitancy, incontinence, or a bowel change that opioids do not explain",
    ),
    _ask("neurology.gait_disturbance", "Unsteady, or difficulty walking"),
    _ask("neurology.limb_weakness", "Weakness of an arm or leg"),
    _ask(
        "neurology.cord_or_cauda_equina_signs",
        "Signs of cord or cauda equina compression on examination",
        "Such as brisk or absent reflexes, clonus, upgoing plantars, a sensory level",
    ),
    _ask("neurology.sensory_disturbance", "Numbness, tingling or loss of feeling"),
    _ask("neurology.radicular_pain", "Radicular pain", "Shooting or band-like, along a nerve root"),
)
LOW_BACK_PAIN = _ask("low_back_pain", "Back pain with none of the characteristics above", "At any level")
INSTABILITY_SIGNS = _ask(
    "instability_signs",
    "Symptoms or signs that suggest the spine is unstable",
    "Such as sudden severe pain on any movement, or neurology that changes with position",
)
SADDLE_SIGNS = _ask(
    "saddle_or_sphincter_signs",
    "Saddle numbness, or loss of sphincter control or anal tone",
)
MOVEMENT_PAIN = _ask("movement_pain", "Pain on movement", "", MovementPain)
PAIN_SEVERITY = _ask("pain_severity", "Worst pain today, 0 (none) to 10", "", None)
PAIN_CONTROLLED = _ask("pain_controlled_by_analgesia", "Is the pain controlled by the present analgesia?")
MRI_CONTRAINDICATED = _ask(
    "mri_contraindicated",
    "Is MRI contraindicated?",
    "Such as a device that is not MR conditional, an intracranial clip, metal in the eye",
)
IMAGING_FINDING = _ask("imaging_finding", "What has imaging of the spine shown?", "", ImagingFinding)
IMAGING_REPORT = _ask("imaging_report", "How sure is that finding?", "", ImagingReport)
WHOLE_SPINE_IMAGED = _ask(
    "whole_spine_imaged",
    "Has the whole spine been imaged since these symptoms began?",
    "By MRI of diagnostic quality, or by CT where MRI is contraindicated",
)
ACTIVE_INFECTION = _ask(
    "active_infection",
    "Is there an infection?",
    "Any active infection or fever, or a spinal infection suspected. It matters before a steroid",
)
DEXAMETHASONE_GIVEN = _ask("dexamethasone_given", "Has dexamethasone been given for this?")

QUESTIONS: tuple[Question, ...] = (
    CANCER_CONTEXT, HAEMATOLOGICAL_MALIGNANCY, PRIMARY_SITE, *PAIN_QUESTIONS, *NEUROLOGY_QUESTIONS,
    LOW_BACK_PAIN, INSTABILITY_SIGNS, SADDLE_SIGNS, MOVEMENT_PAIN, PAIN_SEVERITY, PAIN_CONTROLLED,
    MRI_CONTRAINDICATED, IMAGING_FINDING, IMAGING_REPORT, WHOLE_SPINE_IMAGED, ACTIVE_INFECTION, DEXAMETHASONE_GIVEN,
)  # fmt: skip
QUESTION_AT: dict[str, Question] = {question.path: question for question in QUESTIONS}

ANSWER_WORDS: dict[type[StrEnum], dict[str, str]] = {
    Answer: {"yes": "Yes", "no": "No", "not_assessed": "Not assessed"},
    CancerContext: {
        "current": "Yes, has cancer now", "past": "Yes, had cancer in the past",
        "suspected": "Cancer is suspected but not diagnosed", "none_known": "No cancer known or suspected",
    },
    HaematologicalMalignancy: {
        "confirmed": "Yes, confirmed", "suspected": "Suspected, no histology yet", "no": "No",
        "unknown": "Not known",
    },
    PrimarySite: {
        "breast": "Breast", "prostate": "Prostate", "lung": "Lung", "kidney": "Kidney",
        "thyroid": "Thyroid", "myeloma": "Myeloma", "lymphoma": "Lymphoma",
        "upper_gi": "Oesophagus, stomach, liver or pancreas", "lower_gi": "Bowel",
        "gynaecological": "Gynaecological", "bladder": "Bladder", "melanoma": "Melanoma",
        "sarcoma": "Sarcoma", "head_and_neck": "Head and neck", "other": "Another site",
        "unknown": "Known cancer, primary unknown", "not_recorded": "Not recorded",
    },
    MovementPain: {
        "none": "None", "mild": "Mild", "moderate": "Moderate", "severe": "Severe",
        "not_assessed": "Not assessed",
    },
    ImagingFinding: {
        "none": "No imaging known", "no_malignant_disease": "No malignant disease",
        "non_malignant_compression": "Compression that is not malignant",
        "spinal_metastases": "Spinal metastases, no compression of the cord or cauda equina",
        "impending_compression": "Impending compression", "mscc": "Cord or cauda equina compression (MSCC)",
    },
    ImagingReport: {
        "none": "No report was seen", "provisional": "A provisional report", "final": "Final reports of the whole spine",
    },
}  # fmt: skip


# The members of each question's codes by code: thousands are read for the measures of a quarter.
_MEMBERS: dict[str, dict[str, StrEnum] | None] = {
    question.path: None if question.answers is None else {str(member): member for member in question.answers}
    for question in QUESTIONS
}
_AT = {question.path: attrgetter(question.path) for question in QUESTIONS}


def answer_at(presentation: Presentation, path: str) -> Any:
    """The answer at a path such as neurology.limb_weakness."""
    return _AT[path](presentation)


def answer_in_words(presentation: Presentation, question: Question) -> str:
    """How an answer reads on a screen."""
    answer = answer_at(presentation, question.path)
    if question.answers is None:
        return "Not recorded" if answer is None else str(answer)
    return ANSWER_WORDS[question.answers][answer]


def as_json(presentation: Presentation) -> StoredPresentation:
    """The presentation as it is stored and sent, every finding named."""
    answers = {name: _plain(getattr(presentation, name)) for name in Presentation.__slots__}
    return cast(StoredPresentation, answers)


def _plain(value: Any) -> Any:
    if isinstance(value, Pain | Neurology):
        return {name: str(getattr(value, name)) for name in value.__slots__}
    return str(value) if isinstance(value, StrEnum) else value


def from_json(stored: Mapping[str, Any]) -> Presentation:
    """A presentation from `as_json`; a value outside its codes is a ValueError."""

    def read(path: str, value: Any) -> Any:
        members = _MEMBERS[path]
        if members is not None:
            if isinstance(value, str) and value in members:
                return members[value]
            raise ValueError(f"{value!r} is not an answer to {path}")
        if not (value is None or (type(value) is int and 0 <= value <= 10)):
            raise ValueError(f"{path} is a whole number from 0 to 10, or nothing")
        return value

    def group(name: str) -> dict[str, Any]:
        return {key: read(f"{name}.{key}", value) for key, value in stored.get(name, {}).items()}

    single = {key: read(key, value) for key, value in stored.items() if key not in ("pain", "neurology")}
    return Presentation(pain=Pain(**group("pain")), neurology=Neurology(**group("neurology")), **single)


def with_answer(presentation: Presentation, path: str, answer: Any) -> Presentation:
    """The same presentation with one answer changed."""
    group, _, name = path.rpartition(".")
    if group:
        return replace(presentation, **{group: replace(getattr(presentation, group), **{name: answer})})
    return replace(presentation, **{name: answer})
