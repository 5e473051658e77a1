"""Inputs that once failed, each by its id: facts for cases that are over, repeated or late."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from demo.patients import NEUROLOGY, PAIN, findings
from kernel.time import now, rfc3339
from oncall.models import Page
from oncall.sweep import climb
from referrals.case.models import Event
from referrals.usecases.acknowledge_referral import acknowledge_referral
from referrals.usecases.close_referral import close_referral
from tests.builders import act_by, actor, clock, running
from tests.doors.forms import send_act as send
from tests.doors.machines import Machine
from tests.truths.sender import (
    ALARMED,
    COORDINATOR,
    EMERGENCY,
    PAIN_ONLY,
    Sender,
    ago,
    notices,
    page_of,
    pages_about,
)


class TestFactsThatArrive:
    def closed(self, hospital: Machine) -> Sender:
        of = Sender(hospital, PAIN_ONLY)
        of.acknowledge()
        of.scanned(60)
        close_referral(
            of.reference,
            outcome="advice_only",
            text="No sign of compression",
            by=actor("coordinator"),
            at=now(),
        )
        climb(at=now())
        assert not running(of.case)
        return of

    @pytest.mark.parametrize(
        ("kind", "data"),
        [
            ("mri_reported", {"result": "mscc", "verified": True}),
            ("mri_reported", {"result": "metastases_no_compression", "status": "provisional"}),
            ("neurology_changed", {"neurology": {"sensory_disturbance": "yes"}}),
            ("neurology_changed", {"worse": ["gait_disturbance"]}),
        ],
    )
    def test_P01_a_report_or_worse_neurology_for_a_closed_case_reaches_a_human(
        self, hospital: Machine, coordinator: Client, kind: str, data: dict[str, Any]
    ) -> None:
        of = self.closed(hospital)
        before = pages_about(of.case)
        answer = of.tell(kind, 1, **data)
        assert "case_is_over" in notices(answer)
        assert answer["status"] == "closed"
        assert Event.objects.filter(referral=of.case, kind=kind).exists()
        assert "acknowledge" in running(of.case)
        assert pages_about(of.case) > before
        board = coordinator.get(reverse("worklist")).content.decode()
        assert "1 for ended cases" in board
        assert of.reference in coordinator.get(reverse("worklist"), {"show": "arrived"}).content.decode()
        assert "Something arrived after this case had ended" in page_of(of.case)

    def test_P01_the_sender_is_told_whom_to_ring(self, hospital: Machine) -> None:
        assert COORDINATOR in str(self.closed(hospital).reported("mscc", 1, verified=True))

    def test_P01_opened_again_it_is_an_emergency_with_its_clocks(
        self, hospital: Machine, coordinator: Client
    ) -> None:
        of = self.closed(hospital)
        of.reported("mscc", 1, verified=True)
        send(coordinator, of.case, "reopen", text="The report shows compression")
        shown = of.read()
        assert (shown["status"], shown["stream"]) == ("in_progress", "emergency")
        assert "decision_to_treat" in running(of.case)
        assert "for ended cases" not in coordinator.get(reverse("worklist")).content.decode()

    def test_P01_or_somebody_says_why_it_stays_closed(self, hospital: Machine, coordinator: Client) -> None:
        of = self.closed(hospital)
        of.reported("mscc", 1, verified=True)
        assert (
            "Write why the case stays closed" in send(coordinator, of.case, "settle-arrival").content.decode()
        )
        send(coordinator, of.case, "settle-arrival", text="Of another patient; radiology rung")
        assert of.read()["status"] == "closed"
        assert not running(of.case)
        assert "for ended cases" not in coordinator.get(reverse("worklist")).content.decode()

    @pytest.mark.parametrize("kind", ["mri_booked", "admitted", "discharged"])
    def test_P01_everything_else_waits_on_the_board_without_a_page(
        self, hospital: Machine, coordinator: Client, kind: str
    ) -> None:
        of = self.closed(hospital)
        before = pages_about(of.case)
        assert "case_is_over" in notices(of.tell(kind, 1))
        assert pages_about(of.case) == before
        assert "1 for ended cases" in coordinator.get(reverse("worklist")).content.decode()

    def test_P01_the_same_for_a_withdrawn_referral(self, hospital: Machine) -> None:
        of = Sender(
            hospital,
            {
                "cancer_context": "none_known",
                "pain": findings(PAIN, "mechanical"),
                "neurology": findings(NEUROLOGY),
            },
        )
        answer = hospital.post(f"referrals/{of.reference}/withdraw/", {"reason": "Wrong person"}, key=None)
        assert answer.json()["status"] == "withdrawn"
        before = pages_about(of.case)
        assert "case_is_over" in notices(of.reported("mscc", 1, verified=True))
        assert pages_about(of.case) > before

    def test_P22_a_booking_beyond_the_limit_pages_and_one_that_fell_through_can_be_said(
        self, hospital: Machine
    ) -> None:
        of = Sender(hospital, EMERGENCY, suspected=60 * 5)
        of.quiet()
        before = pages_about(of.case)
        late = of.tell("mri_booked", 100, site="Northmoor", booked_for=rfc3339(now() + timedelta(hours=50)))
        assert "booked_after_limit" in notices(late)
        assert pages_about(of.case) > before
        assert "mri" in running(of.case)
        acknowledge_referral(of.reference, act=act_by("coordinator", now()))
        climb(at=now())
        before = pages_about(of.case, "mri")
        assert clock(of.case, "mri").booked_at is not None
        of.tell("mri_cancelled", 1, reason="Scanner down")
        assert clock(of.case, "mri").booked_at is None
        assert pages_about(of.case, "mri") > before  # past the fourth hour: nothing is booked

    def test_P22_a_booking_in_time_is_no_warning(self, hospital: Machine) -> None:
        of = Sender(hospital, EMERGENCY)
        of.quiet()
        told = of.tell("mri_booked", 10, site="Northmoor", booked_for=rfc3339(now() + timedelta(hours=2)))
        assert not notices(told)
        assert "acknowledge" not in running(of.case)

    def test_P22_cancelled_after_the_scan_touches_nothing(self, hospital: Machine) -> None:
        of = Sender(hospital, EMERGENCY)
        of.tell("mri_booked", 60, booked_for=ago(30))
        of.scanned(30)
        assert "scan_already_done" in notices(of.tell("mri_cancelled", 10))
        assert clock(of.case, "mri").stopped_because == "met"

    @pytest.mark.parametrize("kind", ["mri_not_performed", "booking_cancelled"])
    def test_P22_another_word_for_it_is_refused_by_name(self, hospital: Machine, kind: str) -> None:
        of = Sender(hospital, EMERGENCY)
        refused = of.tell(kind, 1, answered=422)
        assert "mri_cancelled" in refused["errors"]["kind"][0]
        assert refused["on_call"]["telephone"] == COORDINATOR

    def test_P23_a_death_of_somebody_else_silences_nobody_for_long(
        self, hospital: Machine, coordinator: Client
    ) -> None:
        of = Sender(hospital, EMERGENCY)
        of.tell("died", 5)
        assert running(of.case) == {"acknowledge"}  # somebody is asked to confirm
        assert pages_about(of.case) == 1
        assert "A death was reported" in page_of(of.case)
        send(coordinator, of.case, "alive", text="Another patient")
        assert ALARMED | {"mri"} <= running(of.case)
        assert clock(of.case, "acknowledge").limit_hours == 0.25
        owed = clock(of.case, "acknowledge")
        climb(at=now())
        assert Page.objects.filter(clock=owed).exclude(channel="screen").exists()

    @pytest.mark.parametrize("fresh", ["new", "same"])
    def test_D24_the_same_dose_is_counted_once(self, hospital: Machine, fresh: str) -> None:
        of = Sender(hospital, EMERGENCY)
        at = ago(20)
        for number, (dose, key) in enumerate(((16, "k1"), (16.0, "k2" if fresh == "new" else "k1"))):
            told = of.tell(
                "dexamethasone_given",
                at,
                dose_mg=dose,
                route="oral",
                key=key,
                answered=201 if number == 0 or fresh == "new" else 200,
            )
        assert ("likely_repeat" in notices(told)) == (fresh == "new")
        assert len([c for c in of.read()["clocks"] if c["kind"] == "steroid_review"]) == 1
        assert Event.objects.filter(referral=of.case).count() == (2 if fresh == "new" else 1)

    def test_D24_raw_numbers_of_json(self, hospital: Machine) -> None:
        of = Sender(hospital, EMERGENCY)
        path, at = f"referrals/{of.reference}/events/", ago(20)
        raw = '{"kind": "dexamethasone_given", "occurred_at": "%s", "data": {"dose_mg": %s}}'
        answers = [hospital.post(path, raw % (at, dose), key="one") for dose in ("16", "16.0", "1.6e1")]
        assert [answer.status_code for answer in answers] == [201, 200, 200]
        other = hospital.post(path, raw % (at, "8"), key="one")
        assert other.status_code == 409

    def test_D24_a_likely_repeat_is_asked_about_on_the_case(self, hospital: Machine) -> None:
        of = Sender(hospital, EMERGENCY)
        at = ago(20)
        for key in ("a", "b"):
            of.tell("dexamethasone_given", at, dose_mg=16, key=key)
        assert re.search(r"repeat|told (before|twice)|counted once", page_of(of.case))
