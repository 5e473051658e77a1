"""Radiotherapy (NG234 1.10). The software prompts; it never decides, and never computes a dose."""

from triage.guideline import course_criteria as c
from triage.guideline import criteria as f
from triage.guideline.course import Course
from triage.guideline.findings import Presentation
from triage.guideline.normalisation import situation_of, stream_inputs
from triage.guideline.recommendation import (
    ACT,
    AT_ITS_STAGE,
    CONSIDER,
    DO_NOT,
    OFFER,
    RESOLUTION,
    Advice,
    Recommendation,
    give,
)
from triage.guideline.rows.row import Stage, Who

_OFFERED = f.MSCC_ON_IMAGING & c.SURGERY_NOT_SUITABLE & ~c.DECLINES_RADIOTHERAPY & ~c.EXCLUDED
_PLANNED = (_OFFERED | c.RADIOTHERAPY_DECIDED) & ~c.IRRADIATED & ~c.OPERATED
_FOR_PAIN = f.POSITIVE_IMAGING & c.NON_MECHANICAL_PAIN & ~c.IRRADIATED & ~c.DECLINES_RADIOTHERAPY


def is_excluded(presentation: Presentation, course: Course) -> bool:
    """Whether the 24 hours of NG234 1.10.4 do not apply: (plegia of two weeks and pain controlled) or poor prognosis."""
    inputs = stream_inputs(presentation)
    return c.EXCLUDED.holds(situation_of(presentation, inputs, stream="", provisional=False, course=course))


