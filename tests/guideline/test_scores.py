"""Scores are counted here from their items; the known errors of public copies are not repeated."""

import dataclasses
import itertools

import pytest

from triage.guideline.course import Course
from triage.guideline.normalisation import Situation
from triage.scores.catalogue import SCORE_AT, SCORES
from triage.scores.score import ScoreKind, count

SINS, TOKUHASHI, TOMITA = SCORE_AT["sins"], SCORE_AT["tokuhashi"], SCORE_AT["tomita"]


def answers(kind: ScoreKind, **values: str) -> dict[str, str]:
    """The lowest answer to every item but those given."""
    lowest = {
        item.name: min(item.choices, key=lambda choice: choice.points or 0).value for item in kind.items
    }
    return {**lowest, **values}


def total(kind: ScoreKind, **values: str) -> int:
    counted, errors = count(kind, answers(kind, **values))
    assert not errors
    assert counted is not None
    assert counted.total is not None
    return counted.total


def verdict(kind: ScoreKind, **values: str) -> str:
    counted, _ = count(kind, answers(kind, **values))
    assert counted is not None
    return counted.verdict


class TestSins:
    def test_its_range_is_0_to_18(self) -> None:
        highest = {
            item.name: max(item.choices, key=lambda choice: choice.points or 0).value for item in SINS.items
        }
        assert total(SINS) == 0
        assert total(SINS, **highest) == 18

    def test_pain_is_3_1_0_and_never_2(self) -> None:
        pain = next(item for item in SINS.items if item.name == "pain")
        assert [choice.points for choice in pain.choices] == [3, 1, 0]

    @pytest.mark.parametrize(
        ("values", "points", "reads"),
        [
            ({}, 0, "stable"),
            ({"location": "junctional", "pain": "mechanical"}, 6, "stable"),
            (
                {"location": "junctional", "pain": "mechanical", "bone_lesion": "mixed"},
                7,
                "potentially unstable",
            ),
            (
                {
                    "location": "junctional",
                    "pain": "mechanical",
                    "bone_lesion": "lytic",
                    "alignment": "subluxation",
                },
                12,
                "potentially unstable",
            ),
            (
                {
                    "location": "junctional",
                    "pain": "mechanical",
                    "bone_lesion": "lytic",
                    "alignment": "subluxation",
                    "posterolateral": "unilateral",
                },
                13,
                "unstable",
            ),
        ],
    )
    def test_its_bands_begin_at_0_7_and_13(self, values: dict[str, str], points: int, reads: str) -> None:
        assert total(SINS, **values) == points
        assert verdict(SINS, **values).split(";")[0] == reads

    def test_collapse_of_exactly_half_counts_as_more_and_says_so(self) -> None:
        assert total(SINS, collapse="half") == total(SINS, collapse="over_half") == 3
        assert "exactly half" in verdict(SINS, collapse="half")
        assert "exactly half" not in verdict(SINS, collapse="over_half")


class TestTokuhashi:
    def test_its_range_is_0_to_15(self) -> None:
        highest = {
            i.name: max(i.choices, key=lambda choice: choice.points or 0).value for i in TOKUHASHI.items
        }
        assert (total(TOKUHASHI), total(TOKUHASHI, **highest)) == (0, 15)

    def test_vertebral_bodies_score_by_three_two_one(self) -> None:
        bodies = next(item for item in TOKUHASHI.items if item.name == "vertebral_bodies")
        assert {choice.label: choice.points for choice in bodies.choices} == {"3 or more": 0, "2": 1, "1": 2}
        assert "some copies print otherwise" in TOKUHASHI.note

    def test_a_low_total_predicts_a_short_survival(self) -> None:
        best = {"primary": "group_5", "general_condition": "good", "palsy": "none"}
        assert verdict(TOKUHASHI) == "predicts less than 6 months"
        assert (total(TOKUHASHI, **best), verdict(TOKUHASHI, **best)) == (9, "predicts 6 months or more")
        better = {**best, "major_organs": "none", "extraspinal_foci": "one_or_two"}
        assert (total(TOKUHASHI, **better), verdict(TOKUHASHI, **better)) == (12, "predicts 1 year or more")


def test_tomita_runs_from_2_to_10_because_a_rapid_primary_scores_4() -> None:
    lowest, highest = (
        total(TOMITA),
        total(TOMITA, primary_growth="rapid", visceral="untreatable", bone="multiple"),
    )
    assert (lowest, highest) == (2, 10)
    assert verdict(TOMITA).endswith("wide or marginal excision")
    assert verdict(TOMITA, primary_growth="rapid", visceral="untreatable").endswith("supportive care")


def test_bilsky_is_a_code_and_2_and_3_are_high_grade() -> None:
    bilsky = SCORE_AT["bilsky"]
    grades = [choice.value for choice in bilsky.items[0].choices]
    assert grades == ["0", "1a", "1b", "1c", "2", "3"]
    assert [("high grade" in verdict(bilsky, grade=grade)) for grade in grades] == [False] * 4 + [True] * 2
    counted, _ = count(bilsky, {"grade": "1c"})
    assert counted is not None
    assert counted.total is None


def test_power_needs_what_was_examined_and_reports_the_weakest() -> None:
    mrc = SCORE_AT["mrc"]
    counted, errors = count(mrc, {"L3_left": "2", "L3_right": "4", "L5_left": "NT"})
    assert not errors
    assert counted is not None
    assert counted.verdict == "lowest power 2 in L3 left"
    assert count(mrc, {})[1] != {}


def test_frailty_has_short_names_only_and_performance_has_not_recorded() -> None:
    frailty = SCORE_AT["frailty"].items[0].choices
    assert [choice.value for choice in frailty] == [str(grade) for grade in range(1, 10)]
    assert all(len(choice.label) < 25 for choice in frailty)
    assert "9" in {choice.value for choice in SCORE_AT["ecog"].items[0].choices}


def test_what_is_missing_or_unknown_is_named_by_item() -> None:
    counted, errors = count(SINS, {"location": "everywhere", "pain": "none"})
    assert counted is None
    assert set(errors) == {"location", "bone_lesion", "alignment", "collapse", "posterolateral"}


def test_every_score_has_a_version_and_a_source_and_can_be_counted() -> None:
    for kind in SCORES:
        assert kind.version
        assert kind.source
        values = {item.name: item.choices[0].value for item in kind.items}
        assert count(kind, values)[1] == {}


def test_no_rule_reads_a_score() -> None:
    """No score, and no item of one, is a field of what rules may read."""
    names = {
        field.name for field in itertools.chain(dataclasses.fields(Course), dataclasses.fields(Situation))
    }
    assert not names & {kind.id for kind in SCORES}
    assert not any("score" in name for name in names)
