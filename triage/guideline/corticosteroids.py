"""Corticosteroids (NG234 1.8). The software prompts; it never prescribes and never computes a dose."""

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
