"""Invasive interventions (NG234 1.11)."""

from triage.guideline import course_criteria as c
from triage.guideline import criteria as f
from triage.guideline import sources as s
from triage.guideline.rule import AdviceRule, WarningRule

_BIOPSY = f.POSITIVE_IMAGING & f.PRIMARY_UNKNOWN & ~f.HAEMATOLOGICAL_CONFIRMED
_VERTEBRAL = c.METASTASES_WITHOUT_MSCC & (c.UNSTABLE | f.PAIN_NOT_CONTROLLED) & ~c.OPERATED
_NEEDLE_OR_KNIFE = (
    c.SURGERY_CONSIDERED | c.SURGERY_DECIDED | _BIOPSY & (~f.EMERGENCY | c.TREATMENT_CAN_WAIT) | _VERTEBRAL
) & ~c.OPERATED

ADVICE_RULES: tuple[AdviceRule, ...] = (
    AdviceRule(
        id="biopsy_if_primary_unknown",
        code="biopsy_if_primary_unknown",
        when=_BIOPSY & ~f.EMERGENCY,
        says="The primary is unknown: where treatment can wait, a biopsy may change it.",
        sources=(s.INV_6,),
    ),
)

CARE_RULES: tuple[AdviceRule, ...] = (
    AdviceRule(
        id="plan_surgery_with_mdt", code="plan_surgery_with_mdt",
        when=f.POSITIVE_IMAGING & c.SURGERY_CONSIDERED & ~c.OPERATED,
        says="Surgery is being considered, and its plan belongs to the specialists together.",
        sources=(s.INV_1,),
    ),
    AdviceRule(
        id="surgery_as_soon_as_possible", code="surgery_as_soon_as_possible",
        when=f.MSCC_ON_IMAGING & c.SURGERY_SUITABLE & ~c.OPERATED,
        says="Surgery is to halt or reverse the loss of function: how fast that came and grows sets the urgency.",
        sources=(s.INV_2,),
    ),
    AdviceRule(
        id="surgical_opinion_first", code="surgical_opinion_first",
        when=f.MSCC_ON_IMAGING & c.PROGRESSING & ~c.OPERATED & ~c.SURGERY_NOT_SUITABLE,
        says="Neurology is getting worse, so the surgical opinion goes before everything else.",
        sources=(s.INV_2, s.SURGERY_WITHOUT_HOURS),
    ),
    AdviceRule(
        id="decompression_or_stabilisation", code="decompression_or_stabilisation",
        when=f.MSCC_ON_IMAGING & c.SURGERY_SUITABLE & ~c.OPERATED,
        says="Where surgery is suitable it may free the cord, hold the spine, or both.",
        sources=(s.INV_3,),
    ),
    AdviceRule(
        id="stabilise_for_pain", code="stabilise_for_pain",
        when=f.MSCC_ON_IMAGING & c.UNSTABLE & c.MECHANICAL_PAIN_UNCONTROLLED & c.SURGERY_SUITABLE & ~c.OPERATED,
        says="An unstable spine with mechanical pain that analgesia does not control is stabilised, even where the "
             "deficit is severe and may not come back.",
        sources=(s.INV_4,),
    ),
    AdviceRule(
        id="external_support", code="external_support",
        when=f.POSITIVE_IMAGING & c.UNSTABLE & c.MECHANICAL_PAIN_UNCONTROLLED & c.SURGERY_NOT_SUITABLE,
        says="The spine may be unstable, mechanical pain is not controlled, and surgery is not suitable.",
        sources=(s.INV_5,),
    ),
    AdviceRule(
        id="biopsy_before_treatment", code="biopsy_before_treatment",
        when=_BIOPSY & f.EMERGENCY & c.TREATMENT_CAN_WAIT,
        says="The primary is unknown and treatment can wait for a result that might change it.",
        sources=(s.INV_6,),
    ),
    AdviceRule(
        id="vertebral_intervention", code="vertebral_intervention",
        when=_VERTEBRAL,
        says="Metastases make the spine unstable, or hurt in spite of analgesia.",
        sources=(s.INV_7,),
    ),
    AdviceRule(
        id="no_surgery_to_prevent_mscc", code="no_surgery_to_prevent_mscc",
        when=c.METASTASES_WITHOUT_MSCC & c.WITHOUT_SYMPTOMS & ~f.PAIN_NOT_CONTROLLED & c.LIKELY_STABLE,
        says="Without pain and instability, surgery to prevent MSCC is a question for research.",
        sources=(s.PREVENTIVE_SURGERY,),
    ),
    AdviceRule(
        id="spinal_surgeon_first", code="spinal_surgeon_first",
        when=f.MSCC_ON_IMAGING & ~c.OPERATED & ~c.SURGERY_NOT_SUITABLE
        & (c.LEVEL_OPERATED | c.LEVEL_IRRADIATED | f.PRIMARY_UNKNOWN | ~f.KNOWN_CANCER),
        says="After an operation or radiotherapy at that level, or with no known primary, radiotherapy may be the wrong "
             "first step.",
        sources=(s.SURGEON_FIRST,),
    ),
    AdviceRule(
        id="check_anticoagulant_and_platelets", code="check_anticoagulant_and_platelets",
        when=_NEEDLE_OR_KNIFE,
        says="A biopsy, a vertebral procedure or surgery is being considered, and the risk of bleeding has to be known first.",
        sources=(s.NEEDLE_OR_KNIFE,),
    ),
)  # fmt: skip

WARNING_RULES: tuple[WarningRule, ...] = (
    WarningRule(
        id="anticoagulant_before_intervention", code="anticoagulant_before_intervention",
        when=_NEEDLE_OR_KNIFE & c.ANTICOAGULATED,
        says="An anticoagulant or antiplatelet is recorded and a biopsy, a vertebral procedure or surgery is being considered: find out the drug and its "
             "last dose, and tell whoever will do it.",
        sources=(s.NEEDLE_OR_KNIFE,),
    ),
)  # fmt: skip
