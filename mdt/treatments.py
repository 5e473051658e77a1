"""The treatments: the fields of each, and the required ones. Pure.

The software prompts and records. It computes no dose and decides nothing: the person who decides enters doses.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from mdt.codes import (
    BONE_AGENTS,
    CONSENT,
    GRADES,
    NO_TREATMENT_REASONS,
    NOT_SINGLE_REASONS,
    SIDE_EFFECT_RISK,
    SUPPORTS,
    SURGERY_URGENCIES,
)
from mdt.stored import StoredTreatment
from referrals.intake.fields import (
    ANSWER,
    FieldSpec,
    code_field,
    date_field,
    flag_field,
    instant_field,
    number_field,
    text_field,
    whole_field,
)
from triage.guideline.course import ANSWER_WORDS, Prognosis

STEPS = 5
_PROGNOSIS = {code: words for code, words in ANSWER_WORDS[Prognosis].items() if code != "not_assessed"}
_ASKED = {"yes": "Yes", "no": "No"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Modality:
    """A kind of treatment. `event` is the modality of the fact that it is decided; empty where it starts no clock."""

    code: str
    words: str
    event: str
    fields: tuple[FieldSpec, ...]
    hint: str = ""
    judged: tuple[str, ...] = ()  # names of the fields that are judgements of the guideline's course


def _f(name: str) -> str:
    return f"treatment.{name}"


_WHO: tuple[FieldSpec, ...] = (
    instant_field(_f("decided_at"), "When it was decided", required=True),
    text_field(_f("decided_by"), "Who decided: name", required=True),
    code_field(_f("grade"), "Grade", GRADES, required=True),
    code_field(_f("consent"), "Consent and capacity", CONSENT, required=True),
)
_LAST: tuple[FieldSpec, ...] = (
    instant_field(_f("planned_start"), "Planned start"),
    instant_field(_f("started_at"), "Started"),
    instant_field(_f("completed_at"), "Completed"),
    text_field(_f("note"), "Anything else", notes=True),
)
_RADIOTHERAPY: tuple[FieldSpec, ...] = (
    text_field(_f("levels"), "Levels and fields", required=True),
    code_field(_f("side_effect_risk"), "Risk of side effects", SIDE_EFFECT_RISK, required=True),
    text_field(_f("side_effect_reason"), "Why the risk is high"),
    text_field(_f("previous_dose"), "Previous dose to this part of the spine, with its date"),
    flag_field(
        _f("reirradiation_considered"),
        "If irradiated before: the total biological dose, the time since, and the volume were considered",
    ),
    code_field(_f("good_response_before"), "If irradiated before: was the response good?", _ASKED),
    code_field(
        _f("three_months_since_radiotherapy"), "If irradiated before: three months or more ago?", _ASKED
    ),
    code_field(_f("wants_radiotherapy"), "The person wants radiotherapy", _ASKED),
    code_field(_f("prognosis"), "Overall prognosis, by clinical judgement", _PROGNOSIS),
    code_field(_f("complete_plegia"), "Complete paraplegia or tetraplegia", _ASKED),
    code_field(_f("plegia_two_weeks"), "If complete: for two weeks or longer", _ASKED),
)
_JUDGED = (
    "good_response_before",
    "three_months_since_radiotherapy",
    "wants_radiotherapy",
    "prognosis",
    "complete_plegia",
    "plegia_two_weeks",
)
_DOSE: tuple[FieldSpec, ...] = (
    number_field(_f("total_gy"), "Total dose, Gy", most=100, unit="the dose in Gy"),
    whole_field(_f("fractions"), "Fractions", least=1, most=40),
    code_field(
        _f("not_single_reason"), "Why not 8 Gy in a single fraction", NOT_SINGLE_REASONS, required=True
    ),
)
_SURGERY: tuple[FieldSpec, ...] = (
    text_field(_f("procedure"), "Procedure and levels", required=True),
    text_field(_f("surgeon"), "Surgeon"),
    code_field(
        _f("urgency"),
        "Urgency, set by how fast neurology came on and is getting worse",
        SURGERY_URGENCIES,
        required=True,
    ),
    text_field(_f("complications"), "Complications, once it is done"),
)


def _steroid_steps() -> tuple[FieldSpec, ...]:
    return tuple(
        spec
        for step in range(1, STEPS + 1)
        for spec in (
            date_field(_f(f"step_{step}_on"), f"Step {step}: from"),
            number_field(
                _f(f"step_{step}_mg"), f"Step {step}: daily dose, mg", most=100, unit="the dose in milligrams"
            ),
        )
    )


def _modality(
    code: str, words: str, event: str, *fields: FieldSpec, hint: str = "", judged: tuple[str, ...] = ()
) -> Modality:
    return Modality(
        code=code, words=words, event=event, fields=(*_WHO, *fields, *_LAST), hint=hint, judged=judged
    )


MODALITIES: tuple[Modality, ...] = (
    _modality(
        "rt_single_8gy",
        "Radiotherapy, 8 Gy in a single fraction",
        "radiotherapy",
        *_RADIOTHERAPY,
        judged=_JUDGED,
        hint="The guideline's default for MSCC (NG234 1.10, number not confirmed).",
    ),
    _modality(
        "rt_multifraction",
        "Radiotherapy, several fractions",
        "radiotherapy",
        *_DOSE,
        *_RADIOTHERAPY,
        judged=_JUDGED,
        hint="Considered where the risk of side effects is high; the reason is recorded.",
    ),
    _modality(
        "sabr",
        "Stereotactic ablative radiotherapy",
        "radiotherapy",
        *_DOSE,
        *_RADIOTHERAPY,
        judged=_JUDGED,
        hint="An alternative with a good prognosis or oligometastatic disease; the reason is recorded.",
    ),
    _modality(
        "surgery_decompression",
        "Surgery: decompression",
        "surgery",
        *_SURGERY,
        hint="As soon as possible after neurology began; NICE gives no number of hours.",
    ),
    _modality("surgery_stabilisation", "Surgery: stabilisation", "surgery", *_SURGERY),
    _modality("vertebroplasty", "Vertebroplasty", "other", text_field(_f("levels"), "Levels", required=True)),
    _modality("kyphoplasty", "Kyphoplasty", "other", text_field(_f("levels"), "Levels", required=True)),
    _modality("rfa", "Radiofrequency ablation", "other", text_field(_f("levels"), "Levels", required=True)),
    _modality(
        "sact", "Systemic anticancer treatment", "other", text_field(_f("regimen"), "Regimen", required=True)
    ),
    _modality(
        "external_support",
        "External support",
        "other",
        code_field(_f("support"), "Support", SUPPORTS, required=True),
        text_field(_f("fitted_by"), "Who fits it"),
        text_field(_f("wearing"), "When it is worn, and until when"),
        hint="Where the spine may be unstable, mechanical pain is not controlled and surgery is not suitable.",
    ),
    _modality(
        "supportive_care",
        "Best supportive care, no treatment of the tumour",
        "supportive_care",
        code_field(_f("no_treatment_reason"), "Why no other treatment", NO_TREATMENT_REASONS, required=True),
    ),
    _modality(
        "biopsy",
        "Biopsy",
        "",
        text_field(_f("site"), "What is to be biopsied, and how it is guided", required=True),
        hint="Where the primary is unknown, the result might change treatment, and treatment can wait.",
    ),
    _modality(
        "bone_agent",
        "Bisphosphonate or denosumab",
        "",
        code_field(_f("agent"), "Agent", BONE_AGENTS, required=True),
        text_field(_f("regimen"), "Regimen"),
    ),
    _modality(
        "dexamethasone",
        "Dexamethasone: plan and taper",
        "",
        date_field(_f("start_on"), "Given since", required=True),
        number_field(_f("daily_mg"), "Daily dose now, mg", most=100, unit="the dose in milligrams"),
        *_steroid_steps(),
        date_field(_f("stop_on"), "Last day", required=True),
        code_field(_f("ppi"), "Gastric protection is given", ANSWER),
        code_field(_f("glucose"), "Glucose is watched", ANSWER),
        code_field(_f("card"), "Steroid card and sick-day rules given", ANSWER),
        hint="Each step becomes a task on its day. You enter the doses: the software calculates nothing.",
    ),
)
MODALITY_AT = {modality.code: modality for modality in MODALITIES}
# The fact that tells of a start, by the modality of the decision.
STARTED = {"radiotherapy": "radiotherapy_started", "surgery": "surgery_started"}
# What the MDT decides that a treatment carries out.
CARRIES_OUT = {
    "rt_single_8gy": "radiotherapy",
    "rt_multifraction": "radiotherapy",
    "sabr": "radiotherapy",
    "surgery_decompression": "surgery",
    "surgery_stabilisation": "surgery",
    "vertebroplasty": "vertebral_intervention",
    "kyphoplasty": "vertebral_intervention",
    "rfa": "vertebral_intervention",
    "sact": "systemic_treatment",
    "external_support": "external_support",
    "supportive_care": "supportive_care",
    "biopsy": "biopsy",
}
RADIOTHERAPY = frozenset({"rt_single_8gy", "rt_multifraction", "sabr"})


def faults(modality: Modality, content: StoredTreatment, *, irradiated: bool) -> dict[str, list[str]]:
    """The faults of a treatment beyond its required fields. `irradiated` is whether the spine was before."""
    errors: dict[str, list[str]] = {}
    if content.get("side_effect_risk") == "high" and not content.get("side_effect_reason"):
        errors[_f("side_effect_reason")] = ["Write why the risk of side effects is high"]
    if content.get("not_single_reason") == "other" and not content.get("note"):
        errors[_f("note")] = ["Write why it is not 8 Gy in a single fraction"]
    if content.get("no_treatment_reason") == "other" and not content.get("note"):
        errors[_f("note")] = ["Write why there is no other treatment"]
    if modality.code in ("rt_multifraction", "sabr"):
        errors |= {
            _f(name): [f"Enter the {words}"]
            for name, words in (("total_gy", "total dose in Gy"), ("fractions", "number of fractions"))
            if name not in content
        }
    if modality.code in RADIOTHERAPY and (irradiated or content.get("previous_dose")):
        errors |= _faults_of_irradiating_again(content)
    return errors | (_faults_of_taper(content) if modality.code == "dexamethasone" else {})


def _faults_of_irradiating_again(content: Mapping[str, Any]) -> dict[str, list[str]]:
    """Radiotherapy again asks for the response before, the time since, and the total dose (NG234 1.10, number not confirmed)."""
    sentences = {
        "reirradiation_considered": "The spine was irradiated before: confirm that dose, time and volume were considered",
        "good_response_before": "The spine was irradiated before: say whether the response was good",
        "three_months_since_radiotherapy": "The spine was irradiated before: say whether it was three months ago or longer",
    }
    return {_f(name): [words] for name, words in sentences.items() if name not in content}


def taper_of(content: Mapping[str, Any]) -> tuple[tuple[date, float], ...]:
    """The steps of a taper as they were entered: from which day, which daily dose."""
    return tuple(
        (date.fromisoformat(content[f"step_{step}_on"]), float(content[f"step_{step}_mg"]))
        for step in range(1, STEPS + 1)
        if f"step_{step}_on" in content and f"step_{step}_mg" in content
    )


def _faults_of_taper(content: Mapping[str, Any]) -> dict[str, list[str]]:
    errors: dict[str, list[str]] = {}
    before = content.get("start_on", "")
    for step in range(1, STEPS + 1):
        day, dose = content.get(f"step_{step}_on"), content.get(f"step_{step}_mg")
        if (day is None) != (dose is None):
            missing = "on" if day is None else "mg"
            errors[_f(f"step_{step}_{missing}")] = ["A step has a day and a dose: enter both, or neither"]
        elif day is not None and day < before:
            errors[_f(f"step_{step}_on")] = ["This is before the step above: check the date"]
        before = day or before
    if content.get("stop_on", before) < before:
        errors[_f("stop_on")] = ["The last day is before a step: check the date"]
    if not taper_of(content):
        errors.setdefault(
            _f("step_1_on"),
            ["Enter at least one step, so that the steroid is not stopped from one day to the next"],
        )
    return errors
