"""The course of a case, from judgements and events. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from referrals.evidence.case_evidence import Evidence
from referrals.evidence.examination import POWER_PATHS
from referrals.evidence.facts import Fact, in_true_order
from referrals.evidence.neurology import RECORDED_WALKING, WALKING, WALKING_ORDER
from referrals.intake.codes import COURSE_JUDGED
from referrals.intake.stored import StoredClinical
from triage.guideline.course import Course, from_json

TREATMENT = frozenset({"radiotherapy_started", "surgery_started"})
FROM_REFERRAL = ("active_infection", "gastrointestinal_bleed", "steroid_allergy", "diabetes")
WITH_POWER = WALKING_ORDER[:-1]
LEG_POWER = ("1", "2", "3", "4", "5")
LEG_POWER_PATHS = tuple(path for path in POWER_PATHS if path.removeprefix("record.power_")[0] in "ls")
PROGRESSING = ("progressing_hours", "progressing_days")
# Texts in a field that mean "none".
_NONE = frozenset({"", "no", "none", "nil", "n/a", "na", "nkda", "not known", "unknown", "-"})


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseRecord:
    """The parts of the record that the course depends on: the current clinical part, and earlier surgery."""

    clinical: StoredClinical
    previous_spinal_surgery: str = ""


def course_of(facts: Iterable[Fact], recorded: CourseRecord, *, evidence: Evidence) -> Course:
    """The course as the guideline reads it, from the facts, the record and the evidence."""
    ordered = in_true_order(facts)
    clinical = recorded.clinical
    kinds = {fact.kind for fact in ordered}
    present = _of_present_course(ordered, worse_at=evidence.deteriorated_at)
    present_kinds = {fact.kind for fact in present}
    earlier_kinds = {fact.kind for fact in ordered if fact not in present}
    judgements: dict[str, Any] = {name: clinical.get(name) or "not_assessed" for name in FROM_REFERRAL}
    for fact in ordered:
        if fact.kind == COURSE_JUDGED:
            judgements |= fact.data
        elif fact.kind == "decision_to_treat" and fact.data.get("suitable_for_surgery"):
            judgements["surgery_suitable"] = fact.data["suitable_for_surgery"]
        if _shows_power(fact):  # a judgement of complete plegia from before is no longer true
            judgements["complete_plegia"] = "not_assessed"
    treatment = _decided(present)
    return from_json(
        {
            **judgements,
            "immobilised": "immobilised" in kinds or bool(clinical.get("immobilised_since")),
            "progressing": (clinical.get("progression") in PROGRESSING or bool(evidence.deteriorated_at))
            and "surgery_started" not in present_kinds,
            "report_awaited": bool(evidence.picture.awaited),
            "ct_performed": any(f.kind == "mri_performed" and f.data["modality"] == "ct" for f in ordered),
            "surgery_decided": treatment == "surgery",
            "radiotherapy_decided": treatment == "radiotherapy",
            "operated": "surgery_started" in present_kinds,
            "irradiated": "radiotherapy_started" in present_kinds,
            "admitted": _last(ordered, ("admitted", "discharged")) == "admitted",
            "anticoagulated": says_something(clinical.get("anticoagulant")),
            "operated_before": "surgery_started" in earlier_kinds
            or says_something(recorded.previous_spinal_surgery),
            "irradiated_before": "radiotherapy_started" in earlier_kinds
            or says_something(clinical.get("previous_radiotherapy")),
            "no_power_two_weeks": clinical.get("bed_bound_two_weeks") == "yes"
            or (clinical.get("walking_now") == clinical.get("walking_two_weeks_ago") == "no_power"),
            "non_malignant_stated": evidence.picture.only_stated,
        }
    )


def _of_present_course(ordered: list[Fact], *, worse_at: Iterable[datetime]) -> list[Fact]:
    """The facts since neurology last became worse after a treatment: that treatment is of an earlier course."""
    treated_at = next((fact.occurred_at for fact in ordered if fact.kind in TREATMENT), None)
    since = max((at for at in worse_at if treated_at is not None and at > treated_at), default=None)
    return [fact for fact in ordered if since is None or fact.occurred_at >= since]


def _shows_power(fact: Fact) -> bool:
    """Whether somebody recorded some power of the legs, as they walk or muscle by muscle."""
    data = cast(Mapping[str, object], fact.data)
    walking = data.get(WALKING) or data.get(RECORDED_WALKING)
    return walking in WITH_POWER or any(data.get(path, "0") in LEG_POWER for path in LEG_POWER_PATHS)


def says_something(text: Any) -> bool:
    """Whether a text field names something; a text such as "none" does not."""
    return isinstance(text, str) and text.strip().casefold().rstrip(".") not in _NONE


def _last(facts: list[Fact], kinds: tuple[str, ...]) -> str:
    return next((fact.kind for fact in reversed(facts) if fact.kind in kinds), "")


def _decided(facts: list[Fact]) -> str:
    """The treatment decided on last."""
    return next((fact.data["modality"] for fact in reversed(facts) if fact.kind == "decision_to_treat"), "")
