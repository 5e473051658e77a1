"""Pain (NG234 1.6)."""

from triage.guideline import course_criteria as c
from triage.guideline import criteria as f
from triage.guideline import sources as s
from triage.guideline.rule import AdviceRule

_TREATED_HERE = f.EMERGENCY | f.ONE_WEEK | f.URGENT_ONCOLOGY | f.INSUFFICIENT
_IN_PAIN = _TREATED_HERE & (
    f.ANY_PAIN | f.RADICULAR_PAIN | f.LOW_BACK_PAIN | f.PAIN_RATED | f.PAIN_ON_MOVEMENT
)

ADVICE_RULES: tuple[AdviceRule, ...] = (
    AdviceRule(
        id="pain_assessment_and_plan", code="pain_assessment_and_plan",
        when=_IN_PAIN,
        says="Somebody in pain is owed an assessment of it and a plan agreed with them.",
        sources=(s.PAI_1, s.PAI_3),
    ),
    AdviceRule(
        id="adequate_analgesia", code="adequate_analgesia",
        when=_IN_PAIN,
        says="Pain relief does not wait for tests or treatment.",
        sources=(s.PAI_2,),
    ),
    AdviceRule(
        id="consider_specialist_pain_service", code="consider_specialist_pain_service",
        when=_TREATED_HERE & f.PAIN_NOT_CONTROLLED & f.VERY_SEVERE_PAIN,
        says="Severe pain that analgesia does not control makes a specialist pain or palliative care "
             "service worth considering.",
        sources=(s.PAI_5,),
    ),
)  # fmt: skip

CARE_RULES: tuple[AdviceRule, ...] = (
    AdviceRule(
        id="review_pain_plan", code="review_pain_plan",
        when=c.PAIN_PLAN_CHANGED | _IN_PAIN & f.PAIN_NOT_CONTROLLED,
        says="A pain plan is judged by its effect: what does not help is not continued.",
        sources=(s.PAI_4,),
    ),
)  # fmt: skip
