"""Corticosteroids (NG234 1.8). The software prompts; it never prescribes and never computes a dose."""

from triage.guideline import course_facts as c
from triage.guideline import facts as f
from triage.guideline import sources as s
from triage.guideline.rule import AdviceRule, WarningRule

_NEUROLOGY = f.ANY_NEUROLOGY & ~f.HAEMATOLOGICAL_SUSPECTED & (~f.NO_KNOWN_CANCER | f.POSITIVE_IMAGING)
_HAEMATOLOGICAL = f.HAEMATOLOGICAL_CONFIRMED & (f.EMERGENCY | f.ONE_WEEK)
_FIRST_DOSE = ~f.RULED_OUT & ~f.DEXAMETHASONE_GIVEN
_FURTHER_DOSES = f.EMERGENCY & ~f.RULED_OUT & f.DEXAMETHASONE_GIVEN

ADVICE_RULES: tuple[AdviceRule, ...] = (
    AdviceRule(
        id="offer_dexamethasone_16mg.neurology", code="offer_dexamethasone_16mg",
        when=_FIRST_DOSE & _NEUROLOGY,
        says="Neurology that may be MSCC is a reason to offer dexamethasone as soon as possible.",
        sources=(s.STE_1,),
    ),
    AdviceRule(
        id="offer_dexamethasone_16mg.haematological", code="offer_dexamethasone_16mg",
        when=_FIRST_DOSE & _HAEMATOLOGICAL,
        says="A confirmed haematological malignancy with suspected or known spinal disease is a reason to offer "
             "dexamethasone, with or without neurology.",
        sources=(s.STE_5,),
    ),
    AdviceRule(
        id="continue_dexamethasone_16mg_daily.neurology", code="continue_dexamethasone_16mg_daily",
        when=_FURTHER_DOSES & _NEUROLOGY,
        says="After a first dose, dexamethasone goes on daily while surgery or radiotherapy is awaited.",
        sources=(s.STE_1,),
    ),
    AdviceRule(
        id="continue_dexamethasone_16mg_daily.haematological", code="continue_dexamethasone_16mg_daily",
        when=_FURTHER_DOSES & _HAEMATOLOGICAL,
        says="After a first dose in a haematological malignancy, further doses are agreed with haematology.",
        sources=(s.STE_1, s.STE_5),
    ),
    AdviceRule(
        id="hold_dexamethasone_discuss_haematology", code="hold_dexamethasone_discuss_haematology",
        when=(f.EMERGENCY | f.ONE_WEEK) & f.HAEMATOLOGICAL_SUSPECTED & ~f.RULED_OUT,
        says="Steroid before histology may destroy the diagnosis of a lymphoma or myeloma.",
        sources=(s.STE_7,),
    ),
    AdviceRule(
        id="consider_corticosteroid", code="consider_corticosteroid",
        when=(f.ONE_WEEK | f.EMERGENCY & f.ALL_NEUROLOGY_NO & f.SADDLE_NOT_YES)
        & ~f.HAEMATOLOGICAL_CONFIRMED & ~f.HAEMATOLOGICAL_SUSPECTED
        & ~f.DEXAMETHASONE_GIVEN & ~f.RULED_OUT & f.VERY_SEVERE_PAIN,
        says="Severe pain without neurology makes a corticosteroid worth considering.",
        sources=(s.STE_3,),
    ),
    AdviceRule(
        id="stop_dexamethasone", code="stop_dexamethasone",
        when=f.DEXAMETHASONE_GIVEN & f.RULED_OUT,
        says="Dexamethasone was given before imaging and imaging rules MSCC out.",
        sources=(s.STE_2,),
    ),
)  # fmt: skip

WARNING_RULES: tuple[WarningRule, ...] = (
    WarningRule(
        id="no_histology_discuss_before_dexamethasone", code="no_histology_discuss_before_dexamethasone",
        when=_FIRST_DOSE & (_NEUROLOGY | _HAEMATOLOGICAL) & f.CANCER_SUSPECTED,
        says="There is no histology yet: discuss with the coordinator before the first dose of "
             "dexamethasone, without losing time.",
        sources=(s.STE_7,),
    ),
)  # fmt: skip

