"""Information, support, rehabilitation and discharge (NG234 1.2 and 1.12)."""

from triage.guideline import course_criteria as c
from triage.guideline import criteria as f
from triage.guideline.recommendation import ACT, AT_ITS_STAGE, CONSIDER, OFFER, Advice, Recommendation, give
from triage.guideline.rows.row import Stage, Who

_DIAGNOSED = f.POSITIVE_IMAGING

RECOMMENDATIONS: tuple[Recommendation, ...] = (
    Recommendation(
        id="SUP-1",
        number="1.2",
        stage=Stage.SUPPORT,
        who=(Who.CLINICIAN, Who.ONCOLOGY),
        strength=ACT,
        limit="from diagnosis",
        says="From the diagnosis on, the treating team makes time to discuss it and its treatment with the "
        "person and their family, offers advance care planning, and says where support of every kind is"
        "found.",
        tells=(
            Advice(
                code="talk_about_diagnosis",
                strength=ACT,
                topic="support",
                text="Give time to talk over the diagnosis and the risks and benefits of treatment; offer "
                "advance care planning, and say where psychological, emotional, spiritual and financial "
                "support is found.",
            ),
        ),
        rules=(
            give(
                "talk_about_diagnosis",
                when=_DIAGNOSED,
                because="From the diagnosis on, the person and those close to them are given time to talk it "
                "over.",
            ),
        ),
        places=("care:talk_about_diagnosis", "field:clinical.resuscitation_and_wishes", AT_ITS_STAGE),
    ),
    Recommendation(
        id="SUP-2",
        number="1.12.1",
        stage=Stage.SUPPORT,
        who=(Who.CLINICIAN, Who.MDT),
        strength=ACT,
        limit="from diagnosis",
        says="The treating team assesses all of the person's needs from the diagnosis on, writes a personal care "
        "plan with the MDT's advice, and reviews it regularly.",
        tells=(
            Advice(
                code="holistic_needs_assessment",
                strength=ACT,
                topic="support",
                text="Assess needs as a whole and write a personalised care plan with the MDT's advice; keep "
                "it under review.",
            ),
        ),
        rules=(
            give(
                "holistic_needs_assessment",
                when=_DIAGNOSED,
                because="From the diagnosis on, care follows what this person needs.",
            ),
        ),
        places=("care:holistic_needs_assessment", "screen:mdt_plan", AT_ITS_STAGE),
        why="The management plan has a part for these needs, which may stay empty; no clock asks for its review.",
    ),
    Recommendation(
        id="SUP-3",
        number="1.12.2",
        confirmed=True,
        stage=Stage.SUPPORT,
        who=(Who.PHYSIOTHERAPY, Who.CLINICIAN),
        strength=OFFER,
        limit="ongoing",
        says="Therapists and ward offer rehabilitation that serves the person's own aims, such as independence "
        "and daily life, and keep reviewing it.",
        tells=(
            Advice(
                code="rehabilitation_by_goals",
                strength=OFFER,
                topic="support",
                text="Offer rehabilitation towards the person's own goals: independence, daily life, quality "
                "of life.",
            ),
        ),
        rules=(
            give(
                "rehabilitation_by_goals",
                when=_DIAGNOSED & ~c.LATER_STAGE,
                because="Rehabilitation is led by the person's own goals.",
            ),
        ),
        places=("care:rehabilitation_by_goals", AT_ITS_STAGE),
    ),
    Recommendation(
        id="SUP-4",
        number="1.12",
        stage=Stage.SUPPORT,
        who=(Who.CLINICIAN, Who.COORDINATOR),
        strength=ACT,
        limit="on admission",
        says="Ward and coordinator begin to plan discharge and ongoing care on the day of admission.",
        tells=(
            Advice(
                code="start_discharge_planning",
                strength=ACT,
                topic="support",
                text="Start planning discharge and ongoing care now.",
            ),
        ),
        rules=(
            give(
                "start_discharge_planning",
                cites=("SUP-4", "QS-7"),
                when=c.ADMITTED,
                because="Planning for discharge starts on the day of admission.",
            ),
        ),
        places=(
            "care:start_discharge_planning",
            "clock:discharge_plan",
            "event:admitted",
            "screen:mdt_plan",
            "test:tests/usecases/test_events.py::test_events_that_start_a_clock",
        ),
    ),
    Recommendation(
        id="SUP-5",
        number="1.12",
        stage=Stage.SUPPORT,
        who=(Who.CLINICIAN,),
        strength=OFFER,
        says="The treating team offers care that prevents or eases complications such as clots, pressure damage, "
        "and trouble with bladder, bowel, circulation or breathing.",
        tells=(
            Advice(
                code="prevent_complications",
                strength=OFFER,
                topic="support",
                text="Offer supportive care against clots, pressure damage, bladder, bowel and breathing "
                "problems.",
            ),
        ),
        rules=(
            give(
                "prevent_complications",
                when=_DIAGNOSED & (c.ADMITTED | c.IMMOBILISED),
                because="Immobility and cord damage bring complications that can be prevented.",
            ),
        ),
        places=("care:prevent_complications", AT_ITS_STAGE),
    ),
    Recommendation(
        id="SUP-6",
        confirmed=True,
        source="QS56 statements 6 and 7",
        stage=Stage.SUPPORT,
        who=(Who.ONCOLOGY, Who.SPINAL_SURGERY, Who.CLINICIAN),
        strength=ACT,
        says="Nobody lets a person's age alone decide on their treatment, on what their discharge plan holds, or "
        "on whether they get rehabilitation.",
        places=(
            "test:tests/guideline/test_stream.py::test_the_stream_reads_nothing_else_and_never_age",
            "document:guideline.md",
            "field:clinical.performance_status",
            "screen:inequalities",
        ),
        why="No rule reads age. The measures by age show whether those who decide do.",
    ),
    Recommendation(
        id="SUP-7",
        statement="7",
        confirmed=True,
        stage=Stage.SUPPORT,
        who=(Who.CLINICIAN, Who.PHYSIOTHERAPY),
        strength=CONSIDER,
        says="The treating team considers helping the person to readjust, rather than to regain function, when "
        "disease is far advanced, and chooses the moment with care.",
        tells=(
            Advice(
                code="consider_readjustment",
                strength=CONSIDER,
                topic="support",
                text="Consider readjustment rather than rehabilitation, and choose the moment to speak of it "
                "with care.",
            ),
        ),
        rules=(
            give(
                "consider_readjustment",
                when=_DIAGNOSED & c.LATER_STAGE,
                because="At a later stage readjustment may serve the person better than rehabilitation.",
            ),
        ),
        places=("care:consider_readjustment", "judgement:later_stage", AT_ITS_STAGE),
    ),
    Recommendation(
        id="SUP-8",
        source="local practice",
        stage=Stage.SUPPORT,
        who=(Who.CLINICIAN, Who.PHYSIOTHERAPY),
        strength=ACT,
        limit="24 and 48 hours",
        decision="therapists see the admitted person early, as local practice has it",
        says="The ward refers somebody admitted with MSCC to physiotherapy within 24 hours and to occupational "
        "therapy within 48.",
        tells=(
            Advice(
                code="physiotherapy_and_ot",
                strength=ACT,
                topic="support",
                text="Refer to physiotherapy within 24 hours and to occupational therapy within 48 hours of "
                "admission.",
            ),
        ),
        rules=(
            give(
                "physiotherapy_and_ot",
                when=f.MSCC_ON_IMAGING & c.ADMITTED,
                because="Therapists see the person within the first days of the admission.",
            ),
        ),
        places=(
            "care:physiotherapy_and_ot",
            "event:admitted",
            "clock:physiotherapy",
            "clock:occupational_therapy",
            AT_ITS_STAGE,
        ),
    ),
)
