"""Corticosteroids (NG234 1.8). The software prompts; it never prescribes and never computes a dose."""

from triage.guideline import course_criteria as c
from triage.guideline import criteria as f
from triage.guideline import sources as s
from triage.guideline.rule import AdviceRule, WarningRule

_NEUROLOGY = f.ANY_NEUROLOGY & ~f.HAEMATOLOGICAL_SUSPECTED & (~f.NO_KNOWN_CANCER | f.POSITIVE_IMAGING)
_TREATED_HERE = f.EMERGENCY | f.ONE_WEEK
_RELAPSE = (
    _TREATED_HERE
    & f.HAEMATOLOGICAL_CONFIRMED
    & f.PAST_CANCER_ENTERED
    & ~f.ANY_NEUROLOGY
    & ~f.POSITIVE_IMAGING
)
_HAEMATOLOGICAL = f.HAEMATOLOGICAL_CONFIRMED & _TREATED_HERE & ~_RELAPSE
_MAY_BE_MSCC = ~f.RULED_OUT & ~f.NON_MALIGNANT_REPORTED
_FIRST_DOSE = _MAY_BE_MSCC & ~f.DEXAMETHASONE_GIVEN
_FURTHER_DOSES = f.EMERGENCY & _MAY_BE_MSCC & f.DEXAMETHASONE_GIVEN
_FOR_PAIN = (
    (f.ONE_WEEK | f.EMERGENCY & f.ALL_NEUROLOGY_NO & f.SADDLE_NOT_YES)
    & ~f.HAEMATOLOGICAL_CONFIRMED & ~f.HAEMATOLOGICAL_SUSPECTED & _FIRST_DOSE & f.VERY_SEVERE_PAIN
)  # fmt: skip
_DESERVED = _NEUROLOGY | _HAEMATOLOGICAL
_ADVISED = _FIRST_DOSE & _DESERVED | _FOR_PAIN

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
        when=(f.EMERGENCY | f.ONE_WEEK | f.URGENT_ONCOLOGY | f.INSUFFICIENT)
        & f.HAEMATOLOGICAL_SUSPECTED & ~f.RULED_OUT,
        says="Steroid before histology may destroy the diagnosis of a lymphoma or myeloma.",
        sources=(s.STE_7,),
    ),
    AdviceRule(
        id="hold_dexamethasone_discuss_haematology.relapse", code="hold_dexamethasone_discuss_haematology",
        when=_RELAPSE & ~f.RULED_OUT,
        says="A cancer of the blood long past, with neither neurology nor a finding, may have come back: tissue first.",
        sources=(s.STE_7, s.RELAPSE_FIRST),
    ),
    AdviceRule(
        id="hold_dexamethasone_discuss_spinal_surgery", code="hold_dexamethasone_discuss_spinal_surgery",
        when=_TREATED_HERE & f.NON_MALIGNANT_COMPRESSION & ~f.RULED_OUT,
        says="Compression that is not malignant may be an abscess, in which a steroid does harm.",
        sources=(s.NOT_MALIGNANT_FIRST,),
    ),
    AdviceRule(
        id="consider_corticosteroid", code="consider_corticosteroid",
        when=_FOR_PAIN,
        says="Severe pain without neurology makes a corticosteroid worth considering.",
        sources=(s.STE_3,),
    ),
    AdviceRule(
        id="stop_dexamethasone", code="stop_dexamethasone",
        when=f.DEXAMETHASONE_GIVEN & f.RULED_OUT,
        says="Dexamethasone was given before imaging, and final reports of the whole spine rule MSCC out.",
        sources=(s.STE_2,),
    ),
)  # fmt: skip

WARNING_RULES: tuple[WarningRule, ...] = (
    WarningRule(
        id="no_histology_discuss_before_dexamethasone", code="no_histology_discuss_before_dexamethasone",
        when=_ADVISED & ~f.KNOWN_CANCER,
        says="There is no histology yet: discuss with the coordinator before the first dose of a steroid, without "
             "losing time.",
        sources=(s.STE_7,),
    ),
    WarningRule(
        id="infection_before_dexamethasone", code="infection_before_dexamethasone",
        when=f.ACTIVE_INFECTION & (_ADVISED | f.DEXAMETHASONE_GIVEN & ~f.RULED_OUT),
        says="There is an infection, fever or a suspicion of spinal infection (discitis, epidural abscess): weigh "
             "dexamethasone with a senior clinician before the next dose. This blocks nothing.",
        sources=(s.INFECTION_FIRST,),
    ),
    *(
        WarningRule(
            id=f"steroid_and_{name}", code=f"steroid_and_{name}",
            when=(f.DEXAMETHASONE_GIVEN & ~f.RULED_OUT | _ADVISED) & condition, says=says, sources=(s.STEROID_PROMPT,),
        )
        for name, condition, says in (
            ("bleeding", c.BLEEDING, "There is gastrointestinal bleeding: weigh dexamethasone with a senior clinician, and "
                                     "protect the stomach."),
            ("allergy", c.STEROID_ALLERGY, "An allergy to a corticosteroid is recorded: check to which one, and what "
                                           "happened, before a dose."),
            ("diabetes", c.DIABETES, "The person has diabetes: plan glucose checks and treatment with the first dose."),
        )
    ),
)  # fmt: skip

CARE_RULES: tuple[AdviceRule, ...] = (
    AdviceRule(
        id="record_why_no_dexamethasone", code="record_why_no_dexamethasone",
        when=_FIRST_DOSE & _DESERVED,
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
