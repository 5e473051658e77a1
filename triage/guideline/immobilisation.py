"""Immobilisation (NG234 1.4)."""

from triage.guideline import course_criteria as c
from triage.guideline import criteria as f
from triage.guideline import sources as s
from triage.guideline.rule import AdviceRule

_START = f.EMERGENCY & f.INSTABILITY

ADVICE_RULES: tuple[AdviceRule, ...] = (
    AdviceRule(
        id="start_immobilisation", code="start_immobilisation",
        when=_START,
        says="An emergency with signs of spinal instability calls for immobilisation now.",
        sources=(s.IMM_1,),
    ),
    AdviceRule(
        id="consider_immobilisation.movement_pain", code="consider_immobilisation",
        when=~_START & (f.EMERGENCY | f.ONE_WEEK | f.URGENT_ONCOLOGY | f.INSUFFICIENT) & f.MODERATE_MOVEMENT_PAIN,
        says="Moderate or severe pain on movement makes immobilisation worth considering.",
        sources=(s.IMM_2,),
    ),
    AdviceRule(
        id="consider_immobilisation.instability", code="consider_immobilisation",
        when=~f.EMERGENCY & f.INSTABILITY,
        says="Signs of instability without neurology make immobilisation worth considering.",
        sources=(s.IMM_2, s.INSTABILITY_ALONE),
    ),
    AdviceRule(
        id="stability_advice_24h", code="stability_advice_24h",
        when=f.INSTABILITY,
        says="Where the spine may be unstable, expert advice on stability within 24 hours keeps "
             "immobilisation short.",
        sources=(s.IMM_4,),
    ),
)  # fmt: skip

CARE_RULES: tuple[AdviceRule, ...] = (
    AdviceRule(
        id="nurse_lying", code="nurse_lying",
        when=c.IMMOBILISED & ~c.LIKELY_STABLE,
        says="Immobilisation means lying flat or partly raised, so that the spine bears as little weight as can be.",
        sources=(s.IMM_3,),
    ),
    AdviceRule(
        id="adjust_position", code="adjust_position",
        when=c.IMMOBILISED & c.LYING_NOT_TOLERATED,
        says="Pain or breathlessness on lying is a reason to change the position, not to give up care of the spine.",
        sources=(s.IMM_3,),
    ),
    AdviceRule(
        id="assess_stability", code="assess_stability",
        when=c.IMMOBILISED & c.STABILITY_NOT_JUDGED,
        says="Somebody is immobilised and nobody has judged the spine: expert advice within 24 hours keeps it short.",
        sources=(s.IMM_4,),
    ),
    AdviceRule(
        id="graded_sitting", code="graded_sitting",
        when=c.IMMOBILISED & c.LIKELY_STABLE,
        says="The spine is likely to be stable, so that it is tested by sitting up in steps.",
        sources=(s.IMM_5,),
    ),
)  # fmt: skip
