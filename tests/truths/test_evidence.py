"""Inputs that once failed, each by its id: imaging by region."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from kernel.time import now
from referrals.usecases.acknowledge_referral import acknowledge_referral
from tests.builders import WHOLE_SPINE, act_by, clock, running
from tests.doors.forms import send_act as send
from tests.doors.machines import Machine
from tests.truths.sender import (
    EMERGENCY,
    ON_STEROID,
    WEAK,
    Sender,
    ago,
    codes,
    notices,
    page_of,
    pages_about,
    the_finding_stands,
)


class TestEvidence:
    """What is known of the spine, told by a hospital system."""

    @pytest.mark.parametrize("reverse_order", [False, True])
    @pytest.mark.parametrize(
        "more", [{}, {"regions": WHOLE_SPINE}, {"regions": ["thoracic"]}], ids=["bare", "whole", "part"]
    )
    def test_P03_a_verified_positive_is_never_overruled_by_an_unverified_clean_report(
        self, hospital: Machine, reverse_order: bool, more: dict[str, Any]
    ) -> None:
        of = Sender(hospital, ON_STEROID)
        of.quiet()
        of.scanned(50)
        told = [("mscc", ago(30), True), ("no_malignant_disease", ago(20), False)]
        before = pages_about(of.case)
        for result, at, verified in reversed(told) if reverse_order else told:
            last = of.reported(result, at, verified=verified, **more)
        assert "finding_contradicted" in notices(last)
        assert pages_about(of.case) > before
        assert of.read()["imaging"]["contradicted"] is True
        the_finding_stands(of)
        page = page_of(of.case)
        assert "Two reports contradict each other" in page
        assert "A provisional report of" in page
        assert "decision_to_treat" in running(of.case)

    @pytest.mark.parametrize("suspected", [30, 45])
    def test_P03_the_scan_may_be_older_than_the_suspicion(self, hospital: Machine, suspected: float) -> None:
        of = Sender(hospital, ON_STEROID, suspected=suspected)
        of.scanned(50)
        of.reported("mscc", 30, verified=True)
        of.reported("no_malignant_disease", 20, verified=False)
        the_finding_stands(of)

    @pytest.mark.parametrize("named", [False, True], ids=["by regions", "by scan"])
    def test_E01_a_clean_lumbar_spine_says_nothing_of_the_thoracic(
        self, hospital: Machine, named: bool
    ) -> None:
        of = Sender(hospital, WEAK)
        of.quiet()
        of.scanned(120, "cervical", "thoracic", scan="A1")
        of.reported("mscc", 60, status="final", **({"scan": "A1"} if named else {}))
        of.scanned(50, "lumbar", scan="B2")
        last = of.reported("no_malignant_disease", 0, status="final", **({"scan": "B2"} if named else {}))
        the_finding_stands(of)
        assert "decision_to_treat" in running(of.case)
        assert "finding_contradicted" not in notices(last)
        states = {r["region"]: r["state"] for r in of.read()["imaging"]["regions"]}
        assert states == {
            "cervical": "finding",
            "thoracic": "finding",
            "lumbar": "clean",
            "sacral": "not_scanned",
        }

    @pytest.mark.parametrize("late", [False, True])
    def test_E02_two_regions_await_their_report(self, hospital: Machine, late: bool) -> None:
        of = Sender(hospital, WEAK)
        told = [
            lambda: of.scanned(120, "lumbar"),
            lambda: of.reported("no_malignant_disease", 60, status="final", regions=["lumbar"]),
            lambda: of.scanned(50, "cervical", "thoracic"),
        ]
        for tell in [told[2], *told[:2]] if late else told:
            tell()
        shown = of.read()
        assert shown["imaging"]["ruled_out"] is False
        assert (shown["presentation"]["imaging_finding"], shown["presentation"]["whole_spine_imaged"]) == (
            "none",
            "yes",
        )
        said = codes(shown["triage"]["advice"])
        assert "stop_dexamethasone" not in said
        assert "continue_dexamethasone_16mg_daily" in said
        assert "imaging_result_outstanding" in codes(shown["triage"]["warnings"])
        waiting = {r["region"] for r in shown["imaging"]["regions"] if r["state"] == "not_reported"}
        assert waiting == {"cervical", "thoracic"}
        assert "mri_report" in running(of.case)
        assert "Nothing is ruled out: cervical, thoracic scanned and not reported" in page_of(of.case)

    @pytest.mark.parametrize(
        "when_stated", [{}, {"whole_spine_imaged": "yes", "imaging_report": "final"}], ids=["clean", "final"]
    )
    def test_E03_an_old_clean_scan_on_the_form_reassures_nobody(
        self, hospital: Machine, when_stated: dict[str, str]
    ) -> None:
        of = Sender(hospital, {**WEAK, "imaging_finding": "no_malignant_disease", **when_stated})
        for scanned in (False, True):
            if scanned:
                of.scanned(20)
            shown = of.read()
            assert shown["imaging"]["ruled_out"] is False
            assert shown["presentation"]["imaging_finding"] == "none"
            assert shown["imaging"]["stated"]["imaging_finding"] == "no_malignant_disease"
            assert "stop_dexamethasone" not in codes(shown["triage"]["advice"])
            assert ("imaging_result_outstanding" in codes(shown["triage"]["warnings"])) is scanned
            assert ("mri_whole_spine_24h" in codes(shown["triage"]["advice"])) is not scanned
        for page in (page_of(of.case), page_of(of.case, by="ward", name="referral")):
            assert "Stated in the referral: it can raise the stream but rules nothing out" in page
        assert "mri_report" in running(of.case)

    @pytest.mark.parametrize("reverse_order", [False, True])
    @pytest.mark.parametrize(
        "part", [WHOLE_SPINE, ["lumbar"], ["thoracic"]], ids=["whole", "lumbar", "thoracic"]
    )
    @pytest.mark.parametrize("clean_at", [90, 10], ids=["older", "newer"])
    def test_E04_a_clean_report_takes_no_finding_away(
        self, hospital: Machine, reverse_order: bool, part: list[str], clean_at: float
    ) -> None:
        of = Sender(hospital, WEAK)
        of.scanned(150)
        told = [("mscc", 60, {}), ("no_malignant_disease", clean_at, {"regions": part})]
        for result, at, more in reversed(told) if reverse_order else told:
            of.reported(result, at, status="final", **more)
        the_finding_stands(of)

    @pytest.mark.parametrize("status", ["final", "provisional"])
    def test_E05_a_scan_that_cannot_be_read_is_no_scan(self, hospital: Machine, status: str) -> None:
        of = Sender(hospital, EMERGENCY)
        started = clock(of.case, "mri").started_at
        of.scanned(60)
        assert "mri" not in running(of.case)
        of.reported("non_diagnostic", 30, status=status)
        mri = clock(of.case, "mri")
        assert (mri.stopped_at, mri.started_at) == (None, started)
        assert mri.due_at == started + timedelta(hours=24)
        shown = of.read()
        assert "mri_whole_spine_24h" in codes(shown["triage"]["advice"])
        assert shown["presentation"]["whole_spine_imaged"] != "yes"
        of.scanned(5)
        assert "mri" not in running(of.case)
        assert clock(of.case, "mri").stopped_because == "met"

    def test_E05_one_region_that_cannot_be_read_leaves_the_clock_running(self, hospital: Machine) -> None:
        of = Sender(hospital, EMERGENCY)
        of.scanned(60)
        of.reported("non_diagnostic", 30, status="final", regions=["cervical"])
        assert "mri" in running(of.case)
        assert "mri_whole_spine_24h" in of.advice()
        of.scanned(5, "cervical")
        assert "mri" not in running(of.case)

    @pytest.mark.parametrize("by", ["replaces", "report"])
    def test_E06_a_final_clean_report_that_replaces_the_first_is_looked_at_by_a_named_person(
        self, hospital: Machine, by: str
    ) -> None:
        of = Sender(hospital, ON_STEROID)
        of.quiet()
        of.scanned(90)
        of.reported("mscc", 60, status="provisional", report="R1")
        seen = pages_about(of.case)
        acknowledge_referral(of.reference, act=act_by("coordinator", now()))
        second = {"report": "R1"} if by == "report" else {"report": "R2", "replaces": "R1"}
        last = of.reported("no_malignant_disease", 30, status="final", **second)
        assert {"finding_replaced", "finding_contradicted"} & notices(last)
        assert pages_about(of.case) > seen
        page = page_of(of.case)
        assert page.count("Scan reported") >= 2
        told = [
            line
            for line in of.hospital.get(f"referrals/{of.reference}/timeline/").json()["results"]
            if line["kind"] == "event_recorded" and "report" in line["what"].lower()
        ]
        assert len(told) == 2
        assert of.read()["stream"] == "emergency"

    def test_E07_what_rests_on_a_finding_that_changed_is_marked_and_its_owner_told(
        self, hospital: Machine, coordinator: Client
    ) -> None:
        of = Sender(hospital, ON_STEROID)
        of.quiet()
        of.scanned(120)
        of.reported("mscc", 100, status="final", report="R1")
        of.tell("decision_to_treat", 80, modality="radiotherapy")
        send(
            coordinator,
            of.case,
            "ask",
            kind="task",
            owed_by="deputy",
            text="Book the planning scan",
            within="4",
        )
        last = of.reported("no_malignant_disease", 20, status="final", regions=WHOLE_SPINE)
        assert "finding_contradicted" in notices(last)
        assert "radiotherapy" in running(of.case)  # nothing is undone by itself
        page = page_of(of.case)
        assert "This depends on it" in page
        assert "radiotherapy" in page.split("This depends on it")[1].split("</ul>")[0].lower()
        assert "A finding has changed" in page
        assert "Nothing was undone automatically" in page
        assert "review" in running(of.case)
        assert pages_about(of.case, "review") >= 1

    @pytest.mark.parametrize("how", ["withdrawn", "replaced", "taken away"])
    def test_E07_however_the_finding_changes(self, hospital: Machine, coordinator: Client, how: str) -> None:
        of = Sender(hospital, ON_STEROID)
        of.quiet()
        of.scanned(120)
        of.reported("mscc", 100, status="final", report="R1")
        of.tell("decision_to_treat", 80, modality="surgery")
        if how == "withdrawn":
            of.tell("mri_reported", 20, status="withdrawn", report="R1")
        elif how == "replaced":
            of.reported("no_malignant_disease", 20, status="amended", report="R1")
        else:
            send(coordinator, of.case, "withdraw-finding", text="Of another patient, says Dr Shah")
        assert "review" in running(of.case)
        page = page_of(of.case)
        assert "A finding has changed" in page
        assert "surgery" in page.split("A finding has changed")[1].split("</li>")[0].lower()
