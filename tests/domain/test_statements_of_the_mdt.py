"""What an opinion, a decision and an outcome may not lack, and which answers they take."""

from datetime import timedelta
from typing import Any

import pytest

from mdt.consensus import DECISION, OPINION
from mdt.content import read
from mdt.follow_up import GRADES, OUTCOME
from referrals.intake.fields import FieldSpec
from tests.builders import NOON

NEEDED = {
    "opinion": (OPINION, {"given_by", "given_at", "words"}),
    "decision": (DECISION, {"decided_at", "recommendation", "owner", "chaired_by"}),
    "outcome": (OUTCOME, {"point", "observed_at"}),
}


@pytest.mark.parametrize("name", NEEDED)
def test_an_empty_statement_is_refused_for_what_it_may_not_lack(name: str) -> None:
    fields, needed = NEEDED[name]
    content, errors = read(fields, {}, at=NOON)
    assert content == {}
    assert set(errors) == {f"{name}.{field}" for field in needed}


def outcome(**answers: Any) -> tuple[dict[str, Any], dict[str, list[str]]]:
    content, errors = read(
        OUTCOME, {f"outcome.{field}": value for field, value in answers.items()}, at=NOON + timedelta(hours=1)
    )
    return content, {path: texts for path, texts in errors.items() if path.rpartition(".")[2] in answers}


@pytest.mark.parametrize(("pain", "is_taken"), [(-1, False), (0, True), (10, True), (11, False)])
def test_pain_is_from_0_to_10(pain: int, is_taken: bool) -> None:
    content, errors = outcome(pain=pain)
    assert (content.get("pain") == pain, not errors) == (is_taken, is_taken)


@pytest.mark.parametrize("field", ["walking", "bladder", "bowel"])
def test_an_outcome_is_seen_or_left_out_and_never_not_assessed(field: str) -> None:
    spec: FieldSpec = next(spec for spec in OUTCOME if spec.name == field)
    assert len(spec.codes) > 2
    assert outcome(**{field: "not_assessed"})[1]
    assert all(outcome(**{field: code}) == ({field: code}, {}) for code in spec.codes)


def test_better_walking_is_higher_on_the_picture() -> None:
    order = ["unaided", "with_aid", "not_walking_some_power", "no_power"]
    assert [(grade.code, grade.height) for grade in GRADES] == list(zip(order, (3, 2, 1, 0), strict=True))
