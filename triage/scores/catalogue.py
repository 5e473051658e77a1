"""Every score that can be recorded."""

from triage.scores.function import ASIA, ECOG, FRAILTY, FRANKEL, KARNOFSKY, MRC, WALKING
from triage.scores.prognosis import TOKUHASHI, TOMITA
from triage.scores.score import ScoreKind
from triage.scores.spine import BILSKY, SINS

SCORES: tuple[ScoreKind, ...] = (
    SINS,
    BILSKY,
    TOKUHASHI,
    TOMITA,
    FRANKEL,
    ASIA,
    MRC,
    ECOG,
    KARNOFSKY,
    FRAILTY,
    WALKING,
)
SCORE_AT: dict[str, ScoreKind] = {kind.id: kind for kind in SCORES}
