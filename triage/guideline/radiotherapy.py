"""Radiotherapy (NG234 1.10). The software prompts; it never decides, and never computes a dose."""

from triage.guideline import course_criteria as c
from triage.guideline import criteria as f
from triage.guideline import sources as s
from triage.guideline.course import Course
from triage.guideline.findings import Presentation
from triage.guideline.normalisation import situation, stream_inputs
from triage.guideline.rule import AdviceRule

_OFFERED = f.MSCC_ON_IMAGING & c.SURGERY_NOT_SUITABLE & ~c.DECLINES_RADIOTHERAPY & ~c.EXCLUDED
_PLANNED = (_OFFERED | c.RADIOTHERAPY_DECIDED) & ~c.IRRADIATED & ~c.OPERATED
_FOR_PAIN = f.POSITIVE_IMAGING & c.NON_MECHANICAL_PAIN & ~c.IRRADIATED & ~c.DECLINES_RADIOTHERAPY


def is_excluded(presentation: Presentation, course: Course) -> bool:
    """Whether the 24 hours of NG234 1.10.4 do not apply: (plegia of two weeks and pain controlled) or poor prognosis."""
    inputs = stream_inputs(presentation)
    return c.EXCLUDED.holds(situation(presentation, inputs, stream="", provisional=False, course=course))


CARE_RULES: tuple[AdviceRule, ...] = (
    AdviceRule(
        id="urgent_radiotherapy", code="urgent_radiotherapy",
        when=_OFFERED & ~c.IRRADIATED & ~c.OPERATED,
        says="MSCC for which surgery is not suitable is offered radiotherapy within 24 hours of the decision.",
        sources=(s.RT_1, s.QS_6),
    ),
    AdviceRule(
        id="urgent_radiotherapy_not_asked", code="urgent_radiotherapy_not_asked",
        when=f.MSCC_ON_IMAGING & c.SURGERY_NOT_SUITABLE & c.EXCLUDED & ~c.OPERATED,
        says="The recommendation of urgent radiotherapy excepts a complete plegia of two weeks with pain well "
             "controlled, and a poor overall prognosis.",
        sources=(s.RT_2, s.EXCLUSION),
    ),
    AdviceRule(
        id="is_there_pain", code="is_there_pain",
        when=f.POSITIVE_IMAGING & c.EXCLUDED & ~c.IRRADIATED,
        says="Radiotherapy for pain has another purpose than rescue of the cord, and is not excepted with it.",
        sources=(s.RT_6, s.PAINFUL_ALTHOUGH_EXCLUDED),
    ),
    AdviceRule(
        id="single_fraction", code="single_fraction",
        when=f.MSCC_ON_IMAGING & _PLANNED & ~c.HIGH_RISK,
        says="Radiotherapy of MSCC is one fraction of 8 Gy unless the risk of side effects is high.",
        sources=(s.RT_3,),
    ),
    AdviceRule(
        id="several_fractions", code="several_fractions",
        when=f.MSCC_ON_IMAGING & _PLANNED & c.HIGH_RISK,
        says="A high risk of side effects makes several fractions worth considering.",
        sources=(s.RT_4,),
    ),
    AdviceRule(
        id="radiotherapy_without_symptoms.reason", code="radiotherapy_without_symptoms",
        when=c.METASTASES_WITHOUT_MSCC & c.WITHOUT_SYMPTOMS & (c.IN_TRIAL | c.OLIGOMETASTATIC | f.IMPENDING),
        says="One of the three reasons for radiotherapy without symptoms holds.",
        sources=(s.RT_5,),
    ),
    AdviceRule(
        id="no_radiotherapy_without_symptoms", code="no_radiotherapy_without_symptoms",
        when=c.METASTASES_WITHOUT_MSCC & c.WITHOUT_SYMPTOMS & ~c.IN_TRIAL & ~c.OLIGOMETASTATIC & ~f.IMPENDING,
        says="Metastases without symptoms are not irradiated outside a trial, an oligometastatic strategy or "
             "impending compression.",
        sources=(s.RT_5,),
    ),
    AdviceRule(
        id="single_fraction_for_pain", code="single_fraction_for_pain",
        when=_FOR_PAIN,
        says="Pain from metastases that is not mechanical is a reason for 8 Gy in one fraction, paralysed or not.",
        sources=(s.RT_6,),
    ),
    AdviceRule(
        id="stereotactic_alternative", code="stereotactic_alternative",
        when=_FOR_PAIN & (c.GOOD_PROGNOSIS | c.OLIGOMETASTATIC),
        says="A good prognosis or oligometastatic disease makes stereotactic radiotherapy an alternative.",
        sources=(s.RT_7,),
    ),
    AdviceRule(
        id="radiotherapy_again", code="radiotherapy_again",
        when=c.RECURRENCE & c.GOOD_RESPONSE & c.THREE_MONTHS,
        says="Symptoms came back three months or more after radiotherapy that had helped.",
        sources=(s.RT_8,),
    ),
    AdviceRule(
        id="postoperative_radiotherapy", code="postoperative_radiotherapy",
        when=c.OPERATED & c.RECOVERED & ~c.IRRADIATED & ~c.DECLINES_RADIOTHERAPY,
        says="After surgery radiotherapy follows once the person has recovered, on no 24-hour clock.",
        sources=(s.RT_9,),
    ),
    AdviceRule(
        id="no_preoperative_radiotherapy", code="no_preoperative_radiotherapy",
        when=f.MSCC_ON_IMAGING & (c.SURGERY_SUITABLE | c.SURGERY_DECIDED) & ~c.OPERATED,
        says="Surgery is planned, and radiotherapy is not given before it.",
        sources=(s.NO_PREOPERATIVE,),
    ),
    AdviceRule(
        id="prealert_radiotherapy", code="prealert_radiotherapy",
        when=f.MSCC_ON_IMAGING & ~c.SURGERY_NOT_SUITABLE & ~c.DECLINES_RADIOTHERAPY & ~c.RADIOTHERAPY_DECIDED
        & ~c.IRRADIATED & ~c.OPERATED,
        says="MSCC is reported and surgery is not decided: radiotherapy that hears of it now loses no hours if it is no.",
        sources=(s.RADIOTHERAPY_WARNED,),
    ),
    AdviceRule(
        id="judge_plegia", code="judge_plegia",
        when=c.NO_POWER_TWO_WEEKS & c.PLEGIA_NOT_JUDGED & ~f.RULED_OUT,
        says="No power for two weeks is recorded, and nobody has judged it.",
        sources=(s.RT_2, s.PLEGIA_JUDGED),
    ),
)  # fmt: skip
