"""The rulesets: every rule there is, the edition it comes from, and the instant from which it holds.

Each assessment keeps the name of the ruleset that gave it, so that it can be given again. A ruleset
that was in use is never changed: a new one is added beside it, with the date from which it holds.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from triage.guideline import (
    bone_agents,
    clocks,
    corticosteroids,
    imaging,
    immobilisation,
    invasive,
    pain,
    radiotherapy,
    recognition,
    stability,
    support,
)
from triage.guideline.advice import ADVICE, ADVICE_AT
from triage.guideline.care import CARE, CARE_AT
from triage.guideline.rule import AdviceRule, ClockRule, ContactRule, Rule, StreamRule, WarningRule


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruleset:
    """Rules that are in force together. `edition` is NG234's; `holds_from` is aware UTC."""

    id: str
    edition: str
    holds_from: datetime
    stream_rules: tuple[StreamRule, ...]
    contact_rules: tuple[ContactRule, ...]
    clock_rules: tuple[ClockRule, ...]
    advice_rules: tuple[AdviceRule, ...]
    warning_rules: tuple[WarningRule, ...]
    care_rules: tuple[AdviceRule, ...] = field(default=())
    care_warnings: tuple[WarningRule, ...] = field(default=())

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Every rule, in the order in which they are read."""
        return (
            *self.stream_rules,
            *self.contact_rules,
            *self.clock_rules,
            *self.advice_rules,
            *self.warning_rules,
            *self.care_rules,
            *self.care_warnings,
        )


def _in_order(rules: Iterable[AdviceRule], codes: Iterable[str]) -> tuple[AdviceRule, ...]:
    """In the order of the catalogue, so that whoever reads the fired rules reads them in that order."""
    given = tuple(rules)
    return tuple(rule for code in codes for rule in given if rule.code == code)


_FIRST = Ruleset(
    id="2026.1",
    edition="2023-09-06",
    holds_from=datetime(2026, 10, 1, tzinfo=UTC),
    stream_rules=recognition.STREAM_RULES,
    contact_rules=recognition.CONTACT_RULES,
    clock_rules=clocks.CLOCK_RULES,
    advice_rules=_in_order(
        (
            *recognition.ADVICE_RULES,
            *immobilisation.ADVICE_RULES,
            *imaging.ADVICE_RULES,
            *corticosteroids.ADVICE_RULES,
            *pain.ADVICE_RULES,
            *bone_agents.ADVICE_RULES,
            *invasive.ADVICE_RULES,
        ),
        (advice.code for advice in ADVICE),
    ),
    warning_rules=(*recognition.WARNING_RULES, *corticosteroids.WARNING_RULES, clocks.OVER_LIMIT),
)
_WITH_CARE = replace(
    _FIRST,
    id="2026.2",
    holds_from=datetime(2026, 11, 1, tzinfo=UTC),
    care_rules=_in_order(
        (
            *immobilisation.CARE_RULES,
            *imaging.CARE_RULES,
            *pain.CARE_RULES,
            *bone_agents.CARE_RULES,
            *corticosteroids.CARE_RULES,
            *stability.CARE_RULES,
            *radiotherapy.CARE_RULES,
            *invasive.CARE_RULES,
            *support.CARE_RULES,
        ),
        (prompt.code for prompt in CARE),
    ),
    care_warnings=corticosteroids.CARE_WARNINGS,
)
RULESETS: tuple[Ruleset, ...] = (_FIRST, _WITH_CARE)
RULESET_AT: dict[str, Ruleset] = {ruleset.id: ruleset for ruleset in RULESETS}
NEWEST = RULESETS[-1]


def in_force(at: datetime, *, rulesets: tuple[Ruleset, ...] = RULESETS) -> Ruleset:
    """The ruleset that holds at an instant: the newest whose date has come; the first before all."""
    begun = [ruleset for ruleset in rulesets if ruleset.holds_from <= at]
    return max(begun or rulesets[:1], key=lambda ruleset: ruleset.holds_from)


def fingerprint(ruleset: Ruleset) -> str:
    """SHA-256 over everything a ruleset says: conditions in words, sentences, texts, limits, sources."""
    content = [
        [
            type(rule).__name__,
            rule.id,
            rule.when.words,
            rule.says,
            [source.words for source in rule.sources],
            [
                str(getattr(rule, name, ""))
                for name in (
                    "step",
                    "stream",
                    "provisional",
                    "contact",
                    "kind",
                    "limit_hours",
                    "starts",
                    "formal",
                    "code",
                )
            ],
        ]
        for rule in ruleset.rules
    ]
    texts = {
        code: [str(text.strength), text.text]
        for code, text in {**ADVICE_AT, **CARE_AT}.items()
        if any(getattr(rule, "code", "") == code for rule in ruleset.rules)
    }
    return hashlib.sha256(json.dumps([ruleset.edition, content, texts], sort_keys=True).encode()).hexdigest()