CARE_RULES: tuple[AdviceRule, ...] = (
    AdviceRule(
        id="record_why_no_dexamethasone", code="record_why_no_dexamethasone",
        when=_FIRST_DOSE & (_NEUROLOGY | _HAEMATOLOGICAL),
        says="Dexamethasone is on offer and not recorded as given.",
        sources=(s.STEROID_PROMPT,),
    ),
    AdviceRule(
        id="review_dexamethasone", code="review_dexamethasone",
        when=f.DEXAMETHASONE_GIVEN & ~f.RULED_OUT & ~c.OPERATED & ~c.IRRADIATED,
        says="A steroid that nobody reviews goes on too long.",
        sources=(s.STEROID_REVIEW,),
    ),
    AdviceRule(
        id="taper_dexamethasone", code="taper_dexamethasone",
        when=f.DEXAMETHASONE_GIVEN & ~f.RULED_OUT & (c.OPERATED | c.IRRADIATED),
        says="Once surgery is done or radiotherapy has started, the steroid comes down and stops.",
        sources=(s.STE_4,),
    ),
    AdviceRule(
        id="haematology_decides_further_steroid", code="haematology_decides_further_steroid",
        when=f.DEXAMETHASONE_GIVEN & f.HAEMATOLOGICAL_CONFIRMED,
        says="In a haematological malignancy steroid is part of the treatment of the disease itself.",
        sources=(s.STE_5,),
    ),
    AdviceRule(
        id="no_routine_corticosteroid", code="no_routine_corticosteroid",
        when=(f.ONE_WEEK | f.EMERGENCY & f.ALL_NEUROLOGY_NO & f.SADDLE_NOT_YES)
        & ~f.HAEMATOLOGICAL_CONFIRMED & ~f.HAEMATOLOGICAL_SUSPECTED
        & ~f.DEXAMETHASONE_GIVEN & ~f.VERY_SEVERE_PAIN & ~c.RADIOTHERAPY_DECIDED,
        says="Without neurology, severe pain or a haematological malignancy a steroid does not belong to the first steps.",
        sources=(s.STE_6,),
    ),
    AdviceRule(
        id="steroid_safeguards", code="steroid_safeguards",
        when=f.DEXAMETHASONE_GIVEN & ~f.RULED_OUT,
        says="High-dose steroid does harm of its own when nobody guards against it.",
        sources=(s.STE_8,),
    ),
)  # fmt: skip

_STEROID_AT_HAND = f.DEXAMETHASONE_GIVEN | _FIRST_DOSE & (_NEUROLOGY | _HAEMATOLOGICAL)

CARE_WARNINGS: tuple[WarningRule, ...] = (
    WarningRule(
        id="steroid_and_infection", code="steroid_and_infection", when=_STEROID_AT_HAND & c.INFECTION,
        says="There is an active infection: weigh dexamethasone with a senior clinician. This blocks nothing.",
        sources=(s.STEROID_PROMPT,),
    ),
    WarningRule(
        id="steroid_and_bleeding", code="steroid_and_bleeding", when=_STEROID_AT_HAND & c.BLEEDING,
        says="There is gastrointestinal bleeding: weigh dexamethasone with a senior clinician, and protect the stomach.",
        sources=(s.STEROID_PROMPT,),
    ),
    WarningRule(
        id="steroid_and_allergy", code="steroid_and_allergy", when=_STEROID_AT_HAND & c.STEROID_ALLERGY,
        says="An allergy to a corticosteroid is recorded: check to which one, and what happened, before a dose.",
        sources=(s.STEROID_PROMPT,),
    ),
    WarningRule(
        id="steroid_and_diabetes", code="steroid_and_diabetes", when=_STEROID_AT_HAND & c.DIABETES,
        says="The person has diabetes: plan glucose checks and treatment with the first dose.",
        sources=(s.STEROID_PROMPT,),
    ),
)  # fmt: skip
