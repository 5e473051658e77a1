"""The course of a case, from what was judged and what happened. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any

from referrals.codes import COURSE_JUDGED
from referrals.events import Fact, in_true_order
from triage.guideline.course import Course, from_json

FROM_REFERRAL = ("active_infection", "gastrointestinal_bleed", "steroid_allergy", "diabetes")
PROGRESSING = ("progressing_hours", "progressing_days")


def course_of(facts: Iterable[Fact], clinical: Mapping[str, Any]) -> Course:
    """The course as the guideline reads it. `clinical` is that part of the referral as it was sent."""
    ordered = in_true_order(facts)
    kinds = {fact.kind for fact in ordered}
    judged: dict[str, Any] = {name: clinical.get(name) or "not_assessed" for name in FROM_REFERRAL}
    for fact in ordered:
        if fact.kind == COURSE_JUDGED:
            judged |= fact.data
        elif fact.kind == "decision_to_treat" and fact.data.get("suitable_for_surgery"):
            judged["surgery_suitable"] = fact.data["suitable_for_surgery"]
    decided = _decided(ordered)
    worse = clinical.get("progression") in PROGRESSING or any(
        fact.kind == "neurology_changed" and "yes" in fact.data["neurology"].values() for fact in ordered
    )
    return from_json(
        {
            **judged,
            "immobilised": "immobilised" in kinds or bool(clinical.get("immobilised_since")),
            "progressing": worse and "surgery_started" not in kinds,
            "report_awaited": _report_awaited(ordered),
            "ct_performed": any(f.kind == "mri_performed" and f.data["modality"] == "ct" for f in ordered),
            "surgery_decided": decided == "surgery",
            "radiotherapy_decided": decided == "radiotherapy",
            "operated": "surgery_started" in kinds,
            "irradiated": "radiotherapy_started" in kinds,
            "admitted": _last(ordered, ("admitted", "discharged")) == "admitted",
        }
    )


def _last(facts: list[Fact], kinds: tuple[str, ...]) -> str:
    return next((fact.kind for fact in reversed(facts) if fact.kind in kinds), "")


def _report_awaited(facts: list[Fact]) -> bool:
    return _last(facts, ("mri_performed", "mri_reported")) == "mri_performed"


def _decided(facts: list[Fact]) -> str:
    """The treatment decided on last."""
    return next((fact.data["modality"] for fact in reversed(facts) if fact.kind == "decision_to_treat"), "")
