"""What each advice code tells the clinician at triage, in the order in which a screen gives it."""

from triage.guideline.contents import ADVICE_RULES, texts_of
from triage.guideline.recommendation import Advice

ADVICE: tuple[Advice, ...] = texts_of(ADVICE_RULES)
ADVICE_AT: dict[str, Advice] = {advice.code: advice for advice in ADVICE}
