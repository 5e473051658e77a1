"""The rulesets: all rules, the edition they come from, and the date they hold from.

Each assessment stores the id of its ruleset, so that the same answer can be given again. A ruleset that
was in use never changes: a new one is added, with its own date.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property

from triage.guideline import former_rules
from triage.guideline.advice import ADVICE_AT
from triage.guideline.care import CARE_AT
from triage.guideline.compilation import Compiled, CriterionBits
from triage.guideline.contents import (
    ADVICE_RULES,
    CARE_RULES,
    CLOCK_RULES,
    CONTACT_RULES,
    STREAM_RULES,
    WARNING_RULES,
)
from triage.guideline.normalisation import ReadContext, StreamInputs, context_of
from triage.guideline.recommendation import Advice
from triage.guideline.rule import AdviceRule, ClockRule, ContactRule, Rule, Stream, StreamRule, WarningRule


@dataclass(frozen=True, kw_only=True, eq=False)
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
    texts: Mapping[str, Advice] = field(default_factory=lambda: ADVICE_AT)
    read_context: ReadContext = context_of
    asks_by_trial: bool = True  # ask_next lists every question that would change the answer, not only those that would raise the stream

    @cached_property
    def criteria(self) -> CriterionBits:
        """Every criterion that a rule reads, each with its bit."""
        return CriterionBits(self.rules)

    @cached_property
    def streams(self) -> Compiled[StreamRule]:
        return Compiled(self.stream_rules, self.criteria)

    @cached_property
    def contacts(self) -> Compiled[ContactRule]:
        return Compiled(self.contact_rules, self.criteria)

    @cached_property
    def advice(self) -> Compiled[AdviceRule]:
        return Compiled(self.advice_rules, self.criteria)

    @cached_property
    def warnings(self) -> Compiled[WarningRule]:
        return Compiled(self.warning_rules, self.criteria)

    @cached_property
    def care(self) -> Compiled[AdviceRule]:
        return Compiled(self.care_rules, self.criteria)

    def stream_of(self, inputs: StreamInputs) -> tuple[Stream, bool]:
        """The stream and whether it is provisional: the first rule that holds."""
        first = next(rule for rule in self.stream_rules if rule.holds(inputs))
        return first.stream, first.provisional

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


_FIRST = Ruleset(
    id="2026.1",
    edition="2023-09-06",
    holds_from=datetime(2026, 10, 1, tzinfo=UTC),
    stream_rules=former_rules.as_before(STREAM_RULES),
    contact_rules=former_rules.as_before(CONTACT_RULES),
    clock_rules=former_rules.as_before(CLOCK_RULES),
    advice_rules=former_rules.as_before(ADVICE_RULES),
    warning_rules=former_rules.as_before(
        rule for rule in WARNING_RULES if rule.id not in former_rules.CAUTIONS
    ),
    texts={**ADVICE_AT, **former_rules.TEXTS},
    read_context=former_rules.context_before,
    asks_by_trial=False,
)
_WITH_CARE = replace(
    _FIRST,
    id="2026.2",
    holds_from=datetime(2026, 11, 1, tzinfo=UTC),
    care_rules=former_rules.as_before(CARE_RULES),
    care_warnings=(
        former_rules.STEROID_AND_INFECTION,
        *former_rules.as_before(rule for rule in WARNING_RULES if rule.id in former_rules.CAUTIONS),
    ),
)
_WITH_EVIDENCE = Ruleset(
    id="2026.3",
    edition="2023-09-06",
    holds_from=datetime(2026, 11, 15, tzinfo=UTC),
    stream_rules=STREAM_RULES,
    contact_rules=CONTACT_RULES,
    clock_rules=CLOCK_RULES,
    advice_rules=ADVICE_RULES,
    warning_rules=WARNING_RULES,
    care_rules=CARE_RULES,
)
RULESETS: tuple[Ruleset, ...] = (_FIRST, _WITH_CARE, _WITH_EVIDENCE)
RULESET_AT: dict[str, Ruleset] = {ruleset.id: ruleset for ruleset in RULESETS}
NEWEST = RULESETS[-1]


def in_force(at: datetime, *, rulesets: tuple[Ruleset, ...] = RULESETS) -> Ruleset:
    """The newest ruleset whose date has come, at an instant. Before every date it is the first."""
    started = [ruleset for ruleset in rulesets if ruleset.holds_from <= at]
    return max(started or rulesets[:1], key=lambda ruleset: ruleset.holds_from)


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
        for code, text in {**ruleset.texts, **CARE_AT}.items()
        if any(getattr(rule, "code", "") == code for rule in ruleset.rules)
    }
    return hashlib.sha256(json.dumps([ruleset.edition, content, texts], sort_keys=True).encode()).hexdigest()
