"""Invasive interventions (NG234 1.11)."""

from triage.guideline import facts as f
from triage.guideline import sources as s
from triage.guideline.rule import AdviceRule

ADVICE_RULES: tuple[AdviceRule, ...] = (
    AdviceRule(
        id="biopsy_if_primary_unknown",
        code="biopsy_if_primary_unknown",
        when=f.POSITIVE_IMAGING & f.PRIMARY_UNKNOWN & ~f.EMERGENCY & ~f.HAEMATOLOGICAL_CONFIRMED,
        says="The primary is unknown: where treatment can wait, a biopsy may change it.",
        sources=(s.INV_6,),
    ),
)
