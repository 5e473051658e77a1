"""The rules of 2026.1 and 2026.2 that a later ruleset changed, so that each assessment can be given again.

Only the differences are here, by the id of the rule in force today. The rest is shared.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, TypeVar

from triage.guideline import course_criteria as c
from triage.guideline import criteria as f
from triage.guideline.contents import CITATION_AT
from triage.guideline.findings import CancerContext, HaematologicalMalignancy, Presentation
from triage.guideline.normalisation import YES, haematological_of
from triage.guideline.recommendation import Advice
from triage.guideline.rule import Criterion, Rule, Strength, WarningRule

_REC_5, _REC_6 = (
    replace(CITATION_AT["REC-5"], confirmed=False),
    replace(CITATION_AT["REC-6"], confirmed=False),
)
_RULED_OUT = Criterion("MSCC is ruled out", lambda s: s.clean_or_not_malignant, "MSCC is not ruled out")
_NEUROLOGY = f.ANY_NEUROLOGY & ~f.HAEMATOLOGICAL_SUSPECTED & (~f.NO_KNOWN_CANCER | f.POSITIVE_IMAGING)
_HAEMATOLOGICAL = f.HAEMATOLOGICAL_CONFIRMED & (f.EMERGENCY | f.ONE_WEEK)
_FIRST_DOSE = ~_RULED_OUT & ~f.DEXAMETHASONE_GIVEN
_FURTHER_DOSES = f.EMERGENCY & ~_RULED_OUT & f.DEXAMETHASONE_GIVEN
_AT_HAND = f.DEXAMETHASONE_GIVEN | _FIRST_DOSE & (_NEUROLOGY | _HAEMATOLOGICAL)
_IN_PAIN = (f.EMERGENCY | f.ONE_WEEK | f.URGENT_ONCOLOGY) & (
    f.ANY_PAIN | f.RADICULAR_PAIN | f.LOW_BACK_PAIN | f.PAIN_RATED | f.PAIN_ON_MOVEMENT
)
_MRI_STILL_DUE = ~f.MRI_CONTRAINDICATED & ~f.WHOLE_SPINE_IMAGED
_UNSTABLE = f.EMERGENCY & f.INSTABILITY

# The earlier form of a rule, by its id of today.
_BEFORE: dict[str, dict[str, Any]] = {
    "emergency.imaging": {"sources": (CITATION_AT["REC-2"], CITATION_AT["SVC-IMG"])},
    "provisional.unstable_or_severe": {
        "id": "provisional.severe_pain",
        "when": f.NEUROLOGY_NOT_ASSESSED & f.KNOWN_CANCER & f.SEVERE_PAIN,
        "says": "Pain is severe in somebody who has or had cancer and some neurology was not assessed: held as an "
        "emergency until the coordinator has the answers and decides.",
    },
    "urgent_oncology.pain": {"sources": (_REC_5,)},
    "safety_net": {"sources": (_REC_6,)},
    "contact.emergency": {"when": f.EMERGENCY},
    "contact.one_week": {"when": f.ONE_WEEK},
    "contact.urgent_oncology": {"sources": (_REC_5,)},
    "clock.mri_24h": {"when": f.EMERGENCY & ~f.WHOLE_SPINE_IMAGED},
    "clock.coordinator_advice": {"when": f.ONE_WEEK},
    "clock.mri_1w": {"when": f.ONE_WEEK & ~f.WHOLE_SPINE_IMAGED},
    "clock.coordinator_advice.other": {
        "id": "clock.coordinator_advice.insufficient",
        "starts": "clinician_suspected_at",
        "when": f.INSUFFICIENT & f.KNOWN_CANCER,
        "says": "What is missing is settled with the coordinator within 24 hours of the suspicion.",
        "sources": (CITATION_AT["A5"],),
    },
    "contact_coordinator_immediately.held": {"when": f.EMERGENCY & ~(f.ANY_NEUROLOGY & f.KNOWN_CANCER)},
    "contact_coordinator_immediately.impending": {"when": ~f.EMERGENCY & f.IMPENDING},
    "seek_coordinator_advice_24h.other": {"when": f.ONE_WEEK & ~f.IMPENDING & ~(f.ANY_PAIN & f.KNOWN_CANCER)},
    "refer_urgent_oncology": {"sources": (_REC_5,)},
    "safety_net_advice": {"sources": (_REC_6,)},
    "safety_net_advice.outside": {"sources": (_REC_6, CITATION_AT["SVC-NET"])},
    "safety_net_advice.waiting": {
        "when": f.ONE_WEEK | f.URGENT_ONCOLOGY,
        "says": "While a scan or an assessment is awaited, the person needs to know what to watch for.",
        "sources": (CITATION_AT["SVC-NET"],),
    },
    "consider_immobilisation.movement_pain": {
        "when": ~_UNSTABLE & (f.EMERGENCY | f.ONE_WEEK) & f.MODERATE_MOVEMENT_PAIN
    },
    "consider_immobilisation.instability": {"when": f.ONE_WEEK & f.INSTABILITY},
    "stability_advice_24h": {"when": _UNSTABLE | f.ONE_WEEK & f.INSTABILITY},
    "offer_dexamethasone_16mg.neurology": {"when": _FIRST_DOSE & _NEUROLOGY},
    "offer_dexamethasone_16mg.haematological": {"when": _FIRST_DOSE & _HAEMATOLOGICAL},
    "continue_dexamethasone_16mg_daily.neurology": {"when": _FURTHER_DOSES & _NEUROLOGY},
    "continue_dexamethasone_16mg_daily.haematological": {"when": _FURTHER_DOSES & _HAEMATOLOGICAL},
    "hold_dexamethasone_discuss_haematology": {
        "when": (f.EMERGENCY | f.ONE_WEEK) & f.HAEMATOLOGICAL_SUSPECTED & ~_RULED_OUT
    },
    "consider_corticosteroid": {
        "when": (f.ONE_WEEK | f.EMERGENCY & f.ALL_NEUROLOGY_NO & f.SADDLE_NOT_YES)
        & ~f.HAEMATOLOGICAL_CONFIRMED
        & ~f.HAEMATOLOGICAL_SUSPECTED
        & ~f.DEXAMETHASONE_GIVEN
        & ~_RULED_OUT
        & f.VERY_SEVERE_PAIN
    },
    "stop_dexamethasone": {
        "when": f.DEXAMETHASONE_GIVEN & _RULED_OUT,
        "says": "Dexamethasone was given before imaging and imaging rules MSCC out.",
    },
    "mri_whole_spine_24h": {"when": f.EMERGENCY & _MRI_STILL_DUE},
    "mri_whole_spine_1w": {"when": f.ONE_WEEK & _MRI_STILL_DUE},
    "no_plain_xray": {"when": f.EMERGENCY | f.ONE_WEEK | f.URGENT_ONCOLOGY},
    "pain_assessment_and_plan": {"when": _IN_PAIN},
    "adequate_analgesia": {"when": _IN_PAIN},
    "consider_specialist_pain_service": {
        "when": (f.EMERGENCY | f.ONE_WEEK) & f.PAIN_NOT_CONTROLLED & f.VERY_SEVERE_PAIN
    },
    "biopsy_if_primary_unknown": {
        "when": f.POSITIVE_IMAGING & f.PRIMARY_UNKNOWN & ~f.EMERGENCY & ~f.HAEMATOLOGICAL_CONFIRMED
    },
    "discuss_spinal_surgery_now": {
        "says": "Imaging shows compression that is not malignant: discuss it with spinal surgery now."
    },
    "no_histology_discuss_before_dexamethasone": {
        "when": _FIRST_DOSE & (_NEUROLOGY | _HAEMATOLOGICAL) & f.CANCER_SUSPECTED,
        "says": "There is no histology yet: discuss with the coordinator before the first dose of "
        "dexamethasone, without losing time.",
    },
    "review_pain_plan": {"when": c.PAIN_PLAN_CHANGED | _IN_PAIN & f.PAIN_NOT_CONTROLLED},
    "record_why_no_dexamethasone": {"when": _FIRST_DOSE & (_NEUROLOGY | _HAEMATOLOGICAL)},
    "review_dexamethasone": {"when": f.DEXAMETHASONE_GIVEN & ~_RULED_OUT & ~c.OPERATED & ~c.IRRADIATED},
    "taper_dexamethasone": {"when": f.DEXAMETHASONE_GIVEN & ~_RULED_OUT & (c.OPERATED | c.IRRADIATED)},
    "steroid_safeguards": {"when": f.DEXAMETHASONE_GIVEN & ~_RULED_OUT},
    "biopsy_before_treatment": {
        "when": f.POSITIVE_IMAGING
        & f.PRIMARY_UNKNOWN
        & f.EMERGENCY
        & ~f.HAEMATOLOGICAL_CONFIRMED
        & c.TREATMENT_CAN_WAIT
    },
    "no_bisphosphonate_to_prevent_mscc": {
        "when": f.POSITIVE_IMAGING & f.SOLID_NOT_PROSTATE & ~f.BREAST_OR_MYELOMA
    },
    "no_surgery_to_prevent_mscc": {"when": c.METASTASES_WITHOUT_MSCC & c.WITHOUT_SYMPTOMS & c.LIKELY_STABLE},
    "steroid_and_bleeding": {"when": _AT_HAND & c.BLEEDING},
    "steroid_and_allergy": {"when": _AT_HAND & c.STEROID_ALLERGY},
    "steroid_and_diabetes": {"when": _AT_HAND & c.DIABETES},
}
# Rules that 2026.3 added; the cautions about a steroid were separate until then.
_ADDED = frozenset(
    {
        "contact.emergency.no_known_cancer",
        "contact.one_week.no_known_cancer",
        "contact.unstable",
        "clock.mri_24h.no_known_cancer",
        "clock.coordinator_advice.no_known_cancer",
        "clock.mri_1w.no_known_cancer",
        "clock.stability_advice",
        "contact_coordinator_immediately.no_known_cancer",
        "contact_coordinator_immediately.impending_no_known_cancer",
        "seek_coordinator_advice_24h.no_known_cancer",
        "seek_coordinator_advice_24h.insufficient",
        "seek_coordinator_advice_24h.unstable",
        "examine_neurology_now",
        "mri_whole_spine_24h.no_known_cancer",
        "mri_whole_spine_1w.no_known_cancer",
        "hold_dexamethasone_discuss_haematology.relapse",
        "hold_dexamethasone_discuss_spinal_surgery",
        "use_local_spinal_route",
        "imaging_result_outstanding",
        "clean_imaging_not_final",
        "infection_before_dexamethasone",
        "anticoagulant_before_intervention",
        "clean_spine_with_neurology",
        "spinal_surgeon_first",
        "check_anticoagulant_and_platelets",
        "prealert_radiotherapy",
        "judge_plegia",
    }
)
CAUTIONS = frozenset({"steroid_and_bleeding", "steroid_and_allergy", "steroid_and_diabetes"})
STEROID_AND_INFECTION = WarningRule(
    id="steroid_and_infection",
    code="steroid_and_infection",
    when=_AT_HAND & Criterion("there is an active infection", lambda s: s.course.active_infection == YES),
    says="There is an active infection: weigh dexamethasone with a senior clinician. This blocks nothing.",
    sources=(CITATION_AT["A15"],),
)
TEXTS = {
    text.code: text
    for text in (
        Advice(
            code="stop_dexamethasone",
            strength=Strength.ACT,
            topic="dexamethasone",
            text="Stop dexamethasone: MSCC has been ruled out. Taper if it was given for long, or for another reason.",
        ),
    )
}

_AnyRule = TypeVar("_AnyRule", bound=Rule)


def as_before(rules: Iterable[_AnyRule]) -> tuple[_AnyRule, ...]:
    """Today's rules as they were in 2026.1 and 2026.2, without those that were added since."""
    return tuple(
        replace(rule, **_BEFORE[rule.id]) if rule.id in _BEFORE else rule
        for rule in rules
        if rule.id not in _ADDED
    )


def context_before(presentation: Presentation) -> CancerContext:
    """The earlier reading of the context of cancer: a suspected haematological malignancy did not change it."""
    if haematological_of(presentation) == HaematologicalMalignancy.CONFIRMED:
        return CancerContext.CURRENT
    return presentation.cancer_context
