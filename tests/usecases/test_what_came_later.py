"""A scan, a treatment, a call, a booking or a decision is about what was known then, and not about what came later."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts import service as services
from governance.verification import verify_records
from kernel.time import rfc3339
from referrals.case.case_facts import evidence_of
from referrals.case.models import Event, Referral
from referrals.usecases.complete_findings import complete_findings
from referrals.usecases.deny_death import deny_death
from referrals.usecases.log_contact import Call, log_contact
from referrals.usecases.merge_cases import merge_cases
from referrals.usecases.record_details import record_details
from referrals.usecases.settle_finding import withdraw_finding
from referrals.usecases.triage_referral import triage_referral
from referrals.usecases.undo_merge import undo_merge
from tests.builders import (
    ALL_NO,
    NOON,
    ONE_PERSON,
    PRESENTATIONS,
    act_by,
    actor,
    again,
    clock,
    decision,
    report,
    running,
    scan,
    submitted,
    triaged,
)
from tests.usecases.measuring import judged, measured
from triage.assess import latest

pytestmark = pytest.mark.usefixtures("scene")
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
LATER = NOON + 48 * HOUR
DOSE = {"dose_mg": 16, "route": "oral", "given_at": rfc3339(NOON)}


def clean(case: Referral, *, at: datetime = NOON + 20 * HOUR, **more: Any) -> None:
    """A clean scan of the whole spine, finally reported."""
    scan(case, at=at, **more)
    report(case, "mri_reported", at=at + 2 * HOUR, result="no_malignant_disease", status="final", **more)


def is_ruled_out(case: Referral) -> bool:
    return evidence_of(again(case), service=services.current()).picture.ruled_out


def advice(case: Referral) -> set[str]:
    return {line["code"] for line in latest(case.pk).result["advice"]}


def care(case: Referral) -> set[str]:
    answers = latest(case.pk).care
    return {line["code"] for line in answers["care"]} if answers else set()


def merge(kept: Referral, other: Referral) -> None:
    at = LATER + 10 * MINUTE
    merge_cases(kept.reference, other=other.reference, text="One person", act=act_by("coordinator", at))


class TestNeurologyAfterAScan:
    @pytest.mark.parametrize("kept", ["earlier", "later"])
    def test_of_a_second_referral_is_not_ruled_out_by_the_scan_before_it(self, kept: str) -> None:
        first = triaged("pain_only", **ONE_PERSON)
        clean(first)
        assert is_ruled_out(first)
        second = submitted("weakness", at=LATER, by="ward", **ONE_PERSON)
        main, other = (first, second) if kept == "earlier" else (second, first)
        merge(main, other)
        assert not is_ruled_out(main)
        assert again(main).presentation["neurology"]["limb_weakness"] == "yes"
        assert "mri" in running(main)
        assert {"mri_whole_spine_24h", "offer_dexamethasone_16mg"} <= advice(main)
        scan(main, at=LATER + HOUR)
        assert clock(main, "mri", limit=24).stopped_at == LATER + HOUR
        result = measured("3").literal.counted
        assert [count.took for count in result] == [90 * MINUTE]

    @pytest.mark.parametrize("kept", ["earlier", "later"])
    def test_walking_that_is_lower_in_a_second_referral_is_worse_since_then(self, kept: str) -> None:
        first = triaged(
            "weakness", clinical__walking_now="with_aid", clinical__dexamethasone=DOSE, **ONE_PERSON
        )
        clean(first)
        assert "stop_dexamethasone" in advice(first)
        second = submitted(
            "weakness", at=LATER, by="ward", clinical__walking_now="not_walking_some_power", **ONE_PERSON
        )
        main, other = (first, second) if kept == "earlier" else (second, first)
        merge(main, other)
        assert not is_ruled_out(main)
        assert "continue_dexamethasone_16mg_daily" in advice(main)
        assert "mri" in running(main)
        assert verify_records()[1] is None
        undo_merge(other.reference, text="Two people", act=act_by("coordinator", LATER + HOUR))
        assert verify_records()[1] is None
        assert is_ruled_out(first)
        assert not is_ruled_out(second)

    def test_goes_with_its_referral_when_the_merge_is_undone(self) -> None:
        first = triaged("pain_only", **ONE_PERSON)
        clean(first)
        second = submitted("weakness", at=LATER, by="ward", **ONE_PERSON)
        merge(first, second)
        undo_merge(second.reference, text="Two people", act=act_by("coordinator", LATER + HOUR))
        assert is_ruled_out(first)
        assert again(first).presentation["neurology"]["limb_weakness"] == "no"
        assert again(second).presentation["neurology"]["limb_weakness"] == "yes"
        assert {"mri", "acknowledge"} <= running(second)

    @pytest.mark.parametrize("kept", ["first", "second"])
    def test_makes_nothing_of_what_the_referral_said_before_it(self, kept: str) -> None:
        """A worsening by an event leaves the findings of its referral at their own time, also after a merge is undone."""
        radicular = {"radicular_pain": "yes"}
        first = submitted({**PRESENTATIONS["pain_only"], "neurology": {**ALL_NO, **radicular}}, **ONE_PERSON)
        second = submitted("pain_only", by="ward", **ONE_PERSON)
        change = {"neurology": {"radicular_pain": "no"}, "worse": ["sensory_disturbance"]}
        report(first, "neurology_changed", at=NOON + 4 * HOUR, **change)
        before = [again(case).presentation for case in (first, second)]
        main, other = (first, second) if kept == "first" else (second, first)
        merge(main, other)
        undo_merge(other.reference, text="They are twins", act=act_by("coordinator", LATER + 20 * MINUTE))
        assert [again(case).presentation for case in (first, second)] == before

    @pytest.mark.parametrize("field", ["mscc_suspected_at", "clinical__neurology_onset_at"])
    def test_of_one_referral_is_not_ruled_out_by_a_scan_between_its_two_suspicions(self, field: str) -> None:
        case = submitted(
            "weakness", at=LATER, **{"clinician_suspected_at": rfc3339(NOON), field: rfc3339(LATER - HOUR)}
        )
        scan(case, at=NOON + 20 * HOUR, recorded_at=LATER)
        report(
            case,
            "mri_reported",
            at=NOON + 22 * HOUR,
            recorded_at=LATER,
            result="no_malignant_disease",
            status="final",
        )
        assert not is_ruled_out(case)
        assert "mri" in running(case)
        assert "mri_whole_spine_24h" in advice(case)

    @pytest.mark.parametrize(("progression", "is_open"), [("progressing_hours", True), ("stable", False)])
    def test_that_is_getting_worse_when_referred_is_not_ruled_out_by_a_scan_since_its_beginning(
        self, progression: str, is_open: bool
    ) -> None:
        case = submitted(
            "weakness",
            at=LATER,
            clinical__progression=progression,
            clinical__neurology_onset_at=rfc3339(NOON),
            clinical__dexamethasone={**DOSE, "given_at": rfc3339(LATER)},
        )
        scan(case, at=NOON + HOUR, recorded_at=LATER)
        sent: dict[str, Any] = {"result": "no_malignant_disease", "status": "final"}
        report(case, "mri_reported", at=NOON + 2 * HOUR, recorded_at=LATER, **sent)
        assert is_ruled_out(case) != is_open
        assert ("mri" in running(case)) == is_open
        assert ("stop_dexamethasone" in advice(case)) != is_open

    def test_that_arrives_after_a_person_called_the_spine_clean_was_not_known_to_them(self) -> None:
        case = triaged("weakness", clinical__dexamethasone=DOSE)
        answers = {
            "imaging_finding": "no_malignant_disease",
            "imaging_report": "final",
            "whole_spine_imaged": "yes",
        }
        stated = act_by("coordinator", NOON + 2 * HOUR)
        complete_findings(case.reference, answers, source="record", act=stated)
        assert is_ruled_out(case)
        worse_at = NOON + HOUR
        report(
            case,
            "neurology_changed",
            at=worse_at,
            recorded_at=NOON + 3 * HOUR,
            worse=["limb_weakness"],
        )
        assert not is_ruled_out(case)
        assert {"continue_dexamethasone_16mg_daily", "mri_whole_spine_24h"} <= advice(case)

    def test_before_the_scan_that_met_its_clock_makes_no_older_scan_meet_it(self) -> None:
        case = triaged("weakness")
        report(case, "neurology_changed", at=NOON + 10 * HOUR, worse=["limb_weakness"])
        scan(case, at=NOON + 9 * HOUR, recorded_at=NOON + 11 * HOUR)
        assert "mri" in running(case)
        scan(case, at=NOON + 30 * HOUR)
        report(case, "admitted", at=NOON + 31 * HOUR)
        scan(case, at=NOON + 32 * HOUR)
        assert clock(case, "mri").stopped_at == NOON + 30 * HOUR

    def test_counts_in_statement_3_with_the_scan_after_it(self) -> None:
        early, since = rfc3339(NOON), rfc3339(LATER - HOUR)
        case = submitted("weakness", at=LATER, clinician_suspected_at=early, mscc_suspected_at=since)
        scan(case, at=NOON + 20 * HOUR, recorded_at=LATER)
        assert [count.met for count in measured("3").literal.counted] == [False]
        scan(case, at=LATER + HOUR)
        assert [count.took for count in measured("3").literal.counted] == [2 * HOUR]


class TestNeurologyAfterATreatment:
    def treated(self, modality: str, started: str) -> Referral:
        case = triaged("weakness", clinical__dexamethasone=DOSE)
        scan(case, at=NOON + 2 * HOUR)
        report(case, "mri_reported", at=NOON + 3 * HOUR, result="mscc", status="final")
        report(case, "decision_to_treat", at=NOON + 4 * HOUR, modality=modality)
        report(case, started, at=NOON + 6 * HOUR)
        return case

    def test_is_no_time_to_take_the_steroid_down(self) -> None:
        case = self.treated("radiotherapy", "radiotherapy_started")
        assert "taper_dexamethasone" in care(case)
        report(case, "neurology_changed", at=LATER, worse=["limb_weakness"])
        assert "taper_dexamethasone" not in care(case)
        assert {"review_dexamethasone", "spinal_surgeon_first"} <= care(case)
        report(case, "radiotherapy_started", at=LATER + HOUR)
        assert "taper_dexamethasone" in care(case)

    def test_after_an_operation_the_surgeon_comes_first(self) -> None:
        case = self.treated("surgery", "surgery_started")
        assert "surgical_opinion_first" not in care(case)
        report(case, "neurology_changed", at=LATER, worse=["limb_weakness"])
        assert {"surgical_opinion_first", "spinal_surgeon_first"} <= care(case)


class TestCompressionAfterADecision:
    def decided(self) -> Referral:
        case = triaged("weakness")
        scan(case, at=NOON + HOUR, scan="A")
        for result, regions in (("mscc", ["thoracic"]), ("no_malignant_disease", ["cervical", "lumbar"])):
            sent: dict[str, Any] = {"result": result, "regions": regions, "scan": "A", "status": "final"}
            report(case, "mri_reported", at=NOON + 2 * HOUR, **sent)
        report(case, "decision_to_treat", at=NOON + 3 * HOUR, modality="radiotherapy")
        assert "decision_to_treat" not in running(case)
        return case

    def test_at_another_level_of_a_newer_scan_needs_another_decision(self) -> None:
        case = self.decided()
        scan(case, at=LATER, regions=["lumbar"], scan="B")
        found: dict[str, Any] = {"result": "cauda_equina_compression", "regions": ["lumbar"], "scan": "B"}
        report(case, "mri_reported", at=LATER + HOUR, **found)
        assert clock(case, "decision_to_treat").started_at == LATER + HOUR
        assert "decision_to_treat" in running(case)

    def test_at_the_same_level_needs_none(self) -> None:
        case = self.decided()
        scan(case, at=LATER, regions=["thoracic"], scan="B")
        report(case, "mri_reported", at=LATER + HOUR, result="mscc", regions=["thoracic"], scan="B")
        assert "decision_to_treat" not in running(case)


class TestPowerAfterPlegia:
    def excluded(self) -> Referral:
        case = triaged("weakness", clinical__walking_now="no_power")
        scan(case, at=NOON + HOUR)
        report(case, "mri_reported", at=NOON + 2 * HOUR, result="mscc", status="final")
        by = act_by("coordinator", NOON + 2 * HOUR)
        complete_findings(case.reference, {"pain_controlled_by_analgesia": "yes"}, source="record", act=by)
        judged(
            case,
            at=NOON + 3 * HOUR,
            complete_plegia="yes",
            plegia_two_weeks="yes",
            surgery_suitable="no",
            wants_radiotherapy="yes",
        )
        report(case, "decision_to_treat", at=NOON + 4 * HOUR, modality="radiotherapy")
        assert "urgent_radiotherapy_not_asked" in care(case)
        assert "radiotherapy" not in running(case)
        return case

    def test_told_by_a_ward_radiotherapy_is_urgent_again(self) -> None:
        case = self.excluded()
        report(case, "neurology_changed", at=NOON + 5 * HOUR, walking_now="not_walking_some_power")
        assert "urgent_radiotherapy_not_asked" not in care(case)
        assert clock(case, "radiotherapy").started_at == NOON + 4 * HOUR

    def test_of_one_muscle_in_the_record_radiotherapy_is_urgent_again(self) -> None:
        case = self.excluded()
        found = act_by("coordinator", NOON + 5 * HOUR)
        record_details(case.reference, {"record.power_l3_left": "2"}, act=found)
        assert "radiotherapy" in running(case)


class TestACall:
    def call(self, case: Referral, at: datetime, *, typed: datetime) -> None:
        entry = Call(
            occurred_at=at,
            direction="outgoing",
            channel="telephone",
            person="Dr Anand",
            with_referrer=True,
            outcome="spoke",
        )
        log_contact(case.reference, entry, by=actor("coordinator"), at=typed)

    def test_is_about_nothing_that_happened_after_it(self) -> None:
        case = triaged("weakness")
        self.call(case, NOON + 10 * MINUTE, typed=NOON + 10 * MINUTE)
        assert "voice_contact" not in running(case)
        report(case, "neurology_changed", at=NOON + 5 * HOUR, worse=["limb_weakness"])
        self.call(case, NOON + 2 * HOUR, typed=NOON + 5 * HOUR + MINUTE)
        assert "voice_contact" in running(case)
        self.call(case, NOON + 5 * HOUR + 2 * MINUTE, typed=NOON + 6 * HOUR)
        assert "voice_contact" not in running(case)

    def test_in_which_the_news_was_told_counts_though_the_news_was_typed_after_it(self) -> None:
        case = triaged("weakness")
        self.call(case, NOON + 10 * MINUTE, typed=NOON + 10 * MINUTE)
        worse_at, typed = NOON + 5 * HOUR, NOON + 6 * HOUR
        report(case, "neurology_changed", at=worse_at, recorded_at=typed, worse=["limb_weakness"])
        self.call(case, worse_at + 10 * MINUTE, typed=typed + MINUTE)
        assert "voice_contact" not in running(case)

    def test_before_an_examination_that_found_it_worse_is_not_about_it(self) -> None:
        case = triaged("weakness", clinical__walking_now="unaided")
        self.call(case, NOON + 10 * MINUTE, typed=NOON + 10 * MINUTE)
        found = act_by("coordinator", NOON + 3 * HOUR)
        record_details(case.reference, {"clinical.walking_now": "no_power"}, act=found)
        self.call(case, NOON + 2 * HOUR, typed=NOON + 3 * HOUR + MINUTE)
        assert "voice_contact" in running(case)


class TestADecisionOfTheStream:
    def lowered(self) -> Referral:
        case = triaged("weakness")
        lower = decision(
            case,
            stream="one_week",
            override_code="known_and_unchanged",
            override_text="Weak since polio",
            urgency="within_1_week",
        )
        return triage_referral(case.reference, lower, act=act_by("coordinator", NOON + HOUR))

    @pytest.mark.parametrize(
        ("kind", "data"),
        [("admitted", {}), ("immobilised", {}), ("neurology_changed", {"walking_now": "unaided"})],
    )
    def test_holds_while_nothing_that_decides_the_stream_changes(
        self, kind: str, data: dict[str, Any]
    ) -> None:
        case = self.lowered()
        report(case, kind, at=NOON + 2 * HOUR, **data)
        assert again(case).stream == "one_week"
        assert "acknowledge" not in running(case)

    @pytest.mark.parametrize(
        ("kind", "data"),
        [
            ("neurology_changed", {"worse": ["limb_weakness"]}),
            ("neurology_changed", {"neurology": {"sensory_disturbance": "yes"}}),
            ("mri_reported", {"result": "mscc", "regions": ["thoracic"]}),
        ],
    )
    def test_gives_way_to_what_is_worse(self, kind: str, data: dict[str, Any]) -> None:
        case = self.lowered()
        report(case, kind, at=NOON + 2 * HOUR, **data)
        assert again(case).stream == "emergency"
        assert {"acknowledge", "voice_contact", "mri"} <= running(case)

    def test_gives_way_to_a_report_whose_own_scan_still_counts(self) -> None:
        """The suspicion that a report of today raises is no time at which the neurology of the referral came."""
        case = self.lowered()
        scan(case, at=NOON + 2 * HOUR)
        report(case, "mri_reported", at=NOON + 3 * HOUR, result="mscc", status="final")
        report(case, "admitted", at=NOON + 4 * HOUR)
        case = again(case)
        assert (case.stream, case.presentation["whole_spine_imaged"]) == ("emergency", "yes")
        assert "mri" not in running(case)
        assert not {"mri_whole_spine_24h", "ct_instead_of_mri"} & advice(case)


def test_a_finding_that_a_person_took_away_does_not_come_back_when_its_report_is_sent_again() -> None:
    case = triaged("weakness")
    scan(case, at=NOON + HOUR)
    sent: dict[str, Any] = {"result": "mscc", "status": "final"}
    first = report(case, "mri_reported", at=NOON + 2 * HOUR, **sent)
    taken = act_by("coordinator", NOON + 3 * HOUR)
    withdraw_finding(case.reference, finding=first.pk, text="Another person's images", act=taken)
    report(case, "mri_reported", at=NOON + 2 * HOUR, recorded_at=NOON + 4 * HOUR, **sent)
    assert Event.objects.filter(kind="mri_reported").count() == 2
    assert again(case).presentation["imaging_finding"] == "none"
    report(case, "mri_reported", at=NOON + 5 * HOUR, **sent)
    assert again(case).presentation["imaging_finding"] == "mscc"


def test_a_death_that_is_reported_again_hides_nothing_that_came_between() -> None:
    case = triaged("weakness")
    report(case, "died", at=NOON + HOUR)
    report(case, "mri_reported", at=NOON + 2 * HOUR, result="mscc")
    report(case, "died", at=NOON + HOUR, recorded_at=NOON + 3 * HOUR)
    deny_death(case.reference, text="Another patient", act=act_by("coordinator", NOON + 4 * HOUR))
    assert clock(case, "acknowledge", limit=0.25).started_at == NOON + 4 * HOUR
    assert {"acknowledge", "voice_contact"} <= running(case)


def test_a_cancellation_that_comes_late_leaves_the_booking_after_it() -> None:
    case = triaged("weakness")
    report(case, "mri_booked", at=NOON + HOUR, site="Northmoor")
    report(case, "mri_booked", at=NOON + 3 * HOUR, site="Southmoor")
    report(case, "mri_cancelled", at=NOON + 2 * HOUR, recorded_at=NOON + 4 * HOUR, reason="Scanner down")
    assert clock(case, "mri").booked_at is not None
    report(case, "mri_cancelled", at=NOON + 5 * HOUR, reason="Scanner down")
    assert clock(case, "mri").booked_at is None
