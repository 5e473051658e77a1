"""Information, support, rehabilitation and discharge (NG234 1.2 and 1.12)."""

from triage.guideline import course_criteria as c
from triage.guideline import criteria as f
from triage.guideline import sources as s
from triage.guideline.rule import AdviceRule

_DIAGNOSED = f.POSITIVE_IMAGING

CARE_RULES: tuple[AdviceRule, ...] = (
    AdviceRule(
        id="talk_about_diagnosis", code="talk_about_diagnosis", when=_DIAGNOSED,
        says="From the diagnosis on, the person and those close to them are given time to talk it over.",
        sources=(s.SUP_1,),
    ),
    AdviceRule(
        id="holistic_needs_assessment", code="holistic_needs_assessment", when=_DIAGNOSED,
        says="From the diagnosis on, care follows what this person needs.",
        sources=(s.SUP_2,),
    ),
    AdviceRule(
        id="rehabilitation_by_goals", code="rehabilitation_by_goals", when=_DIAGNOSED & ~c.LATER_STAGE,
        says="Rehabilitation is led by the person's own goals.",
        sources=(s.SUP_3,),
    ),
    AdviceRule(
        id="consider_readjustment", code="consider_readjustment", when=_DIAGNOSED & c.LATER_STAGE,
        says="At a later stage readjustment may serve the person better than rehabilitation.",
        sources=(s.SUP_7,),
    ),
    AdviceRule(
        id="start_discharge_planning", code="start_discharge_planning", when=c.ADMITTED,
        says="Planning for discharge starts on the day of admission.",
        sources=(s.SUP_4, s.QS_7),
    ),
    AdviceRule(
        id="prevent_complications", code="prevent_complications", when=_DIAGNOSED & (c.ADMITTED | c.IMMOBILISED),
        says="Immobility and cord damage bring complications that can be prevented.",
        sources=(s.SUP_5,),
    ),
    AdviceRule(
        id="physiotherapy_and_ot", code="physiotherapy_and_ot", when=f.MSCC_ON_IMAGING & c.ADMITTED,
        says="Therapists see the person within the first days of the admission.",
        sources=(s.SUP_8,),
    ),
)  # fmt: skip
