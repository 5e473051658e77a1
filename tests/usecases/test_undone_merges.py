"""A merge that was undone leaves each of two people as they were: their findings, advice and promises."""

import random
from datetime import timedelta
from typing import Any

import pytest

from governance.verification import verify_records
from oncall import clocks
from referrals.case.models import Referral
from referrals.usecases.keep_promise import keep_promise
from referrals.usecases.merge_cases import merge_cases
from referrals.usecases.triage_referral import triage_referral
from referrals.usecases.undo_merge import undo_merge
from tests.builders import (
    ALL_NO,
    NAMED,
    NOON,
    PRESENTATIONS,
    WHOLE_SPINE,
    act_by,
    actor,
    again,
    clock,
    decision,
    report,
    running,
    submitted,
    triaged,
)
from tests.scenery import undone
from triage.assess import latest

pytestmark = pytest.mark.usefixtures("scene")
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
ONE = {**NAMED, "patient__nhs_number": "9990000018"}  # two referrals under one number
TOLD = NOON + 11 * HOUR
# What a ward and a coordinator may tell of two people, in no order.
FACTS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("neurology_changed", {"neurology": {"limb_weakness": "yes"}}),
    ("neurology_changed", {"neurology": {"radicular_pain": "no", "gait_disturbance": "no"}}),
    ("neurology_changed", {"walking_now": "no_power", "worse": ["sensory_disturbance"]}),
    ("neurology_changed", {"instability_signs": "yes"}),
    ("mri_performed", {"modality": "mri", "regions": WHOLE_SPINE}),
    ("mri_performed", {"modality": "mri", "regions": ["lumbar"]}),
    ("mri_reported", {"result": "mscc", "status": "provisional", "regions": ["thoracic"]}),
    ("mri_reported", {"result": "no_malignant_disease", "status": "final"}),
    ("dexamethasone_given", {"dose_mg": 16}),
    ("dexamethasone_stopped", {}),
)


def presented(chance: random.Random) -> dict[str, Any]:
    """A referral of somebody, with answers at random."""
    neurology = {name: chance.choice(("no", "no", "yes", "not_assessed")) for name in ALL_NO}
    single = ("saddle_or_sphincter_signs", "instability_signs", "active_infection", "dexamethasone_given")
    return {
        **PRESENTATIONS[chance.choice(("pain_only", "weakness", "back_pain"))],
        "neurology": neurology,
        **{name: chance.choice(("no", "yes", "not_assessed")) for name in single},
    }


def as_it_stands(case: Referral) -> dict[str, Any]:
    case = again(case)
    result = latest(case.pk).result
    promises = {
        (row.kind, row.limit_hours, row.started_at, row.due_at)
        for row in clocks.of_case(case.pk)
        if row.stopped_at is None and row.kind not in ("acknowledge", "voice_contact")
    }
    return {
        "stream": case.stream,
        "presentation": case.presentation,
        "advice": {line["code"] for line in result["advice"]},
        "warnings": {line["code"] for line in result["warnings"]},
        "promises": promises,
    }


def merge_and_undo(kept: Referral, other: Referral) -> None:
    at = TOLD + HOUR
    merge_cases(kept.reference, other=other.reference, text="One", act=act_by("coordinator", at))
    undo_merge(other.reference, text="Two people", act=act_by("coordinator", at + MINUTE))


@pytest.mark.parametrize("seed", range(6))
def test_leaves_both_as_they_were(seed: int) -> None:
    chance = random.Random(seed)
    people = [presented(chance), presented(chance)]
    facts = [(*fact, chance.randrange(2), chance.randrange(10, 600)) for fact in chance.sample(FACTS, 4)]
    for kept in (0, 1):
        with undone():
            cases = [submitted(person, by="ward", **ONE) for person in people]
            for number, (kind, data, whose, minute) in enumerate(facts):
                told = TOLD + number * MINUTE
                report(cases[whose], kind, at=NOON + minute * MINUTE, recorded_at=told, by="ward", **data)
            before = [as_it_stands(case) for case in cases]
            merge_and_undo(cases[kept], cases[1 - kept])
            assert [as_it_stands(case) for case in cases] == before


@pytest.mark.parametrize("kept", [0, 1])
def test_gives_no_answer_of_one_to_the_other(kept: int) -> None:
    """What an earlier "no" of the one would hide of the other is recorded with the case that it comes from."""
    given = {**PRESENTATIONS["pain_only"], "dexamethasone_given": "yes"}
    cases = [submitted(given, **ONE), submitted("pain_only", by="ward", **ONE)]
    report(cases[1], "dexamethasone_stopped", at=NOON + HOUR)
    report(cases[1], "neurology_changed", at=NOON + HOUR, neurology={"cord_or_cauda_equina_signs": "yes"})
    report(cases[0], "neurology_changed", at=NOON + 2 * HOUR, neurology={"cord_or_cauda_equina_signs": "no"})
    merge_and_undo(cases[kept], cases[1 - kept])
    found = [again(case).presentation for case in cases]
    assert [one["dexamethasone_given"] for one in found] == ["yes", "no"]
    assert [one["neurology"]["cord_or_cauda_equina_signs"] for one in found] == ["no", "yes"]
    assert verify_records()[1] is None


def test_leaves_no_promise_of_a_scan_that_only_the_other_needs() -> None:
    """The scans of both had met the promise that came with the merge: it does not run for the first afterwards."""
    kept, other = submitted("back_pain", **ONE), submitted("pain_only", by="ward", **ONE)
    report(kept, "mri_performed", at=NOON + HOUR, modality="mri", regions=["cervical", "thoracic"])
    report(other, "mri_performed", at=NOON + HOUR, modality="mri", regions=["lumbar"])
    before = running(kept)
    assert "mri" not in before
    merge_and_undo(kept, other)
    assert running(kept) == before
    assert "mri" in running(other)


class TestASignOfInstabilityThatCameLater:
    @pytest.mark.parametrize("is_answered", [False, True])
    def test_keeps_its_own_time_when_the_stream_is_decided_again(self, is_answered: bool) -> None:
        case = triaged("pain_only")
        report(case, "neurology_changed", at=NOON + 60 * HOUR, instability_signs="yes")
        if is_answered:
            keep_promise(
                case.reference,
                kind="stability_advice",
                done_by="Spinal registrar",
                text="Stable",
                done_at=NOON + 61 * HOUR,
                by=actor("coordinator"),
                at=NOON + 61 * HOUR,
            )
        triage_referral(case.reference, decision(case), act=act_by("coordinator", NOON + 62 * HOUR))
        assert clock(case, "stability_advice").started_at == NOON + 60 * HOUR
        assert ("stability_advice" in running(case)) is not is_answered
