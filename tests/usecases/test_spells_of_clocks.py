"""Clocks that were restarted, moved or stolen: what happened in truth decides, not the order of the telling."""

from datetime import timedelta
from typing import Any

import pytest

from accounts import service as services
from accounts.administration import change_settings
from accounts.service import SETTINGS
from kernel.refusals import Invalid
from oncall.models import Clock
from oncall.sweep import climb, sweep
from referrals.case.models import Referral
from referrals.usecases.acknowledge_referral import acknowledge_referral
from referrals.usecases.close_referral import close_referral
from referrals.usecases.deny_death import deny_death
from referrals.usecases.extend_lease import extend_lease
from referrals.usecases.judge_course import judge_course
from referrals.usecases.keep_promise import keep_promise
from referrals.usecases.record_details import record_details
from referrals.usecases.reopen_referral import reopen_referral
from referrals.usecases.snooze_clock import snooze_clock
from referrals.usecases.triage_referral import triage_referral
from tests.builders import NOON, act_by, actor, clock, decision, report, running, scan, submitted, triaged

pytestmark = pytest.mark.usefixtures("scene")
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def test_an_earlier_scan_told_late_does_not_end_the_report_of_a_later_one() -> None:
    case = triaged("weakness")
    scan(case, at=NOON + 10 * HOUR)
    told = NOON + 11 * HOUR
    report(
        case,
        "mri_reported",
        at=NOON + 6 * HOUR,
        recorded_at=told,
        result="metastases_no_compression",
        status="final",
    )
    scan(case, at=NOON + 5 * HOUR, recorded_at=told, regions=["thoracic"])
    spells = Clock.objects.filter(case=case.pk, kind="mri_report").order_by("started_at")
    assert [(one.started_at - NOON, one.stopped_because) for one in spells] == [
        (5 * HOUR, "met"),
        (10 * HOUR, ""),
    ]


def test_an_exclusion_taken_back_restarts_the_radiotherapy_clock_as_it_was() -> None:
    case = triaged("weakness")
    report(case, "mri_reported", at=NOON + HOUR, result="mscc")
    report(case, "decision_to_treat", at=NOON + 2 * HOUR, modality="radiotherapy")
    for prognosis, minutes in (("poor", 0), ("good", 1)):
        judge_course(
            case.reference,
            {"prognosis": prognosis},
            act=act_by("coordinator", NOON + 3 * HOUR + minutes * MINUTE),
        )
    assert "radiotherapy" in running(case)
    assert clock(case, "radiotherapy").due_at == NOON + 26 * HOUR


