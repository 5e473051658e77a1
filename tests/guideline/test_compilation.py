"""Rules as bits say what their conditions say, and a criterion changes only with the answers that it declares."""

import random
from functools import cache

import pytest

from tests.guideline.test_rules import chance_presentation
from triage.guideline.findings import (
    Answer,
    HaematologicalMalignancy,
    Presentation,
    answer_at,
    from_json,
    with_answer,
)
from triage.guideline.normalisation import EMPTY_COURSE, Situation, situation_of, stream_inputs
from triage.guideline.open_questions import ORDER
from triage.guideline.ruleset import NEWEST, RULESETS, Ruleset

HOW_MANY = 1_500


@cache
def chance_presentations(seed: int) -> tuple[Presentation, ...]:
    chance = random.Random(seed)
    return tuple(from_json(chance_presentation(chance)) for _ in range(HOW_MANY))


def read_by(ruleset: Ruleset, presentation: Presentation) -> Situation:
    inputs = stream_inputs(presentation, read_context=ruleset.read_context)
    stream, provisional = ruleset.stream_of(inputs)
    return situation_of(presentation, inputs, stream=stream, provisional=provisional, course=EMPTY_COURSE)


@pytest.mark.parametrize("ruleset", RULESETS, ids=lambda ruleset: ruleset.id)
def test_bits_hold_where_conditions_hold(ruleset: Ruleset) -> None:
    for presentation in chance_presentations(1):
        situation = read_by(ruleset, presentation)
        bits = ruleset.criteria.of(situation)
        for compiled, rules in (
            (ruleset.advice, ruleset.advice_rules),
            (ruleset.warnings, ruleset.warning_rules),
            (ruleset.care, ruleset.care_rules),
        ):
            assert compiled.holding(bits) == [rule for rule in rules if rule.holds(situation)], presentation


@pytest.mark.parametrize("path", ORDER)
def test_a_fact_changes_only_with_the_answers_that_it_declares(path: str) -> None:
    """A trial tests only the criteria that read the answer: one that declares too little would hide a question."""
    criteria = NEWEST.criteria
    values = {
        "pain_severity": (0, 4, 8, 10, None),
        "movement_pain": ("none", "mild", "severe"),
        "haematological_malignancy": tuple(HaematologicalMalignancy),
    }.get(path, tuple(Answer))
    changed = 0
    for presentation in chance_presentations(2)[:300]:
        situation = read_by(NEWEST, presentation)
        before = criteria.of(situation)
        for value in values:
            if answer_at(presentation, path) == value:
                continue
            trial = with_answer(presentation, path, value)
            inputs = stream_inputs(trial, read_context=NEWEST.read_context)
            now = situation_of(
                trial,
                inputs,
                stream=situation.stream,
                provisional=situation.provisional,
                course=situation.course,
            )
            assert criteria.after(before, now, (path,)) == criteria.of(now), (path, value, presentation)
            changed += criteria.of(now) != before
    assert changed, "no criterion reads it"
