"""Immobilisation (NG234 1.4)."""

from triage.guideline import course_criteria as c
from triage.guideline import criteria as f
from triage.guideline.clocks import SUBMITTED_AT
from triage.guideline.recommendation import (
    ACT,
    AT_ITS_STAGE,
    CONSIDER,
    RESOLUTION,
    Advice,
    Recommendation,
    give,
    start_clock,
)
from triage.guideline.rows.row import Stage, Who

_START = f.EMERGENCY & f.INSTABILITY

RECOMMENDATIONS: tuple[Recommendation, ...] = (
    Recommendation(
        id="IMM-1",
        number="1.4.1",
        stage=Stage.IMMOBILISE,
        who=(Who.REFERRER, Who.CLINICIAN),
        strength=ACT,
        limit="without delay",
        says="The referrer or clinician immobilises the spine without delay, transfer to hospital included, when "
        "MSCC is suspected or confirmed and neurology suggests that the spine is unstable.",
        tells=(
            Advice(
                code="start_immobilisation",
                strength=ACT,
                topic="immobilisation",
                text="Immobilise the spine now and keep it so on every transfer: lying, flat or partly raised, "
                "adjusted if not tolerated.",
            ),
        ),
        rules=(
            give(
                "start_immobilisation",
                when=_START,
                because="An emergency with signs of spinal instability calls for immobilisation now.",
            ),
        ),
        places=(
            "advice:start_immobilisation",
            "field:presentation.instability_signs",
            "event:immobilised",
            "screen:referral_advice",
        ),
    ),
    Recommendation(
        id="IMM-2",
        number="1.4.2",
        stage=Stage.IMMOBILISE,
        who=(Who.CLINICIAN,),
        strength=CONSIDER,
        says="The clinician considers immobilisation when movement hurts moderately or severely and metastases or "
        "MSCC are suspected or confirmed.",
        tells=(
            Advice(
                code="consider_immobilisation",
                strength=CONSIDER,
                topic="immobilisation",
                text="Consider immobilisation: lying, flat or partly raised, adjusted if it cannot be "
                "tolerated.",
            ),
        ),
        rules=(
            give(
                "consider_immobilisation.movement_pain",
                when=~_START
                & (f.EMERGENCY | f.ONE_WEEK | f.URGENT_ONCOLOGY | f.INSUFFICIENT)
                & f.MODERATE_MOVEMENT_PAIN,
                because="Moderate or severe pain on movement makes immobilisation worth considering.",
            ),
            give(
                "consider_immobilisation.instability",
                cites=("IMM-2", "A17"),
                when=~f.EMERGENCY & f.INSTABILITY,
                because="Signs of instability without neurology make immobilisation worth considering.",
            ),
        ),
        places=(
            "advice:consider_immobilisation",
            "field:presentation.movement_pain",
            "screen:referral_advice",
        ),
    ),
    Recommendation(
        id="IMM-3",
        number="1.4.3",
        stage=Stage.IMMOBILISE,
        who=(Who.CLINICIAN,),
        strength=ACT,
        says="The ward nurses an immobilised person on their back, flat or partly raised, to take weight off the "
        "spine, and changes that if pain or breathlessness makes it unbearable.",
        tells=(
            Advice(
                code="nurse_lying",
                strength=ACT,
                topic="immobilise",
                text="Nurse lying, flat or partly raised, with as little weight on the spine as can be.",
            ),
            Advice(
                code="adjust_position",
                strength=ACT,
                topic="immobilise",
                text="Change the position until it can be borne; keep the spine as little loaded as that "
                "allows.",
            ),
        ),
        rules=(
            give(
                "nurse_lying",
                when=c.IMMOBILISED & ~c.LIKELY_STABLE,
                because="Immobilisation means lying flat or partly raised, so that the spine bears as little "
                "weight as can be.",
            ),
            give(
                "adjust_position",
                when=c.IMMOBILISED & c.LYING_NOT_TOLERATED,
                because="Pain or breathlessness on lying is a reason to change the position, not to give up care "
                "of the spine.",
            ),
        ),
        places=(
            "advice:start_immobilisation",
            "advice:consider_immobilisation",
            "care:nurse_lying",
            "care:adjust_position",
            "judgement:lying_not_tolerated",
            AT_ITS_STAGE,
        ),
    ),
    Recommendation(
        id="IMM-4",
        number="1.4.4",
        stage=Stage.IMMOBILISE,
        who=(Who.CLINICIAN,),
        strength=ACT,
        limit="24 hours",
        says="The clinician gets advice from a specialist physiotherapist, an oncologist or a spinal surgeon "
        "within 24 hours of immobilisation and begins to assess stability, so that immobilisation is short.",
        tells=(
            Advice(
                code="stability_advice_24h",
                strength=ACT,
                topic="spinal_stability",
                text="Get expert advice on the stability of the spine within 24 hours, so that immobilisation "
                "stays short.",
            ),
            Advice(
                code="assess_stability",
                strength=ACT,
                topic="immobilise",
                text="Ask a specialist physiotherapist, an oncologist or a spinal surgeon now, and start the "
                "assessment of stability: advice is due within 24 hours of immobilisation.",
            ),
        ),
        rules=(
            start_clock(
                "stability_advice",
                "clock.stability_advice",
                hours=24,
                starts=SUBMITTED_AT,
                formal=False,
                when=f.INSTABILITY,
                because="Expert advice on the stability of the spine is due within 24 hours.",
            ),
            give(
                "stability_advice_24h",
                when=f.INSTABILITY,
                because="Where the spine may be unstable, expert advice on stability within 24 hours keeps "
                "immobilisation short.",
            ),
            give(
                "assess_stability",
                when=c.IMMOBILISED & c.STABILITY_NOT_JUDGED,
                because="Somebody is immobilised and nobody has judged the spine: expert advice within 24 hours "
                "keeps it short.",
            ),
        ),
        places=(
            "advice:stability_advice_24h",
            "care:assess_stability",
            "clock:stability_advice",
            "field:clinical.immobilised_since",
            "test:tests/usecases/test_events.py::test_events_that_start_a_clock",
            "test:tests/usecases/test_submitting.py::test_what_was_begun_before_starts_its_clocks",
        ),
    ),
    Recommendation(
        id="IMM-5",
        number="1.4",
        stage=Stage.IMMOBILISE,
        who=(Who.PHYSIOTHERAPY, Who.CLINICIAN),
        strength=ACT,
        says="Once assessment and imaging make a stable spine likely, physiotherapist and clinician try it out by "
        "letting the person sit up in steps and then bear weight.",
        tells=(
            Advice(
                code="graded_sitting",
                strength=ACT,
                topic="immobilise",
                text="Test stability by sitting up in steps, then by bearing weight; stop if pain or neurology "
                "comes.",
            ),
        ),
        rules=(
            give(
                "graded_sitting",
                when=c.IMMOBILISED & c.LIKELY_STABLE,
                because="The spine is likely to be stable, so that it is tested by sitting up in steps.",
            ),
        ),
        places=("care:graded_sitting", "judgement:stability", AT_ITS_STAGE),
    ),
    Recommendation(
        id="A17",
        stage=Stage.IMMOBILISE,
        who=(Who.REFERRER, Who.CLINICIAN),
        decision="instability without neurology is a reason to consider immobilisation",
        says="Immobilisation is prompted at two levels, to start it or to consider it, and flat rest is never set "
        "by itself.",
        places=(
            "rule:start_immobilisation",
            "rule:consider_immobilisation.instability",
            "rule:consider_immobilisation.movement_pain",
            "care:nurse_lying",
            RESOLUTION + "test_a17_immobilisation_has_two_levels",
        ),
    ),
)