class TestDeath:
    def test_nobody_is_paged_for_somebody_who_has_died(self) -> None:
        case = submitted("weakness")
        report(case, "died", at=NOON + HOUR)
        acknowledge_referral(case.reference, act=act_by("coordinator", NOON + 2 * HOUR))
        triage_referral(case.reference, decision(case), act=act_by("coordinator", NOON + 3 * HOUR))
        assert running(case) == set()

    def test_nobody_is_paged_for_a_scan_of_somebody_who_has_died_that_turned_out_not_to_count(self) -> None:
        case = triaged("weakness")
        found = {"result": "mscc", "status": "final", "regions": ["cervical", "thoracic", "lumbar"]}
        report(case, "mri_reported", at=NOON + 2 * HOUR, report="R-1", **found)
        report(case, "died", at=NOON + 3 * HOUR)
        late = {"at": NOON + HOUR, "recorded_at": NOON + 4 * HOUR}
        report(
            case, "neurology_changed", worse=["limb_weakness"], **late
        )  # the report names no scan since then
        assert running(case) == {"acknowledge"}
        seen = {"record.saddle_sensation": "absent"}
        record_details(case.reference, seen, act=act_by("coordinator", NOON + 5 * HOUR))
        assert running(case) == {"acknowledge"}
        deny_death(case.reference, text="Another person", act=act_by("coordinator", NOON + 6 * HOUR))
        assert "mri" in running(case)

    def test_a_death_denied_after_late_neurology_restarts_each_promise_once(self) -> None:
        case = submitted("weakness")
        report(case, "died", at=NOON + HOUR)
        worse = {"sensory_disturbance": "yes"}
        report(case, "neurology_changed", at=NOON + HOUR / 2, recorded_at=NOON + 2 * HOUR, neurology=worse)
        deny_death(case.reference, text="Another patient", act=act_by("coordinator", NOON + 3 * HOUR))
        assert running(case) == {"acknowledge", "voice_contact", "mri"}
        assert clock(case, "mri").started_at == NOON - HOUR / 2

    def test_a_death_before_a_close_that_was_undone_is_denied_too(self) -> None:
        case = triaged("weakness")
        before = running(case)
        by = actor("coordinator")
        close_referral(case.reference, outcome="treated", text="x", by=by, at=NOON + 3 * HOUR)
        reopen_referral(case.reference, text="x", act=act_by(by, NOON + 4 * HOUR))
        report(case, "died", at=NOON + 2 * HOUR, recorded_at=NOON + 5 * HOUR)
        assert running(case) == {"acknowledge"}
        deny_death(case.reference, text="x", act=act_by(by, NOON + 6 * HOUR))
        assert running(case) == before

    def test_a_death_reported_twice_is_denied_once(self) -> None:
        case = triaged("weakness")
        before = running(case)
        report(case, "died", at=NOON + HOUR)
        report(case, "died", at=NOON + HOUR + 5 * MINUTE, recorded_at=NOON + 2 * HOUR)
        assert running(case) == {"acknowledge"}
        deny_death(case.reference, text="Another patient", act=act_by("coordinator", NOON + 3 * HOUR))
        assert running(case) == before

    def test_a_death_that_was_closed_as_true_is_denied_after_all(self) -> None:
        case = triaged("weakness")
        before = running(case)
        by = actor("coordinator")
        report(case, "died", at=NOON + HOUR)
        close_referral(case.reference, outcome="died", by=by, at=NOON + 2 * HOUR)
        reopen_referral(case.reference, text="Another patient", act=act_by(by, NOON + 3 * HOUR))
        deny_death(case.reference, text="Another patient", act=act_by(by, NOON + 4 * HOUR))
        assert running(case) == before

    def test_a_death_after_the_end_of_the_case_ends_follow_up_until_it_is_denied(self) -> None:
        case = triaged("weakness")
        by = actor("coordinator")
        report(case, "surgery_started", at=NOON + HOUR)
        before = running(case)
        close_referral(case.reference, outcome="treated", text="x", by=by, at=NOON + 2 * HOUR)
        assert running(case) == {"follow_up"}
        report(case, "died", at=NOON + 3 * HOUR)
        assert running(case) == set()
        reopen_referral(case.reference, text="Another patient", act=act_by(by, NOON + 4 * HOUR))
        deny_death(case.reference, text="Another patient", act=act_by(by, NOON + 5 * HOUR))
        assert running(case) == before

    def test_what_was_told_in_the_meantime_starts_its_promise_when_the_death_is_denied(self) -> None:
        case = triaged("pain_only")
        report(case, "died", at=NOON + HOUR)
        worse = {"limb_weakness": "yes"}
        report(case, "neurology_changed", at=NOON + 2 * HOUR, by="gp", neurology=worse)
        assert running(case) == {"acknowledge"}
        deny_death(case.reference, text="x", act=act_by("coordinator", NOON + 3 * HOUR))
        assert clock(case, "mri", limit=24).started_at == NOON + 2 * HOUR
        assert "mri" in running(case)


def test_the_same_immobilisation_told_twice_asks_for_advice_once() -> None:
    case = triaged("weakness")
    report(case, "immobilised", at=NOON)
    keep_promise(
        case.reference,
        kind="stability_advice",
        done_by="Spinal registrar",
        text="ok",
        done_at=NOON + HOUR,
        by=actor("coordinator"),
        at=NOON + 2 * HOUR,
    )
    report(case, "immobilised", at=NOON, recorded_at=NOON + 3 * HOUR)
    assert "stability_advice" not in running(case)


