"""Inputs that once failed, each by its id: measures of whole cases, and the orders in which facts arrive."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest

from accounts import service as services
from governance.qs56 import Result
from kernel.refusals import OutOfTurn
from kernel.time import from_rfc3339, rfc3339
from ledger.read import of_case
from mdt.models import Plan, Treatment
from mdt.usecases.keep_plan import keep_plan
from oncall.models import Page
from oncall.sweep import climb
from referrals.case.case_facts import evidence_of
from referrals.case.models import Referral
from referrals.usecases.close_referral import close_referral
from referrals.usecases.deny_death import deny_death
from referrals.usecases.end_treatment_clocks import end_treatment_clocks
from referrals.usecases.keep_promise import keep_promise
from referrals.usecases.merge_cases import merge_cases
from referrals.usecases.reopen_referral import reopen_referral
from referrals.usecases.settle_finding import confirm_finding, withdraw_finding
from tests.builders import (
    NOON,
    WHOLE_SPINE,
    act_by,
    actor,
    again,
    clock,
    report,
    running,
    scan,
    submitted,
    triaged,
)
from tests.usecases.mdt_acts import RADIOTHERAPY, treated
from tests.usecases.measuring import (
    DAY,
    HOUR,
    IN_HOSPITAL,
    SUSPECTED,
    both,
    counts,
    judged,
    measured,
    only,
    planned,
)

pytestmark = pytest.mark.usefixtures("scene")
MINUTE = timedelta(minutes=1)
EVERY = ("2a", "2b", "3", "4", "5", "6", "7")


def picture(case: Referral) -> Any:
    return evidence_of(again(case), service=services.current()).picture


def reported(case: Referral, result: str, at: Any, *, late: Any = None, **more: Any) -> int:
    return report(case, "mri_reported", at=at, recorded_at=late, result=result, **more).pk


def beside(name: str, *, at: Any = NOON + 60 * DAY) -> tuple[Result, set[str]]:
    """A measure, and the flags of whom it leaves out."""
    result = measured(name, at=at)
    return result, {flag for one in result.left_out for flag in one.flags}


class TestMeasures:
    @pytest.mark.parametrize("decided_first", [True, False], ids=["as it happened", "told late"])
    def test_M01_radiotherapy_decided_on_the_verbal_result_is_met(self, decided_first: bool) -> None:
        case = triaged("weakness")
        scan(case, at=NOON + HOUR)
        told = [
            ("decision_to_treat", NOON + 2 * HOUR, {"modality": "radiotherapy"}),
            ("mri_reported", NOON + 2.5 * HOUR, {"result": "mscc", "status": "final"}),
            ("radiotherapy_started", NOON + 6 * HOUR, {}),
        ]
        for kind, at, data in told if decided_first else reversed(told):
            report(case, kind, at=at, recorded_at=NOON + 7 * HOUR, **data)
        judged(case, at=NOON + 8 * HOUR, surgery_suitable="no", wants_radiotherapy="yes")
        assert both("6") == ((1, 1), (1, 1))
        assert only(measured("6").literal).took == 4 * HOUR
        assert only(measured("6").adjusted).took == 4 * HOUR

    def test_M01_a_report_that_is_amended_takes_nobody_out(self) -> None:
        case = triaged("weakness")
        scan(case, at=NOON + HOUR)
        report(case, "decision_to_treat", at=NOON + 2 * HOUR, modality="radiotherapy")
        reported(case, "mscc", NOON + 2.5 * HOUR, status="provisional", report="R1")
        reported(case, "cauda_equina_compression", NOON + 9 * HOUR, status="final", report="R1")
        report(case, "radiotherapy_started", at=NOON + 6 * HOUR, recorded_at=NOON + 10 * HOUR)
        judged(case, at=NOON + 11 * HOUR, surgery_suitable="no", wants_radiotherapy="yes")
        assert both("6") == ((1, 1), (1, 1))

    def test_M02_a_discharge_before_mscc_was_found_is_none_of_statement_7(self) -> None:
        case = triaged("pain_only", **IN_HOSPITAL)
        report(case, "admitted", at=NOON + HOUR)
        scan(case, at=NOON + 4 * HOUR)
        reported(case, "metastases_no_compression", NOON + 6 * HOUR, status="final")
        report(case, "discharged", at=NOON + DAY, by="client")
        report(case, "neurology_changed", at=NOON + 10 * DAY, neurology={"limb_weakness": "yes"})
        scan(case, at=NOON + 10 * DAY + HOUR)
        reported(case, "mscc", NOON + 10 * DAY + 2 * HOUR, status="final")
        assert both("7") == ((0, 0), (0, 0))
        assert measured("5").literal.denominator == 1

    def test_M02_admitted_again_and_discharged_with_mscc_is_counted(self) -> None:
        case = triaged("pain_only", **IN_HOSPITAL)
        report(case, "discharged", at=NOON + DAY, by="client")
        scan(case, at=NOON + 10 * DAY)
        reported(case, "mscc", NOON + 10 * DAY + HOUR, status="final")
        report(case, "admitted", at=NOON + 10 * DAY + 2 * HOUR)
        report(case, "discharged", at=NOON + 12 * DAY, by="client")
        assert both("7") == ((0, 1), (0, 1))

    def test_M03_neurology_that_nobody_examined_is_in_neither_and_is_listed(self) -> None:
        case = submitted("not_examined")
        scan(case, at=NOON + HOUR)
        reported(case, "metastases_no_compression", NOON + 3 * HOUR, status="final")
        for name in ("2a", "2b"):
            result, flags = beside(name)
            assert (result.literal.denominator, result.adjusted.denominator) == (0, 0), name
            assert "neurology_open" in flags, name
            assert [one.reference for one in result.left_out] == [case.reference], name

    def test_M04_compression_without_neurology_is_among_2b(self) -> None:
        case = triaged("pain_only")
        scan(case, at=NOON + HOUR)
        reported(case, "mscc", NOON + 3 * HOUR, status="final")
        keep_promise(
            case.reference,
            kind="treatment_plan",
            done_by="Dr Moss, oncologist",
            text="Radiotherapy",
            done_at=SUSPECTED + 10 * HOUR,
            by=actor("coordinator"),
            at=NOON + 11 * HOUR,
        )
        assert both("2b") == ((1, 1), (1, 1))
        assert only(measured("2b").literal).took == 10 * HOUR

    def test_M04_with_neurology_it_is_not(self) -> None:
        case = triaged("weakness")
        scan(case, at=NOON + HOUR)
        reported(case, "mscc", NOON + 3 * HOUR, status="final")
        assert both("2b") == ((0, 0), (0, 0))

    @pytest.mark.parametrize(("presentation", "name"), [("weakness", "3"), ("pain_only", "2a")])
    def test_M05_a_limit_that_still_runs_is_counted_in_neither(self, presentation: str, name: str) -> None:
        case = triaged(presentation)
        limit = timedelta(hours=24 if name == "3" else 168)
        result, flags = beside(name, at=SUSPECTED + 10 * HOUR)
        assert (counts(result.literal), counts(result.adjusted)) == ((0, 0), (0, 0))
        assert [one.reference for one in result.running] == [case.reference]
        assert not flags
        after = measured(name, at=SUSPECTED + limit + MINUTE)
        assert (counts(after.literal), counts(after.adjusted)) == ((0, 1), (0, 1))
        assert not after.running

    def test_M05_what_was_met_early_counts_at_once(self) -> None:
        case = triaged("weakness")
        scan(case, at=NOON + HOUR)
        result = measured("3", at=NOON + 2 * HOUR)
        assert (counts(result.literal), counts(result.adjusted)) == ((1, 1), (1, 1))
        assert not result.running

    @pytest.mark.parametrize("name", ["2b", "6"])
    def test_M05_the_same_for_plans_and_radiotherapy(self, name: str) -> None:
        case = triaged("pain_only" if name == "2b" else "weakness")
        scan(case, at=NOON + HOUR)
        reported(
            case, "metastases_no_compression" if name == "2b" else "mscc", NOON + 2 * HOUR, status="final"
        )
        if name == "6":
            judged(case, at=NOON + 3 * HOUR, surgery_suitable="no", wants_radiotherapy="yes")
            report(case, "decision_to_treat", at=NOON + 3 * HOUR, modality="radiotherapy")
        result = measured(name, at=NOON + 10 * HOUR)
        assert (counts(result.literal), counts(result.adjusted)) == ((0, 0), (0, 0))
        assert [one.reference for one in result.running] == [case.reference]

    def test_M06_a_plan_signed_on_paper_counts_from_then_and_both_instants_are_kept(self) -> None:
        case = triaged("weakness", **IN_HOSPITAL)
        scan(case, at=NOON + HOUR)
        reported(case, "mscc", NOON + 2 * HOUR, status="final")
        report(case, "admitted", at=NOON + 4 * HOUR)
        typed, on_paper = NOON + DAY + HOUR, NOON + DAY - HOUR
        report(case, "discharged", at=NOON + DAY, by="client")
        assert both("7") == ((0, 1), (0, 1))
        keep_plan(case.reference, self.plan(on_paper), sign=True, act=act_by("coordinator", typed))
        assert both("7") == ((1, 1), (1, 1))
        plan = Plan.objects.get(referral=case, signed=True)
        assert plan.at == typed
        assert from_rfc3339(plan.content["signed_on_paper_at"]) == on_paper
        assert "discharge_plan" not in running(case)

    def plan(self, on_paper: Any) -> dict[str, Any]:
        return {
            "plan.key_worker": "Nurse Kit Barlow",
            "plan.who_to_call": "The coordinator",
            "plan.destination": "home",
            "plan.ongoing_care_assessed_on": "2026-11-20",
            "plan.rehabilitation_assessed_on": "2026-11-20",
            "plan.signed_on_paper_at": rfc3339(on_paper),
        }

    def test_M06_typed_after_the_discharge_without_paper_it_is_late(self) -> None:
        case = triaged("weakness", **IN_HOSPITAL)
        scan(case, at=NOON + HOUR)
        reported(case, "mscc", NOON + 2 * HOUR, status="final")
        report(case, "discharged", at=NOON + DAY, by="client")
        planned(case, at=NOON + DAY + 2 * HOUR)
        assert both("7") == ((0, 1), (0, 1))

    def test_M06_no_plan_is_signed_in_the_future_on_paper(self) -> None:
        from kernel.refusals import Invalid

        case = triaged("weakness", **IN_HOSPITAL)
        with pytest.raises(Invalid) as refused:
            keep_plan(
                case.reference, self.plan(NOON + DAY), sign=True, act=act_by("coordinator", NOON + HOUR)
            )
        assert "plan.signed_on_paper_at" in refused.value.errors

    @pytest.mark.parametrize("name", ["replaces", "report"])
    def test_E06_once_settled_no_statement_counts_it_as_mscc(self, name: str) -> None:
        case = triaged("weakness", **IN_HOSPITAL)
        scan(case, at=NOON + HOUR)
        reported(case, "mscc", NOON + 2 * HOUR, status="provisional", report="R1")
        report(case, "decision_to_treat", at=NOON + 3 * HOUR, modality="radiotherapy")
        judged(case, at=NOON + 3 * HOUR, surgery_suitable="no", wants_radiotherapy="yes")
        second = {"report": "R1"} if name == "report" else {"report": "R2", "replaces": "R1"}
        reported(case, "no_malignant_disease", NOON + 5 * HOUR, status="final", **second)
        report(case, "discharged", at=NOON + DAY, by="client")
        for statement in ("5", "6", "7"):
            assert both(statement) == ((0, 0), (0, 0)), statement
        told = [
            line
            for line in of_case(case.pk)
            if line.kind == "event_recorded" and line.facts["event"] == "mri_reported"
        ]
        assert [line.facts["result"] for line in told] == ["mscc", "no_malignant_disease"]

    def test_E06_taken_away_by_a_named_person_it_is_not_counted_either(self) -> None:
        case = triaged("weakness")
        scan(case, at=NOON + HOUR)
        number = reported(case, "mscc", NOON + 2 * HOUR, status="provisional")
        reported(case, "no_malignant_disease", NOON + 5 * HOUR, status="final")
        assert measured("5").literal.denominator == 1  # it stands until somebody settles it
        withdraw_finding(
            case.reference,
            finding=number,
            text="Amended, says Dr Shah",
            act=act_by("coordinator", NOON + 6 * HOUR),
        )
        assert measured("5").literal.denominator == 0
        assert picture(case).ruled_out


FOUND = ("mscc", {"regions": ["thoracic"], "status": "final"})
CLEAN = [
    ("no_malignant_disease", {"regions": ["lumbar"], "status": "final"}),
    ("no_malignant_disease", {"regions": WHOLE_SPINE, "status": "provisional"}),
    ("no_malignant_disease", {"regions": WHOLE_SPINE, "status": "final"}),
    ("no_malignant_disease", {"status": "final"}),
    ("non_diagnostic", {"regions": ["cervical"], "status": "final"}),
]


class TestOrders:
    """However reports of split scans arrive, a standing final positive is never overruled."""

    @pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
    @pytest.mark.parametrize("second", CLEAN, ids=str)
    def test_E04_every_order_of_three_reports(
        self, order: Sequence[int], second: tuple[str, dict[str, Any]]
    ) -> None:
        case = triaged("weakness", presentation__dexamethasone_given="yes")
        scan(case, at=NOON + HOUR, regions=["cervical", "thoracic"])
        scan(case, at=NOON + 2 * HOUR, regions=["lumbar"])
        told = [
            (FOUND, 3),
            (second, 4),
            (("no_malignant_disease", {"regions": ["lumbar"], "status": "provisional"}), 5),
        ]
        for step, place in enumerate(order):
            (result, more), hours = told[place]
            reported(case, result, NOON + hours * HOUR, late=NOON + (6 + step) * HOUR, **more)
            heard = 0 in order[: step + 1]
            assert picture(case).shows("mscc") == heard
            assert not (heard and picture(case).ruled_out)
        case = again(case)
        assert case.presentation["imaging_finding"] == "mscc"
        assert "decision_to_treat" in running(case)
        with pytest.raises(OutOfTurn):
            end_treatment_clocks(case.reference, act=act_by("coordinator", NOON + 10 * HOUR))

    def test_E05_a_scan_that_cannot_be_read_does_not_meet_statement_3(self) -> None:
        case = triaged("weakness")
        scan(case, at=NOON + HOUR)
        assert both("3") == ((1, 1), (1, 1))
        reported(case, "non_diagnostic", NOON + 2 * HOUR, status="final")
        assert both("3") == ((0, 1), (0, 1))
        mri = clock(case, "mri")
        assert (mri.started_at, mri.stopped_at) == (SUSPECTED, None)
        scan(case, at=SUSPECTED + 23 * HOUR)
        assert both("3") == ((1, 1), (1, 1))
        assert clock(case, "mri").stopped_at == SUSPECTED + 23 * HOUR

    def test_E05_read_again_and_amended_the_first_scan_counts(self) -> None:
        case = triaged("weakness")
        scan(case, at=NOON + HOUR)
        reported(case, "non_diagnostic", NOON + 2 * HOUR, status="provisional")
        assert "mri" in running(case)
        reported(case, "no_malignant_disease", NOON + 4 * HOUR, status="final")
        assert "mri" not in running(case)
        assert clock(case, "mri").stopped_at == NOON + HOUR
        assert picture(case).ruled_out

    def test_P03_a_named_person_may_let_the_finding_stand(self) -> None:
        case = triaged("weakness")
        scan(case, at=NOON + HOUR)
        found = reported(case, "mscc", NOON + 2 * HOUR, verified=True)
        clean = reported(case, "no_malignant_disease", NOON + 3 * HOUR, verified=False)
        assert picture(case).contradictions
        confirm_finding(
            case.reference,
            finding=found,
            report=clean,
            text="Heard wrongly, says Dr Shah",
            act=act_by("coordinator", NOON + 4 * HOUR),
        )
        assert not picture(case).contradictions
        assert picture(case).shows("mscc")


class TestWorse:
    def test_W01_earlier_scans_rule_nothing_out_any_more(self) -> None:
        case = triaged("weakness")
        scan(case, at=NOON + HOUR)
        reported(case, "no_malignant_disease", NOON + 2 * HOUR, status="final")
        assert picture(case).ruled_out
        report(
            case,
            "neurology_changed",
            at=NOON + 8 * HOUR,
            by="gp",
            neurology={"limb_weakness": "yes"},
            worse=["limb_weakness"],
            walking_now="no_power",
        )
        case = again(case)
        assert not picture(case).ruled_out
        assert (case.presentation["imaging_finding"], case.presentation["imaging_report"]) == ("none", "none")
        assert {"acknowledge", "voice_contact", "mri"} <= running(case)
        assert clock(case, "mri").due_at == NOON + 32 * HOUR

    def test_W02_the_second_compression_is_a_course_of_its_own(self) -> None:
        began = NOON - 21 * DAY
        case = triaged("weakness", at=began, **IN_HOSPITAL)
        scan(case, at=began + HOUR)
        reported(case, "mscc", began + 2 * HOUR, status="final")
        report(case, "decision_to_treat", at=began + 3 * HOUR, modality="radiotherapy")
        report(case, "radiotherapy_started", at=began + 5 * HOUR)
        report(case, "discharged", at=began + 2 * DAY, by="client")
        back = NOON
        report(case, "neurology_changed", at=back, by="gp", worse=["limb_weakness"])
        assert {"acknowledge", "voice_contact", "mri"} <= running(case)
        climb(at=back)
        assert Page.objects.filter(clock=clock(case, "acknowledge")).exclude(channel="screen").exists()
        scan(case, at=back + HOUR)
        reported(case, "mscc", back + 2 * HOUR, status="final")
        decision = clock(case, "decision_to_treat")
        assert (decision.started_at, decision.stopped_at) == (back + 2 * HOUR, None)
        report(case, "decision_to_treat", at=back + 3 * HOUR, modality="radiotherapy")
        radiotherapy = clock(case, "radiotherapy")
        assert (radiotherapy.started_at, radiotherapy.stopped_at) == (back + 3 * HOUR, None)
        assert clock(case, "decision_to_treat").stopped_because == "met"

    def test_W02_a_second_course_of_radiotherapy_is_decided_beside_the_first(self) -> None:
        began = NOON - 21 * DAY
        case = triaged("weakness", at=began, **IN_HOSPITAL)
        scan(case, at=began + HOUR)
        reported(case, "mscc", began + 2 * HOUR, status="final")
        first = {
            **RADIOTHERAPY,
            "started_at": rfc3339(began + 5 * HOUR),
            "completed_at": rfc3339(began + 6 * HOUR),
        }
        treated(case, "rt_single_8gy", at=began + 6 * HOUR, decided_at=rfc3339(began + 3 * HOUR), **first)
        report(case, "neurology_changed", at=NOON, by="gp", worse=["limb_weakness"])
        scan(case, at=NOON + HOUR)
        reported(case, "mscc", NOON + 2 * HOUR, status="final")
        before = {
            "reirradiation_considered": True,
            "good_response_before": "yes",
            "three_months_since_radiotherapy": "no",
        }
        treated(case, "rt_single_8gy", at=NOON + 3 * HOUR, seen=1, **RADIOTHERAPY, **before)
        courses = Treatment.objects.filter(referral=case).order_by("version")
        assert [one.decided_at for one in courses] == [began + 3 * HOUR, NOON + 3 * HOUR]
        radiotherapy = clock(case, "radiotherapy")
        assert (radiotherapy.started_at, radiotherapy.stopped_at) == (NOON + 3 * HOUR, None)


class TestDeathsAndEnds:
    @pytest.mark.parametrize("seen", [False, True], ids=["before the sweep", "after the sweep"])
    def test_P23_the_page_that_a_wrong_death_cancelled_is_sent_again(self, seen: bool) -> None:
        case = submitted("weakness")
        if seen:
            climb(at=NOON)
        report(case, "died", at=NOON - 5 * MINUTE, recorded_at=NOON + MINUTE, by="gp")
        assert running(case) == {"acknowledge"}
        climb(at=NOON + MINUTE)
        asks = clock(case, "acknowledge")
        assert Page.objects.filter(clock=asks).exclude(channel="screen").count() == 1
        deny_death(case.reference, text="Another patient", act=act_by("coordinator", NOON + 2 * MINUTE))
        assert {"acknowledge", "voice_contact", "mri"} <= running(case)
        climb(at=NOON + 2 * MINUTE)
        again_asked = clock(case, "acknowledge")
        assert again_asked.limit_hours == 0.25
        assert Page.objects.filter(clock=again_asked).exclude(channel="screen").exists()

    def test_P23_nobody_is_paged_twice_for_what_was_delivered(self) -> None:
        from oncall.sweep import sweep

        case = submitted("weakness")
        sweep(at=NOON)
        report(case, "died", at=NOON + MINUTE, by="gp")
        deny_death(case.reference, text="Another patient", act=act_by("coordinator", NOON + 2 * MINUTE))
        climb(at=NOON + 2 * MINUTE)
        assert not Page.objects.filter(clock=clock(case, "acknowledge")).exclude(channel="screen").exists()

    def test_P01_closed_and_opened_again_what_came_meanwhile_counts_from_its_time(self) -> None:
        case = triaged("pain_only")
        scan(case, at=NOON + HOUR)
        close_referral(
            case.reference,
            outcome="advice_only",
            text="No compression",
            by=actor("coordinator"),
            at=NOON + 2 * HOUR,
        )
        report(
            case,
            "neurology_changed",
            at=NOON + 3 * HOUR,
            by="gp",
            neurology={"sensory_disturbance": "yes"},
        )
        assert again(case).arrived_since == NOON + 3 * HOUR
        assert "acknowledge" in running(case)
        reopen_referral(case.reference, text="Worse", act=act_by("coordinator", NOON + 4 * HOUR))
        case = again(case)
        assert (case.stream, case.arrived_since) == ("emergency", None)
        assert clock(case, "mri", limit=24).due_at == NOON + 27 * HOUR

    def test_P01_facts_of_a_merged_referral_go_to_the_one_that_goes_on(self) -> None:
        from tests.builders import ONE_PERSON

        kept, other = triaged("pain_only", **ONE_PERSON), submitted("pain_only", **ONE_PERSON)
        merge_cases(
            kept.reference, other=other.reference, text="One person", act=act_by("coordinator", NOON + HOUR)
        )
        scan(other, at=NOON + 2 * HOUR)
        reported(other, "mscc", NOON + 3 * HOUR, status="final")
        assert again(kept).stream == "emergency"
        assert "decision_to_treat" in running(kept)
        assert again(other).arrived_since is None

    def test_P22_a_booking_that_fell_through_wakes_the_warning(self) -> None:
        case = triaged("weakness")
        report(case, "mri_booked", at=NOON + HOUR, booked_for=rfc3339(NOON + 20 * HOUR), site="Northmoor")
        climb(at=NOON + 5 * HOUR)
        about = Page.objects.filter(clock=clock(case, "mri")).exclude(channel="screen")
        assert not about.exists()
        report(case, "mri_cancelled", at=NOON + 6 * HOUR, reason="Scanner down")
        climb(at=NOON + 6 * HOUR)
        assert about.count() == 1

    def test_P22_cancelled_before_the_fourth_hour_the_warning_comes_at_its_time(self) -> None:
        case = triaged("weakness")
        report(case, "mri_booked", at=NOON + HOUR, booked_for=rfc3339(NOON + 20 * HOUR))
        report(case, "mri_cancelled", at=NOON + 2 * HOUR, reason="Scanner down")
        about = Page.objects.filter(clock=clock(case, "mri")).exclude(channel="screen")
        climb(at=NOON + 3 * HOUR)
        assert not about.exists()
        climb(at=SUSPECTED + 4 * HOUR)
        assert about.count() == 1

    def test_P22_a_booking_beyond_the_limit_pages(self) -> None:
        case = triaged("weakness")
        report(case, "mri_booked", at=NOON + HOUR, booked_for=rfc3339(NOON + 50 * HOUR), site="Northmoor")
        assert "acknowledge" in running(case)
        climb(at=NOON + HOUR)
        assert Page.objects.filter(clock=clock(case, "acknowledge")).exclude(channel="screen").exists()
