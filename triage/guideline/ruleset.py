"""The ruleset: every rule there is, and the version that each assessment keeps."""

from triage.guideline import (
    bone_agents,
    clocks,
    corticosteroids,
    imaging,
    immobilisation,
    invasive,
    pain,
    recognition,
)
from triage.guideline.advice import ADVICE
from triage.guideline.rule import AdviceRule, Rule

RULESET = "2026.1"

STREAM_RULES = recognition.STREAM_RULES
CONTACT_RULES = recognition.CONTACT_RULES
CLOCK_RULES = clocks.CLOCK_RULES
WARNING_RULES = (*recognition.WARNING_RULES, *corticosteroids.WARNING_RULES, clocks.OVER_LIMIT)
_GIVEN: tuple[AdviceRule, ...] = (
    *recognition.ADVICE_RULES,
    *immobilisation.ADVICE_RULES,
    *imaging.ADVICE_RULES,
    *corticosteroids.ADVICE_RULES,
    *pain.ADVICE_RULES,
    *bone_agents.ADVICE_RULES,
    *invasive.ADVICE_RULES,
)
# In the order of the advice catalogue, so that whoever reads the fired rules reads them in that order.
ADVICE_RULES: tuple[AdviceRule, ...] = tuple(
    rule for advice in ADVICE for rule in _GIVEN if rule.code == advice.code
)
ALL_RULES: tuple[Rule, ...] = (
    *STREAM_RULES,
    *CONTACT_RULES,
    *CLOCK_RULES,
    *ADVICE_RULES,
    *WARNING_RULES,
)
