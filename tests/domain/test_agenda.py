"""The rules of an MDT list: each holds, and stops holding when one of its conditions is dropped."""

from dataclasses import replace
from typing import Any

import pytest

from mdt.agenda import REASONS, AgendaStanding, reasons_for

# Each rule with a case that it lists for that reason alone, and every change after which it no longer does.
TABLE: dict[str, tuple[dict[str, Any], tuple[dict[str, Any], ...]]] = {
    "asked": ({"asked": True}, ({"asked": False},)),
    "compression_undecided": (
        {"finding": "mscc"},
        ({"finding": "none"}, {"finding": "not_reported"}, {"decided": True}, {"treated": True}),
    ),
    "impending": ({"finding": "impending_compression"}, ({"finding": "none"}, {"decided": True})),
    "plan_owed": (
        {"finding": "spinal_metastases", "plan_owed": True},
        ({"finding": "none"}, {"plan_owed": False}, {"decided": True}),
    ),
    "unstable": ({"sins": 7}, ({"sins": 6}, {"sins": None}, {"surgery_judged": True})),
    "primary_unknown": (
        {"finding": "spinal_metastases", "primary_unknown": True},
        ({"primary_unknown": False}, {"finding": "none"}, {"discussed": True}, {"decided": True}),
    ),
    "surgery_pending": ({"surgery_pending": True}, ({"surgery_pending": False}, {"treated": True})),
    "without_quorum": ({"without_quorum": True}, ({"without_quorum": False},)),
    "dissent": ({"dissent": True}, ({"dissent": False},)),
}
ROWS = [(code, change) for code, (_, changes) in TABLE.items() for change in changes]


def test_every_rule_is_in_the_table() -> None:
    assert set(TABLE) == {reason.code for reason in REASONS}


@pytest.mark.parametrize("code", TABLE)
def test_a_rule_lists_its_case_for_that_reason_alone(code: str) -> None:
    assert reasons_for(AgendaStanding(**TABLE[code][0])) == (code,)


@pytest.mark.parametrize(
    ("code", "change"), ROWS, ids=[f"{code}-{'-'.join(change)}" for code, change in ROWS]
)
def test_a_rule_stops_when_one_of_its_conditions_does(code: str, change: dict[str, Any]) -> None:
    assert code not in reasons_for(replace(AgendaStanding(**TABLE[code][0]), **change))


@pytest.mark.parametrize("finding", ["mscc", "impending_compression", "spinal_metastases"])
def test_an_unknown_primary_counts_with_every_finding_of_cancer(finding: str) -> None:
    assert "primary_unknown" in reasons_for(AgendaStanding(finding=finding, primary_unknown=True))