RECOMMENDATIONS: tuple[Recommendation, ...] = (
    Recommendation(
        id="RT-1", number="1.10.4", confirmed=True, stage=Stage.RADIOTHERAPY, who=(Who.ONCOLOGY,), strength=OFFER,
        limit="24 hours",
        says="Oncology offers radiotherapy as soon as it can be given, and within 24 hours, to somebody with MSCC "
             "who wants it, for whom surgery is not suitable, and who is not excepted.",
        tells=(
            Advice(code="urgent_radiotherapy", strength=OFFER, topic="radiotherapy",
                   text="Offer radiotherapy as soon as possible and within 24 hours of the decision."),
        ),
        rules=(
            give("urgent_radiotherapy", cites=("RT-1", "QS-6"),
                 when=_OFFERED & ~c.IRRADIATED & ~c.OPERATED,
                 because="MSCC for which surgery is not suitable is offered radiotherapy within 24 hours of the "
                         "decision."),
        ),
        places=("care:urgent_radiotherapy", "clock:radiotherapy", "event:decision_to_treat",
                "event:radiotherapy_started", "judgement:wants_radiotherapy",
                "test:tests/usecases/test_events.py::"
                "test_radiotherapy_runs_from_the_decision_and_not_after_surgery"),
    ),
    Recommendation(
        id="RT-2", number="1.10.4", confirmed=True, stage=Stage.RADIOTHERAPY, who=(Who.ONCOLOGY,),
        says="Oncology is not bound to urgent radiotherapy when plegia has been complete for two weeks or more "
             "and pain is well controlled, or when the overall prognosis is poor.",
        tells=(
            Advice(code="urgent_radiotherapy_not_asked", strength=ACT, topic="radiotherapy",
                   text="The 24-hour recommendation does not apply. Decide with the person and the oncologist "
                        "what does."),
        ),
        rules=(
            give("urgent_radiotherapy_not_asked", cites=("RT-2", "A11"),
                 when=f.MSCC_ON_IMAGING & c.SURGERY_NOT_SUITABLE & c.EXCLUDED & ~c.OPERATED,
                 because="The recommendation of urgent radiotherapy excepts a complete plegia of two weeks with "
                         "pain well controlled, and a poor overall prognosis."),
        ),
        places=("care:urgent_radiotherapy_not_asked", "judgement:complete_plegia", "judgement:plegia_two_weeks",
                "judgement:prognosis", "field:presentation.pain_controlled_by_analgesia", AT_ITS_STAGE),
    ),
    Recommendation(
        id="A11", stage=Stage.RADIOTHERAPY, who=(Who.ONCOLOGY,), limit="2 weeks",
        decision="complete plegia for two weeks with pain controlled, or a poor prognosis",
        says="The exception from urgent radiotherapy is a complete plegia of two weeks with pain well controlled, "
             "or a poor prognosis by itself.",
        places=("rule:urgent_radiotherapy_not_asked", "judgement:complete_plegia", "judgement:plegia_two_weeks",
                "judgement:prognosis", RESOLUTION + "test_a11_the_exclusion_is_both_or_poor_prognosis"),
    ),
    Recommendation(
        id="SVC-PLE", stage=Stage.RADIOTHERAPY, who=(Who.CLINICIAN,),
        decision="how long power has been lost is judged, never taken from a form",
        says="No power for two weeks, or bed-bound, is asked at referral; that plegia is complete, and for how "
             "long, is judged by a clinician and never taken from a form.",
        tells=(
            Advice(code="judge_plegia", strength=ACT, topic="radiotherapy",
                   text="Have a clinician examine and record whether plegia is complete, and since when: it "
                        "decides whether the 24 hours of radiotherapy apply."),
        ),
        rules=(
            give("judge_plegia", cites=("RT-2", "SVC-PLE"),
                 when=c.NO_POWER_TWO_WEEKS & c.PLEGIA_NOT_JUDGED & ~f.RULED_OUT,
                 because="No power for two weeks is recorded, and nobody has judged it."),
        ),
        places=("care:judge_plegia", "field:clinical.bed_bound_two_weeks"),
    ),
    Recommendation(
        id="RT-3", number="1.10", stage=Stage.RADIOTHERAPY, who=(Who.ONCOLOGY,), strength=ACT,
        says="Oncology treats MSCC with one fraction of 8 Gy where the risk of side effects is not high.",
        tells=(
            Advice(code="single_fraction", strength=ACT, topic="radiotherapy",
                   text="Use 8 Gy in a single fraction; record why if it is anything else."),
        ),
        rules=(
            give("single_fraction",
                 when=f.MSCC_ON_IMAGING & _PLANNED & ~c.HIGH_RISK,
                 because="Radiotherapy of MSCC is one fraction of 8 Gy unless the risk of side effects is high."),
        ),
        places=("care:single_fraction", "judgement:side_effect_risk_high", AT_ITS_STAGE),
    ),
    Recommendation(
        id="RT-4", number="1.10", stage=Stage.RADIOTHERAPY, who=(Who.ONCOLOGY,), strength=CONSIDER,
        says="Oncology considers dividing the dose when a large field, earlier radiotherapy or the like makes "
             "side effects likely.",
        tells=(
            Advice(code="several_fractions", strength=CONSIDER, topic="radiotherapy",
                   text="Consider several fractions, because the risk of side effects is high; record why it is."),
        ),
        rules=(
            give("several_fractions",
                 when=f.MSCC_ON_IMAGING & _PLANNED & c.HIGH_RISK,
                 because="A high risk of side effects makes several fractions worth considering."),
        ),
        places=("care:several_fractions", "judgement:side_effect_risk_high",
                "field:clinical.previous_radiotherapy", AT_ITS_STAGE),
    ),
    Recommendation(
        id="RT-5", number="1.10.1", stage=Stage.RADIOTHERAPY, who=(Who.ONCOLOGY,), strength=CONSIDER,
        says="Oncology irradiates metastases without symptoms only in a randomised trial of prevention, as part "
             "of an oligometastatic strategy, or when a scan shows tumour about to press on the cord.",
        tells=(
            Advice(code="radiotherapy_without_symptoms", strength=CONSIDER, topic="radiotherapy",
                   text="Consider radiotherapy although there are no symptoms, and record which of the three "
                        "reasons it is."),
            Advice(code="no_radiotherapy_without_symptoms", strength=DO_NOT, topic="radiotherapy",
                   text="Do not irradiate metastases that give no symptoms."),
        ),
        rules=(
            give("radiotherapy_without_symptoms.reason",
                 when=c.METASTASES_WITHOUT_MSCC & c.WITHOUT_SYMPTOMS & (c.IN_TRIAL | c.OLIGOMETASTATIC
                 | f.IMPENDING),
                 because="One of the three reasons for radiotherapy without symptoms holds."),
            give("no_radiotherapy_without_symptoms",
                 when=c.METASTASES_WITHOUT_MSCC & c.WITHOUT_SYMPTOMS & ~c.IN_TRIAL & ~c.OLIGOMETASTATIC
                 & ~f.IMPENDING,
                 because="Metastases without symptoms are not irradiated outside a trial, an oligometastatic "
                         "strategy or impending compression."),
        ),
        places=("care:radiotherapy_without_symptoms", "care:no_radiotherapy_without_symptoms",
                "judgement:symptoms", "judgement:radiotherapy_trial", "judgement:oligometastatic", AT_ITS_STAGE),
    ),
    Recommendation(
        id="RT-6", number="1.10", stage=Stage.RADIOTHERAPY, who=(Who.ONCOLOGY,), strength=OFFER,
        says="Oncology offers 8 Gy in one fraction for pain from spinal metastases that is not mechanical, also "
             "to somebody who is paralysed.",
        tells=(
            Advice(code="is_there_pain", strength=CONSIDER, topic="radiotherapy",
                   text="Is there pain? Consider 8 Gy in one fraction for it, even in somebody who is paralysed."),
            Advice(code="single_fraction_for_pain", strength=OFFER, topic="radiotherapy",
                   text="Offer 8 Gy in a single fraction for the pain."),
        ),
        rules=(
            give("is_there_pain", cites=("RT-6", "A12"),
                 when=f.POSITIVE_IMAGING & c.EXCLUDED & ~c.IRRADIATED,
                 because="Radiotherapy for pain has another purpose than rescue of the cord, and is not excepted "
                         "with it."),
            give("single_fraction_for_pain",
                 when=_FOR_PAIN,
                 because="Pain from metastases that is not mechanical is a reason for 8 Gy in one fraction, "
                         "paralysed or not."),
        ),
        places=("care:single_fraction_for_pain", "care:is_there_pain", "judgement:non_mechanical_pain",
                AT_ITS_STAGE),
    ),
    Recommendation(
        id="A12", stage=Stage.PAIN, who=(Who.ONCOLOGY,),
        decision="who is excepted from urgent radiotherapy is still asked about pain",
        says="People excepted from urgent radiotherapy are still asked about pain, for which a single fraction "
             "may be considered.",
        places=("rule:is_there_pain", "care:is_there_pain", "care:single_fraction_for_pain",
                RESOLUTION + "test_a12_the_excluded_are_still_asked_about_pain"),
    ),
    Recommendation(
        id="RT-7", number="1.10", stage=Stage.RADIOTHERAPY, who=(Who.ONCOLOGY,), strength=CONSIDER,
        says="Oncology considers stereotactic ablative radiotherapy for such pain when the prognosis is good, or when the disease is oligometastatic and involves the spine.",
        tells=(
            Advice(code="stereotactic_alternative", strength=CONSIDER, topic="radiotherapy",
                   text="Consider stereotactic ablative radiotherapy instead."),
        ),
        rules=(
            give("stereotactic_alternative",
                 when=_FOR_PAIN & (c.GOOD_PROGNOSIS | c.OLIGOMETASTATIC),
                 because="A good prognosis or oligometastatic disease makes stereotactic radiotherapy an "
                         "alternative."),
        ),
        places=("care:stereotactic_alternative", "judgement:prognosis", "judgement:oligometastatic", AT_ITS_STAGE),
    ),
    Recommendation(
        id="RT-8", number="1.10", stage=Stage.RADIOTHERAPY, who=(Who.ONCOLOGY,), strength=CONSIDER,
        limit="from 3 months",
        says="Oncology considers radiotherapy again when symptoms return three months or more after a first "
             "course that helped, and weighs dose, time and volume together with the person.",
        tells=(
            Advice(code="radiotherapy_again", strength=CONSIDER, topic="radiotherapy",
                   text="Consider radiotherapy again. Talk over benefit and risk, with the total biological dose, "
                        "the time since and the volume in view."),
        ),
        rules=(
            give("radiotherapy_again",
                 when=c.RECURRENCE & c.GOOD_RESPONSE & c.THREE_MONTHS,
                 because="Symptoms came back three months or more after radiotherapy that had helped."),
        ),
        places=("care:radiotherapy_again", "judgement:recurrence", "judgement:good_response_before",
                "judgement:three_months_since_radiotherapy", "field:clinical.previous_radiotherapy", AT_ITS_STAGE),
    ),
    Recommendation(
        id="RT-9", number="1.10", stage=Stage.RADIOTHERAPY, who=(Who.ONCOLOGY,), strength=OFFER,
        limit="after recovery",
        says="Oncology offers radiotherapy to people who have had surgery, once they have recovered from it.",
        tells=(
            Advice(code="postoperative_radiotherapy", strength=OFFER, topic="radiotherapy",
                   text="Offer postoperative radiotherapy."),
        ),
        rules=(
            give("postoperative_radiotherapy",
                 when=c.OPERATED & c.RECOVERED & ~c.IRRADIATED & ~c.DECLINES_RADIOTHERAPY,
                 because="After surgery radiotherapy follows once the person has recovered, on no 24-hour clock."),
        ),
        places=("care:postoperative_radiotherapy", "judgement:recovered_from_surgery", "event:surgery_started",
                "test:tests/usecases/test_events.py::"
                "test_surgery_takes_the_place_of_a_decision_for_radiotherapy"),
    ),
    Recommendation(
        id="RT-10", source="earlier guidance (CG75)", stage=Stage.RADIOTHERAPY,
        who=(Who.ONCOLOGY, Who.SPINAL_SURGERY), strength=DO_NOT,
        decision="no radiotherapy before surgery, from earlier guidance; not confirmed for NG234",
        says="Oncology and spinal surgery give no radiotherapy ahead of an operation that is planned for MSCC.",
        tells=(
            Advice(code="no_preoperative_radiotherapy", strength=DO_NOT, topic="radiotherapy",
                   text="Do not give radiotherapy before the planned operation."),
        ),
        rules=(
            give("no_preoperative_radiotherapy",
                 when=f.MSCC_ON_IMAGING & (c.SURGERY_SUITABLE | c.SURGERY_DECIDED) & ~c.OPERATED,
                 because="Surgery is planned, and radiotherapy is not given before it."),
        ),
        places=("care:no_preoperative_radiotherapy", AT_ITS_STAGE),
    ),
    Recommendation(
        id="SVC-PRE", stage=Stage.RADIOTHERAPY, who=(Who.ONCOLOGY, Who.COORDINATOR),
        decision="radiotherapy is warned while surgery is being decided",
        says="When MSCC is reported, radiotherapy is alerted while the surgical opinion is awaited, so that no "
             "time is lost if surgery is declined.",
        tells=(
            Advice(code="prealert_radiotherapy", strength=ACT, topic="radiotherapy",
                   text="Alert the radiotherapy team now, while the surgical opinion is awaited: name, level, "
                        "where the person is. This commits nobody to treatment."),
        ),
        rules=(
            give("prealert_radiotherapy",
                 when=f.MSCC_ON_IMAGING & ~c.SURGERY_NOT_SUITABLE & ~c.DECLINES_RADIOTHERAPY
                 & ~c.RADIOTHERAPY_DECIDED & ~c.IRRADIATED & ~c.OPERATED,
                 because="MSCC is reported and surgery is not decided: radiotherapy that hears of it now loses no "
                         "hours if it is no."),
        ),
        places=("care:prealert_radiotherapy",),
    ),
)  # fmt: skip
