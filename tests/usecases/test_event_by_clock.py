"""The table of docs/clocks.md is what happens: each event is reported, and the clocks are looked at."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from oncall.clocks import of_case
from oncall.handbook import EVENTS
from oncall.kinds import KINDS
from referrals.case.models import Referral
from referrals.intake.codes import EVENT_KINDS
from referrals.usecases.keep_promise import keep_promise
from tests.builders import NOON, WHOLE_SPINE, actor, clock, report, running, triaged
from tests.usecases.mdt_acts import kept

HOUR = timedelta(hours=1)


def triaged_emergency() -> Referral:
    return triaged("weakness")


def scanned() -> Referral:
    case = triaged("weakness")
    report(case, "mri_performed", at=NOON + HOUR, modality="mri", regions=WHOLE_SPINE)
    return case


def on_dexamethasone() -> Referral:
    case = triaged("weakness")
    report(case, "dexamethasone_given", at=NOON + HOUR, dose_mg=16)
    return case


def reported() -> Referral:
    case = scanned()
    report(case, "mri_reported", at=NOON + 2 * HOUR, result="mscc")
    return case


def decided() -> Referral:
    case = reported()
    report(case, "decision_to_treat", at=NOON + 3 * HOUR, modality="radiotherapy")
    return case


def in_hospital() -> Referral:
    case = triaged("weakness", location__organisation_ods="RXX01")
    report(case, "admitted", at=NOON + HOUR)
    kept(case, at=NOON + 2 * HOUR, key_worker="Nurse Kit Barlow")  # opened, not signed
    return case


def with_pain() -> Referral:
    return triaged("pain_only")


# The case that an event comes to, and what it says.
TOLD: dict[str, tuple[Callable[[], Referral], dict[str, object]]] = {
    "mri_requested": (triaged_emergency, {}),
    "mri_booked": (triaged_emergency, {}),
    "mri_cancelled": (triaged_emergency, {}),
    "mri_performed": (triaged_emergency, {"modality": "mri", "regions": WHOLE_SPINE}),
    "mri_reported": (scanned, {"result": "mscc"}),
    "neurology_changed": (with_pain, {"neurology": {"limb_weakness": "yes"}}),
    "immobilised": (triaged_emergency, {}),
    "dexamethasone_given": (triaged_emergency, {"dose_mg": 16}),
    "dexamethasone_stopped": (on_dexamethasone, {}),
    "decision_to_treat": (reported, {"modality": "radiotherapy"}),
    "radiotherapy_started": (decided, {}),
    "surgery_started": (decided, {}),
    "admitted": (triaged_emergency, {}),
    "discharged": (in_hospital, {"by": "client"}),  # a person is asked for the plan first
}


def standing(case: Referral) -> tuple[set[str], set[str]]:
    """The kinds of every clock there is, and of those that have stopped."""
    every = of_case(case.pk, with_report_only=True)
    stopped = {(one.kind, one.limit_hours) for one in every if one.stopped_at is not None}
    return {f"{one.kind}:{one.pk}" for one in every}, {kind for kind, _ in stopped}


def test_the_table_has_every_event_of_the_contract() -> None:
    assert EVENTS == EVENT_KINDS


@pytest.mark.usefixtures("scene")
@pytest.mark.parametrize("event", [event for event in EVENTS if event != "died"])
def test_an_event_starts_and_stops_what_the_table_says(event: str) -> None:
    made, data = TOLD[event]
    case = made()
    before, stopped_before = standing(case)
    report(case, event, at=NOON + 4 * HOUR, **data)
    after, stopped_after = standing(case)
    assert {one.partition(":")[0] for one in after - before} == {
        str(kind.kind) for kind in KINDS if event in kind.started_by
    }
    assert stopped_after - stopped_before == {str(kind.kind) for kind in KINDS if event in kind.stopped_by}


@pytest.mark.usefixtures("scene")
def test_a_death_ends_every_clock() -> None:
    case = decided()
    report(case, "died", at=NOON + 4 * HOUR)
    left = [one for one in of_case(case.pk, with_report_only=True) if one.stopped_at is None]
    assert [one.kind for one in left] == ["acknowledge"], "a human confirms that it is so"


@pytest.mark.usefixtures("scene")
def test_a_clean_whole_spine_asks_for_a_review_of_dexamethasone_that_is_given() -> None:
    case = triaged("weakness")
    report(case, "dexamethasone_given", at=NOON + HOUR, dose_mg=16)
    keep_promise(
        case.reference,
        kind="steroid_review",
        done_by="Registrar",
        text="Goes on",
        done_at=NOON + HOUR,
        by=actor("coordinator"),
        at=NOON + 2 * HOUR,
    )
    report(case, "mri_performed", at=NOON + 3 * HOUR, modality="mri", regions=WHOLE_SPINE)
    report(case, "mri_reported", at=NOON + 4 * HOUR, result="no_malignant_disease")
    assert "steroid_review" not in running(case), "a provisional report rules nothing out"
    report(case, "mri_reported", at=NOON + 4 * HOUR, result="no_malignant_disease", status="final")
    assert clock(case, "steroid_review").started_at == NOON + 4 * HOUR
    assert "steroid_review" in running(case)
