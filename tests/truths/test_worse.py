"""Inputs that once failed, each by its id: worse neurology."""

from typing import Any

import pytest
from django.test import Client

from kernel.time import now, rfc3339
from referrals.usecases.acknowledge_referral import acknowledge_referral
from tests.builders import act_by, clock, running
from tests.doors.forms import send_act as send
from tests.doors.machines import Machine
from tests.scenery import undone
from tests.truths.sender import ALARMED, EMERGENCY, Sender, ago, codes, page_of, pages_about


class TestWorse:
    def test_W01_a_sign_that_was_yes_already_pages_when_it_is_worse(self, hospital: Machine) -> None:
        of = Sender(hospital, EMERGENCY, clinical__walking_now="with_aid")
        of.quiet()
        of.scanned(60)
        assert "mri" not in running(of.case)
        before, at = pages_about(of.case), ago(10)
        of.tell(
            "neurology_changed",
            at,
            neurology={"limb_weakness": "yes"},
            worse=["limb_weakness"],
            walking_now="no_power",
        )
        self.is_alarmed(of, at, before)

    WAYS: tuple[dict[str, Any], ...] = (
        {"worse": ["limb_weakness"]},
        {"worse": ["saddle_or_sphincter_signs"]},
        {"walking_now": "no_power"},
        {"walking_now": "not_walking_some_power"},
        {"neurology": {"sensory_disturbance": "yes"}},
        {"neurology": {"limb_weakness": "no"}, "worse": ["gait_disturbance"]},
    )

    def test_W01_each_way_of_saying_it(self, hospital: Machine) -> None:
        of = Sender(hospital, EMERGENCY, clinical__walking_now="with_aid")
        of.quiet()
        of.scanned(60)
        before = pages_about(of.case)
        for data in self.WAYS:
            with undone():
                at = ago(10)
                of.tell("neurology_changed", at, **data)
                self.is_alarmed(of, at, before)

    def is_alarmed(self, of: Sender, at: str, before: int) -> None:
        case = of.case
        assert ALARMED | {"mri"} <= running(case)
        assert pages_about(case) > before
        assert (clock(case, "acknowledge").limit_hours, clock(case, "voice_contact").limit_hours) == (
            0.25,
            0.5,
        )
        mri = clock(case, "mri")
        assert (rfc3339(mri.started_at), mri.limit_hours, mri.formal) == (at, 24, True)
        shown = of.read()
        assert shown["mscc_suspected_at"] == at
        assert shown["presentation"]["whole_spine_imaged"] == "not_assessed"
        assert shown["imaging"]["ruled_out"] is False
        assert "mri_whole_spine_24h" in codes(shown["triage"]["advice"])

    @pytest.mark.parametrize("same", ["no_power", "not_assessed", "unaided"])
    def test_W01_what_is_not_worse_alarms_nobody(self, hospital: Machine, same: str) -> None:
        of = Sender(hospital, EMERGENCY, clinical__walking_now="no_power")
        of.quiet()
        of.tell("neurology_changed", 10, neurology={"limb_weakness": "yes"}, walking_now=same)
        assert not ALARMED & running(of.case)
        assert of.read()["presentation"]["neurology"]["gait_disturbance"] == "yes"

    def test_W01_on_the_web_form_a_sign_that_is_yes_may_be_worse(
        self, hospital: Machine, coordinator: Client
    ) -> None:
        of = Sender(hospital, EMERGENCY)
        of.quiet()
        before = pages_about(of.case)
        send(coordinator, of.case, "deterioration", worse=["limb_weakness"], walking_now="no_power")
        assert ALARMED | {"mri"} <= running(of.case)
        assert pages_about(of.case) > before
        assert "<strong>Worse.</strong>" in page_of(of.case)

    def test_W02_a_second_compression_after_treatment_with_the_same_signs(self, hospital: Machine) -> None:
        of = Sender(hospital, EMERGENCY, suspected=60 * 24 * 22)
        of.quiet()
        day = 60 * 24
        of.scanned(21.9 * day)
        of.reported("mscc", 21.8 * day, status="final")
        of.tell("decision_to_treat", 21.7 * day, modality="radiotherapy")
        of.tell("radiotherapy_started", 21.5 * day)
        of.tell("discharged", 20 * day)
        acknowledge_referral(of.reference, act=act_by("coordinator", now()))
        before, at = pages_about(of.case), ago(30)
        of.tell("neurology_changed", at, worse=["limb_weakness"])
        self.is_alarmed(of, at, before)
        assert of.read()["status"] in ("in_progress", "in_treatment")
        page = page_of(of.case)
        strip = page.split('class="strip"')[1].split("</ol>")[0]
        assert strip.index("Radiotherapy") < strip.index("Worse.")
        of.scanned(20)
        of.reported("mscc", 10, status="final")
        assert "decision_to_treat" in running(of.case)

    @pytest.mark.parametrize("result", ["mscc", "cauda_equina_compression", "impending_compression"])
    @pytest.mark.parametrize("status", ["provisional", "final"])
    def test_W03_a_report_of_compression_pages_however_far_the_case_is(
        self, hospital: Machine, result: str, status: str
    ) -> None:
        of = Sender(hospital, EMERGENCY)
        of.quiet()
        of.scanned(60)
        before = pages_about(of.case)
        of.reported(result, 5, status=status)
        assert running(of.case) >= ALARMED
        assert (clock(of.case, "acknowledge").limit_hours, clock(of.case, "voice_contact").limit_hours) == (
            0.25,
            0.5,
        )
        assert pages_about(of.case) > before
        assert ("decision_to_treat" in running(of.case)) == (result != "impending_compression")
