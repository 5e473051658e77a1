"""What each prompt of the care that follows tells the clinician, in the order of a screen."""

from triage.guideline.contents import CARE_RULES, texts_of
from triage.guideline.recommendation import Advice

CARE: tuple[Advice, ...] = texts_of(CARE_RULES)
CARE_AT: dict[str, Advice] = {prompt.code: prompt for prompt in CARE}
