"""Rulesets hold from a date and are never changed; CG75 is kept for comparison only."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.guideline.answers import AT, NIGHT, WEAK, findings
from triage.guideline.editions import EDITIONS
from triage.guideline.evaluate import evaluate
from triage.guideline.legacy.cg75 import LegacyOutcome, compare
from triage.guideline.rule import Stream
from triage.guideline.ruleset import NEWEST, RULESETS, fingerprint, in_force

# What each ruleset says, as a hash. A changed rule, text, limit or source is a new ruleset: add it, leave these.
CONTENT = {
    "2026.1": "d36810c7adb254539651b28f2b1dd941d5ec95c11e41c0a6b90841049f4af81c",
    "2026.2": "d22c01b8eb977bf8f5fe3652ca143f4525cce414518e08c1cee3f2fc8c641b16",
    "2026.3": "dfcdb8496c8c98a7d4021e66622980f06ed224f381d33df51bfd380ed05afb1b",
}


def test_a_ruleset_that_was_in_use_is_never_changed() -> None:
    assert {ruleset.id: fingerprint(ruleset) for ruleset in RULESETS} == CONTENT


def test_a_new_ruleset_holds_from_its_date_and_not_before() -> None:
    tomorrow = replace(
        NEWEST,
        id="invented",
        holds_from=AT + timedelta(days=1),
        stream_rules=tuple(rule for rule in NEWEST.stream_rules if rule.id != "one_week.pain"),
    )
    rulesets = (*RULESETS, tomorrow)
    assert in_force(AT, rulesets=rulesets).id == NEWEST.id
    assert in_force(AT + timedelta(days=1), rulesets=rulesets).id == "invented"
    today = evaluate(findings(pain=NIGHT), at=AT, ruleset=in_force(AT, rulesets=rulesets))
    later = evaluate(findings(pain=NIGHT), at=AT, ruleset=tomorrow)
    assert (today.stream, later.stream) == (Stream.ONE_WEEK, Stream.OUTSIDE_PATHWAY)
    assert later.as_json()["guideline"]["ruleset"] == "invented"


def test_before_the_first_date_the_first_ruleset_holds() -> None:
    assert in_force(RULESETS[0].holds_from - timedelta(days=1000)) == RULESETS[0]


def test_only_one_edition_is_active_and_the_old_one_has_no_ruleset() -> None:
    assert [edition.guideline for edition in EDITIONS if edition.active] == ["NG234"]
    assert all(not edition.rulesets for edition in EDITIONS if not edition.active)


@pytest.mark.parametrize(
    ("neurology", "pain", "others", "levels", "outcome", "rows"),
    [
        (WEAK, NIGHT, {}, None, LegacyOutcome.EMERGENCY, {"CG-5", "CG-7"}),
        (WEAK, {}, {}, None, LegacyOutcome.NOT_ADDRESSED, {"CG-3", "CG-7"}),
        (WEAK, NIGHT, {"cancer_context": "past"}, None, LegacyOutcome.NOT_ADDRESSED, {"CG-1", "CG-7"}),
        (WEAK, {}, {"cancer_context": "none_known"}, None, LegacyOutcome.NOT_ADDRESSED, {"CG-1", "CG-7"}),
        ({}, NIGHT, {}, None, LegacyOutcome.WITHIN_A_WEEK, {"CG-5"}),
        ({}, {"severe_unremitting": "yes"}, {}, None, LegacyOutcome.WITHIN_A_WEEK, {"CG-5"}),
        ({}, {"mechanical": "yes"}, {}, None, LegacyOutcome.NOT_COMPUTABLE, {"CG-2"}),
        ({}, {"mechanical": "yes"}, {}, ["thoracic"], LegacyOutcome.WITHIN_A_WEEK, {"CG-5"}),
        ({}, {"mechanical": "yes"}, {}, ["lumbar"], LegacyOutcome.NOT_ADDRESSED, {"CG-2"}),
        ({}, {"progressive": "yes"}, {}, ["lumbar"], LegacyOutcome.WITHIN_A_WEEK, {"CG-5"}),
        ({}, {"progressive": "yes"}, {}, ["sacral"], LegacyOutcome.NOT_ADDRESSED, set()),
        ({}, {"progressive": "yes"}, {}, None, LegacyOutcome.NOT_COMPUTABLE, {"CG-2"}),
        ({"limb_weakness": "not_assessed"}, NIGHT, {}, None, LegacyOutcome.NOT_COMPUTABLE, {"CG-2"}),
        ({}, {}, {"low_back_pain": "yes"}, ["cervical"], LegacyOutcome.WITHIN_A_WEEK, set()),
        ({}, {}, {}, None, LegacyOutcome.NOT_ADDRESSED, set()),
    ],
)
def test_cg75_is_computed_from_its_own_list_and_the_differences_are_named(
    neurology: dict[str, str],
    pain: dict[str, str],
    others: dict[str, str],
    levels: list[str] | None,
    outcome: LegacyOutcome,
    rows: set[str],
) -> None:
    comparison = compare(findings(neurology, pain, **others), levels)
    assert comparison.outcome == outcome
    assert {difference.row for difference in comparison.differences} == rows
    assert comparison.because


def test_the_level_of_pain_is_read_by_no_rule_in_force() -> None:
    assert not any("level" in rule.when.words for rule in NEWEST.rules)
