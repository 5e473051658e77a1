"""Pain (NG234 1.6)."""

from triage.guideline import course_criteria as c
from triage.guideline import criteria as f
from triage.guideline.recommendation import ACT, AT_ITS_STAGE, CONSIDER, Advice, Recommendation, give
from triage.guideline.rows.row import Stage, Who

_TREATED_HERE = f.EMERGENCY | f.ONE_WEEK | f.URGENT_ONCOLOGY | f.INSUFFICIENT
_IN_PAIN = _TREATED_HERE & (
    f.ANY_PAIN | f.RADICULAR_PAIN | f.LOW_BACK_PAIN | f.PAIN_RATED | f.PAIN_ON_MOVEMENT
)

RECOMMENDATIONS: tuple[Recommendation, ...] = (
    Recommendation(
        id="PAI-1",
        number="1.6.1",
        stage=Stage.PAIN,
        who=(Who.CLINICIAN,),
        strength=ACT,
        says="The clinician assesses the person's pain: its severity, place, character and cause, "
        "whether it is getting worse, and its effect on daily life, sleep and work.",
        tells=(
            Advice(
                code="pain_assessment_and_plan",
                strength=ACT,
                topic="pain",
                text="Assess the pain and agree a plan for it with the person.",
            ),
        ),
        rules=(
            give(
                "pain_assessment_and_plan",
                cites=("PAI-1", "PAI-3"),
                when=_IN_PAIN,
                because="Somebody in pain is owed an assessment of it and a plan agreed with them.",
            ),
        ),
        places=(
            "advice:pain_assessment_and_plan",
            "field:presentation.pain_severity",
            "field:clinical.pain_levels",
            "field:presentation.pain.progressive",
            "field:presentation.pain.nocturnal",
            "field:record.pain_cause",
            "field:record.pain_course",
            "field:record.pain_impact_daily",
            "field:record.pain_impact_sleep",
            "field:record.pain_impact_work",
        ),
    ),
    Recommendation(
        id="PAI-2",
        number="1.6",
        stage=Stage.PAIN,
        who=(Who.CLINICIAN,),
        strength=ACT,
        limit="promptly",
        says="The clinician gives enough analgesia straight away, opioid, non-opioid or both, and does not wait "
        "for tests or treatment to do so.",
        tells=(
            Advice(
                code="adequate_analgesia",
                strength=ACT,
                topic="pain",
                text="Relieve the pain adequately now, with opioids if need be; do not wait for tests.",
            ),
        ),
        rules=(
            give(
                "adequate_analgesia",
                when=_IN_PAIN,
                because="Pain relief does not wait for tests or treatment.",
            ),
        ),
        places=(
            "advice:adequate_analgesia",
            "field:presentation.pain_controlled_by_analgesia",
            "screen:patient_sheet",
        ),
    ),
    Recommendation(
        id="PAI-3",
        number="1.6",
        stage=Stage.PAIN,
        who=(Who.CLINICIAN,),
        strength=ACT,
        says="The clinician agrees a plan with the person that covers the pain and its effects, the drugs and how "
        "they are increased, ways to cope, other treatments, and when and how to ask for more help.",
        places=("advice:pain_assessment_and_plan", "screen:act", "field:record.pain_plan"),
        why="The plan is one field of the record, written freely: no part of it is asked for by itself.",
    ),
    Recommendation(
        id="PAI-4",
        number="1.6",
        stage=Stage.PAIN,
        who=(Who.CLINICIAN,),
        strength=ACT,
        limit="after a change",
        says="The clinician checks what a new or changed pain plan has achieved, and takes away a drug that does "
        "not help.",
        tells=(
            Advice(
                code="review_pain_plan",
                strength=ACT,
                topic="pain",
                text="Review the effect of the pain plan; do not go on with a drug that does not help.",
            ),
        ),
        rules=(
            give(
                "review_pain_plan",
                when=c.PAIN_PLAN_CHANGED | _IN_PAIN & f.PAIN_NOT_CONTROLLED,
                because="A pain plan is judged by its effect: what does not help is not continued.",
            ),
        ),
        places=(
            "care:review_pain_plan",
            "judgement:pain_plan_changed",
            "field:record.pain_plan",
            "clock:review",
            "test:tests/usecases/test_record.py::test_a_pain_plan_started_or_changed_asks_for_a_review_in_24_hours",
            AT_ITS_STAGE,
        ),
    ),
    Recommendation(
        id="PAI-5",
        number="1.6",
        stage=Stage.PAIN,
        who=(Who.CLINICIAN,),
        strength=CONSIDER,
        limit="at any stage",
        says="The clinician considers a specialist pain or palliative care team at any stage when pain is hard to "
        "control and is severe or narrows the person's life.",
        tells=(
            Advice(
                code="consider_specialist_pain_service",
                strength=CONSIDER,
                topic="pain",
                text="Consider a specialist pain or palliative care service.",
            ),
        ),
        rules=(
            give(
                "consider_specialist_pain_service",
                when=_TREATED_HERE & f.PAIN_NOT_CONTROLLED & f.VERY_SEVERE_PAIN,
                because="Severe pain that analgesia does not control makes a specialist pain or palliative care "
                "service worth considering.",
            ),
        ),
        places=("advice:consider_specialist_pain_service", "field:presentation.pain_controlled_by_analgesia"),
    ),
)
