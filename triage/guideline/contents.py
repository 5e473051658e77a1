"""The contents of the guideline: its sections in order, and the tables that run across them.

A recommendation is written once, in the file of its section; the order of a table that mixes sections is in `order`.
"""

from collections.abc import Iterable
from typing import TypeVar

from triage.guideline import (
    bone_agents,
    corticosteroids,
    imaging,
    immobilisation,
    invasive,
    order,
    pain,
    quality_standard,
    radiotherapy,
    recognition,
    recognition_decisions,
    service_organisation,
    stability,
    support,
)
from triage.guideline.recommendation import Advice, Recommendation
from triage.guideline.rule import AdviceRule, Citation, ClockRule, ContactRule, Rule, StreamRule, WarningRule

_AnyRule = TypeVar("_AnyRule", bound=Rule)

RECOMMENDATIONS: tuple[Recommendation, ...] = (
    *service_organisation.RECOMMENDATIONS,  # 1.1
    *recognition.RECOMMENDATIONS,  # 1.3
    *recognition_decisions.RECOMMENDATIONS,
    *immobilisation.RECOMMENDATIONS,  # 1.4
    *imaging.RECOMMENDATIONS,  # 1.5
    *pain.RECOMMENDATIONS,  # 1.6
    *bone_agents.RECOMMENDATIONS,  # 1.7
    *corticosteroids.RECOMMENDATIONS,  # 1.8
    *stability.RECOMMENDATIONS,  # 1.9
    *radiotherapy.RECOMMENDATIONS,  # 1.10
    *invasive.RECOMMENDATIONS,  # 1.11
    *support.RECOMMENDATIONS,  # 1.2 and 1.12
    *quality_standard.RECOMMENDATIONS,  # QS56
)
CITATION_AT: dict[str, Citation] = {
    recommendation.id: recommendation.citation
    for recommendation in RECOMMENDATIONS
    if recommendation.citation is not None
}
RULES: tuple[Rule, ...] = tuple(
    rule for recommendation in RECOMMENDATIONS for rule in recommendation.rules_citing(CITATION_AT)
)
TEXTS: tuple[Advice, ...] = tuple(
    advice for recommendation in RECOMMENDATIONS for advice in recommendation.tells
)
_TEXT_AT = {advice.code: advice for advice in TEXTS}


def in_order(rules: Iterable[Rule], kind: type[_AnyRule], ids: tuple[str, ...]) -> tuple[_AnyRule, ...]:
    """The rules of a kind in the order of the ids. ValueError unless each rule has its id there, once."""
    of_kind = [rule for rule in rules if isinstance(rule, kind)]
    if sorted(ids) != sorted(rule.id for rule in of_kind):
        raise ValueError(f"rules and their order differ: {sorted({rule.id for rule in of_kind} ^ set(ids))}")
    return tuple(sorted(of_kind, key=lambda rule: ids.index(rule.id)))


def texts_of(rules: Iterable[AdviceRule]) -> tuple[Advice, ...]:
    """What the rules tell the clinician: each advice once, in the order of the rules."""
    return tuple(_TEXT_AT[code] for code in dict.fromkeys(rule.code for rule in rules))


STREAM_RULES = in_order(RULES, StreamRule, order.STREAMS)
CONTACT_RULES = in_order(RULES, ContactRule, order.CONTACTS)
CLOCK_RULES = in_order(RULES, ClockRule, order.CLOCKS)
WARNING_RULES = in_order(RULES, WarningRule, order.WARNINGS)
_ADVICE_AND_CARE = in_order(RULES, AdviceRule, order.ADVICE + order.CARE)
ADVICE_RULES = _ADVICE_AND_CARE[: len(order.ADVICE)]
CARE_RULES = _ADVICE_AND_CARE[len(order.ADVICE) :]