def test_advice_from_before_the_immobilisation_is_not_the_advice_about_it() -> None:
    case = triaged("weakness")
    report(case, "immobilised", at=NOON + 2 * HOUR)
    done: dict[str, Any] = {"kind": "stability_advice", "done_by": "Spinal registrar", "text": "ok"}
    done |= {"by": actor("coordinator"), "at": NOON + 4 * HOUR}
    with pytest.raises(Invalid) as refused:
        keep_promise(case.reference, done_at=NOON + HOUR, **done)
    assert "14:00 GMT" in refused.value.errors["done_at"][0]
    keep_promise(case.reference, done_at=NOON + 3 * HOUR, **done)
    assert "stability_advice" not in running(case)


class TestLease:
    def acknowledged(self) -> Referral:
        return acknowledge_referral(submitted("weakness").reference, act=act_by("coordinator", NOON))

    def test_new_neurology_starts_no_second_one(self) -> None:
        case = self.acknowledged()
        by = actor("coordinator")
        extend_lease(case.reference, reason="calling", by=by, at=NOON + MINUTE)
        worse = {"sensory_disturbance": "yes"}
        report(case, "neurology_changed", at=NOON + 2 * MINUTE, by="gp", neurology=worse)
        acknowledge_referral(case.reference, act=act_by(by, NOON + 3 * MINUTE))
        assert Clock.objects.filter(case=case.pk, kind="triage_decision").count() == 1

    def test_ten_more_minutes_are_quiet_even_on_the_last_rung(self) -> None:
        case = self.acknowledged()
        for minute in range(65):
            sweep(at=NOON + minute * MINUTE)
        extend_lease(case.reference, reason="calling", by=actor("coordinator"), at=NOON + 64 * MINUTE)
        assert clock(case, "triage_decision").next_at == NOON + 74 * MINUTE


def test_an_emergency_never_inherits_a_slow_ladder() -> None:
    typed = {setting.key: str(services.current()[setting.key]) for setting in SETTINGS}
    change_settings(typed | {"acknowledge_emergency": "60"}, by=actor("admin"), at=NOON)
    case = submitted("little_known")
    climb(at=NOON)
    report(case, "neurology_changed", at=NOON + MINUTE, by="gp", neurology={"limb_weakness": "yes"})
    acknowledging = clock(case, "acknowledge")
    assert acknowledging.ladder[-1]["duty"] == "manager"
    assert running(case) >= {"acknowledge", "voice_contact", "mri"}


class TestQuiet:
    """A snooze or ten more minutes never stand in the way of a fact."""

    def test_an_earlier_decision_moves_a_snoozed_clock(self) -> None:
        case = triaged("weakness")
        report(case, "mri_reported", at=NOON + HOUR, result="mscc")
        report(case, "decision_to_treat", at=NOON + 5 * HOUR, modality="radiotherapy")
        treating = clock(case, "radiotherapy")
        snooze_clock(
            case.reference,
            treating.pk,
            minutes="60",
            reason="arranged",
            by=actor("coordinator"),
            at=NOON + 28.5 * HOUR,
        )
        report(
            case,
            "decision_to_treat",
            at=NOON + 2 * HOUR,
            recorded_at=NOON + 28.6 * HOUR,
            modality="radiotherapy",
        )
        moved = clock(case, "radiotherapy")
        assert moved.started_at == NOON + 2 * HOUR
        assert moved.snoozed_until == moved.due_at

    def test_a_lease_that_was_extended_restarts_with_its_case(self) -> None:
        case = acknowledge_referral(submitted("weakness").reference, act=act_by("coordinator", NOON))
        by = actor("coordinator")
        extend_lease(case.reference, reason="calling", by=by, at=NOON + 28 * MINUTE)
        close_referral(case.reference, outcome="treated", text="x", by=by, at=NOON + 29 * MINUTE)
        reopen_referral(case.reference, text="x", act=act_by(by, NOON + 30 * MINUTE))
        assert "triage_decision" in running(case)


def test_the_same_emergency_again_keeps_its_clock_and_its_links() -> None:
    case = submitted("weakness")
    before = clock(case, "acknowledge").pk
    worse = {"sensory_disturbance": "yes"}
    report(case, "neurology_changed", at=NOON + 13 * MINUTE, by="gp", neurology=worse)
    assert clock(case, "acknowledge").pk == before
