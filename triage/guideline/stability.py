"""Tools for stability and prognosis (NG234 1.9). A score informs; no rule reads one."""

from triage.guideline import criteria as f
from triage.guideline.recommendation import AT_ITS_STAGE, CONSIDER, Advice, Recommendation, give
from triage.guideline.rows.row import Stage, Who

RECOMMENDATIONS: tuple[Recommendation, ...] = (
    Recommendation(
        id="TOO-1",
        number="1.9",
        stage=Stage.STABILITY,
        who=(Who.CLINICIAN, Who.SPINAL_SURGERY, Who.ONCOLOGY),
        strength=CONSIDER,
        says="Clinicians who judge stability or prognosis consider a validated score as one part of the whole "
        "clinical assessment.",
        tells=(
            Advice(
                code="consider_scoring_system",
                strength=CONSIDER,
                topic="stability",
                text="Consider a validated score of stability and of prognosis as part of the clinical "
                "assessment.",
            ),
        ),
        rules=(
            give(
                "consider_scoring_system",
                when=f.POSITIVE_IMAGING,
                because="A validated score helps a full clinical assessment of stability and prognosis; it does "
                "not replace it.",
            ),
        ),
        places=(
            "care:consider_scoring_system",
            "screen:scores",
            "score:sins",
            "score:tokuhashi",
            "score:tomita",
            "score:bilsky",
            AT_ITS_STAGE,
        ),
    ),
)
