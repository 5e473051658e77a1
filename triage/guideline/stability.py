"""Tools for stability and prognosis (NG234 1.9). A score informs; no rule reads one."""

from triage.guideline import criteria as f
from triage.guideline import sources as s
from triage.guideline.rule import AdviceRule

CARE_RULES: tuple[AdviceRule, ...] = (
    AdviceRule(
        id="consider_scoring_system", code="consider_scoring_system",
        when=f.POSITIVE_IMAGING,
        says="A validated score helps a full clinical assessment of stability and prognosis; it does not replace it.",
        sources=(s.TOO_1,),
    ),
)  # fmt: skip
