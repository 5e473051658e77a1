"""Immobilisation (NG234 1.4)."""

from triage.guideline import facts as f
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
        when=~_START & (f.EMERGENCY | f.ONE_WEEK) & f.MODERATE_MOVEMENT_PAIN,
        says="Moderate or severe pain on movement makes immobilisation worth considering.",
        sources=(s.IMM_2,),
    ),
    AdviceRule(
        id="consider_immobilisation.instability", code="consider_immobilisation",
        when=f.ONE_WEEK & f.INSTABILITY,
        says="Signs of instability without neurology make immobilisation worth considering.",
        sources=(s.IMM_2, s.INSTABILITY_ALONE),
    ),
    AdviceRule(
        id="stability_advice_24h", code="stability_advice_24h",
        when=_START | f.ONE_WEEK & f.INSTABILITY,
        says="Where the spine may be unstable, expert advice on stability within 24 hours keeps "
             "immobilisation short.",
        sources=(s.IMM_4,),
    ),
)  # fmt: skip
