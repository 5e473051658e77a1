"""Inputs that once failed, each by its id: through REST, the web forms and the pages."""

import base64
import html
import re
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts import service as services
from accounts.models import ApiClient, Organisation, User
from kernel.time import now, rfc3339
from mscc.demo.cases import play_all
from mscc.demo.patients import NEUROLOGY, PAIN, findings, nhs_number
from oncall import clocks
from oncall.models import Clock, Page
from oncall.sweep import climb
from referrals.models import Event, Referral
from referrals.record_fields import GROUPS
from referrals.usecases.acknowledge_referral import acknowledge_referral
from referrals.usecases.close_referral import close_referral
from referrals.usecases.triage_referral import triage_referral
from referrals.web.steps import STEPS
from tests.builders import WHOLE_SPINE, actor, again, body, clock, decision, running, set_the_scene
from tests.doors.forms import WebForm, fields, signed_in
from tests.doors.machines import Machine
from tests.doors.test_case_page import send

pytestmark = pytest.mark.django_db

COORDINATOR = "01632 960999"
ALARMED = {"acknowledge", "voice_contact"}
TO_EXAMINE = [
    "saddle_or_sphincter_signs",
    "neurology.bladder_or_bowel_dysfunction",
    "neurology.gait_disturbance",
    "neurology.limb_weakness",
    "neurology.cord_or_cauda_equina_signs",
]
STEROID = {
    "offer_dexamethasone_16mg",
    "continue_dexamethasone_16mg_daily",
    "consider_corticosteroid",
}
EMERGENCY: dict[str, Any] = {
    "cancer_context": "current", "haematological_malignancy": "no", "primary_site": "breast",
    "pain": {"progressive": "yes"}, "neurology": findings(NEUROLOGY, "limb_weakness", "gait_disturbance"),
}  # fmt: skip
ON_STEROID = {**EMERGENCY, "dexamethasone_given": "yes"}
WEAK = {**ON_STEROID, "neurology": findings(NEUROLOGY, "limb_weakness")}
PAIN_ONLY: dict[str, Any] = {
    "cancer_context": "current", "haematological_malignancy": "no", "primary_site": "prostate",
    "pain": findings(PAIN, "nocturnal"), "neurology": findings(NEUROLOGY),
}  # fmt: skip


@pytest.fixture(autouse=True)
def scene(db: None) -> None:
    set_the_scene(at=now())


@pytest.fixture
def hospital() -> Machine:
    return Machine()


@pytest.fixture
def coordinator() -> Client:
    return signed_in("coordinator")


def ago(minutes: float) -> str:
    return rfc3339(now() - timedelta(minutes=minutes))


class Sender:
    """A hospital system and one referral that it has sent."""

    def __init__(
        self, hospital: Machine, presentation: dict[str, Any], *, suspected: float = 180, **changes: Any
    ) -> None:
        sent = body(presentation, at=now(), **{"clinician_suspected_at": ago(suspected), **changes})
        sent["referrer"]["organisation_ods"] = "RXX01"
        self.hospital, self.sent = hospital, sent
        answer = hospital.post("referrals/", sent)
        assert answer.status_code == 201, answer.content
        self.answer = answer.json()
        self.reference = self.answer["reference"]

    @property
    def case(self) -> Referral:
        return Referral.objects.get(reference=self.reference)

    def tell(
        self, kind: str, minutes: float | str, *, answered: int = 201, key: str = "", **data: Any
    ) -> dict[str, Any]:
        """Report a fact that happened so many minutes ago, or at this instant."""
        at = minutes if isinstance(minutes, str) else ago(minutes)
        number = Event.objects.count()
        answer = self.hospital.post(
            f"referrals/{self.reference}/events/", {"kind": kind, "occurred_at": at, "data": data},
            key=key or f"{self.reference}-{kind}-{number}-{at}",
        )  # fmt: skip
        assert answer.status_code == answered, answer.content
        found: dict[str, Any] = answer.json()
        return found

    def scanned(self, minutes: float, *regions: str, **more: Any) -> dict[str, Any]:
        return self.tell(
            "mri_performed", minutes, modality="mri", regions=list(regions or WHOLE_SPINE), **more
        )

    def reported(self, result: str, minutes: float | str, **more: Any) -> dict[str, Any]:
        return self.tell("mri_reported", minutes, result=result, **more)

    def read(self) -> dict[str, Any]:
        answer = self.hospital.get(f"referrals/{self.reference}/")
        assert answer.status_code == 200
        found: dict[str, Any] = answer.json()
        return found

    def advice(self) -> set[str]:
        return codes(self.read()["triage"]["advice"])

    def quiet(self) -> None:
        """Acknowledged, spoken to and triaged as suggested: nothing waits for a human."""
        self.acknowledge()
        triage_referral(
            self.reference,
            decision(again(self.case)),
            by=actor("coordinator"),
            at=now(),
            service=services.current(),
        )
        send(signed_in("coordinator"), self.case, "contact", outcome="spoke")
        climb(at=now())
        assert not ALARMED & running(self.case)

    def acknowledge(self) -> None:
        acknowledge_referral(self.reference, by=actor("coordinator"), at=now())


def codes(lines: Iterable[dict[str, Any]]) -> set[str]:
    return {line["code"] for line in lines}


def notices(answer: dict[str, Any]) -> set[str]:
    return codes(answer["notices"])


def pages_about(case: Referral, kind: str = "acknowledge") -> int:
    """How many pages beside the screen have been written about a kind of clock, after a sweep now."""
    climb(at=now())
    return Page.objects.filter(clock__case=case.pk, clock__kind=kind).exclude(channel="screen").count()


def page_of(case: Referral, *, by: str = "coordinator", name: str = "case") -> str:
    answer = signed_in(by).get(reverse(name, args=[case.reference]))
    assert answer.status_code == 200
    found: str = answer.content.decode()
    return found


def evaluated(hospital: Machine, presentation: dict[str, Any]) -> dict[str, Any]:
    answer = hospital.post(
        "triage/evaluate/", {"presentation": presentation, "clinician_suspected_at": ago(10)}, key=None
    )
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    return found


def the_finding_stands(of: Sender, *, whole_spine: bool = True) -> None:
    """Compression stands: steroid goes on, treatment is asked for, and nobody may end that as not needed."""
    shown = of.read()
    assert shown["presentation"]["imaging_finding"] == "mscc"
    assert shown["imaging"]["ruled_out"] is False
    said = codes(shown["triage"]["advice"])
    assert "stop_dexamethasone" not in said
    assert "continue_dexamethasone_16mg_daily" in said
    assert shown["stream"] == shown["triage"]["stream"] == "emergency"
    page = page_of(of.case)
    assert "MSCC is ruled out" not in page
    assert "Stop dexamethasone" not in page
    assert "These clocks may end as not needed" not in page
    answer = signed_in("coordinator").post(reverse("act", args=[of.reference, "end-clocks"]), {}, follow=True)
    assert "A finding stands on imaging, or its result is open" in answer.content.decode()


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
        assert "Two reports say opposite things" in page
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
            assert "Stated in the referral: it can raise, and rules nothing out" in page
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
        acknowledge_referral(of.reference, by=actor("coordinator"), at=now())
        second = {"report": "R1"} if by == "report" else {"report": "R2", "replaces": "R1"}
        last = of.reported("no_malignant_disease", 30, status="final", **second)
        assert {"finding_replaced", "finding_contradicted"} & notices(last)
        assert pages_about(of.case) > seen
        page = page_of(of.case)
        assert page.count("Scan reported") >= 2
        told = [line for line in of.hospital.get(f"referrals/{of.reference}/timeline/").json()["results"]
                if line["kind"] == "event_recorded" and "report" in line["what"].lower()]  # fmt: skip
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
        assert "This rests on it" in page
        assert "radiotherapy" in page.split("This rests on it")[1].split("</ul>")[0].lower()
        assert "A finding has changed" in page
        assert "Nothing was undone by itself" in page
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

    @pytest.mark.parametrize(
        "data",
        [
            {"worse": ["limb_weakness"]},
            {"worse": ["saddle_or_sphincter_signs"]},
            {"walking_now": "no_power"},
            {"walking_now": "not_walking_some_power"},
            {"neurology": {"sensory_disturbance": "yes"}},
            {"neurology": {"limb_weakness": "no"}, "worse": ["gait_disturbance"]},
        ],
    )
    def test_W01_each_way_of_saying_it(self, hospital: Machine, data: dict[str, Any]) -> None:
        of = Sender(hospital, EMERGENCY, clinical__walking_now="with_aid")
        of.quiet()
        of.scanned(60)
        before, at = pages_about(of.case), ago(10)
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
        acknowledge_referral(of.reference, by=actor("coordinator"), at=now())
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
        acknowledge_referral(of.reference, by=actor("coordinator"), at=now())
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
            told = of.tell("dexamethasone_given", at, dose_mg=dose, route="oral", key=key,
                           answered=201 if number == 0 or fresh == "new" else 200)  # fmt: skip
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


class TestGuideline:
    @pytest.mark.parametrize("given", ["not_assessed", "no", "yes"])
    @pytest.mark.parametrize("whole", ["no", "not_assessed"])
    def test_S01_an_abscess_is_no_reason_for_a_steroid(
        self, hospital: Machine, given: str, whole: str
    ) -> None:
        found = evaluated(hospital, {
            "cancer_context": "current", "neurology": {"limb_weakness": "yes"}, "whole_spine_imaged": whole,
            "imaging_finding": "non_malignant_compression", "dexamethasone_given": given,
        })  # fmt: skip
        advice = codes(found["advice"])
        assert found["stream"] == "emergency"
        assert not advice & STEROID
        assert "hold_dexamethasone_discuss_spinal_surgery" in advice
        assert "stop_dexamethasone" not in advice
        assert "discuss_spinal_surgery_now" in codes(found["warnings"])
        held = next(
            line for line in found["advice"] if line["code"] == "hold_dexamethasone_discuss_spinal_surgery"
        )
        assert held["strength"] == "act"

    def test_S01_in_a_case_by_a_report_of_the_lumbar_spine(self, hospital: Machine) -> None:
        of = Sender(hospital, EMERGENCY)
        of.scanned(60, "lumbar")
        of.reported("non_malignant_compression", 30, status="final")
        shown = of.read()
        advice = codes(shown["triage"]["advice"])
        assert not advice & STEROID
        assert "hold_dexamethasone_discuss_spinal_surgery" in advice
        assert "discuss_spinal_surgery_now" in codes(shown["triage"]["warnings"])
        assert "mri" in running(of.case)
        assert "abscess" in page_of(of.case).lower()

    @pytest.mark.parametrize("severity", [None, 9])
    def test_S02_a_lymphoma_of_long_ago_and_one_pain(self, hospital: Machine, severity: int | None) -> None:
        found = evaluated(hospital, {
            "cancer_context": "past", "haematological_malignancy": "confirmed", "primary_site": "lymphoma",
            "pain": findings(PAIN, "claudication"), "neurology": findings(NEUROLOGY), "pain_severity": severity,
        })  # fmt: skip
        advice = codes(found["advice"])
        assert found["stream"] == "one_week"
        assert not advice & STEROID
        assert "hold_dexamethasone_discuss_haematology" in advice

    def test_S02_read_from_the_primary_alone(self, hospital: Machine) -> None:
        found = evaluated(hospital, {
            "cancer_context": "past", "primary_site": "lymphoma", "pain": findings(PAIN, "nocturnal"),
            "neurology": findings(NEUROLOGY),
        })  # fmt: skip
        assert "hold_dexamethasone_discuss_haematology" in codes(found["advice"])
        assert not codes(found["advice"]) & STEROID

    @pytest.mark.parametrize(
        "sent",
        [
            {"presentation__active_infection": "yes"},
            {"clinical__active_infection": "yes"},
            {"clinical__active_infection": "yes", "presentation__dexamethasone_given": "yes"},
        ],
    )
    def test_S03_an_infection_reaches_whoever_refers_by_machine(
        self, hospital: Machine, sent: dict[str, Any]
    ) -> None:
        presentation = {"cancer_context": "current", "neurology": {"limb_weakness": "yes"}}
        of = Sender(hospital, presentation, **sent)
        assert "infection_before_dexamethasone" in codes(of.answer["triage"]["warnings"])
        assert of.answer["presentation"]["active_infection"] == "yes"
        assert "infection" in page_of(of.case, by="ward", name="referral").lower()

    def test_S03_the_same_without_a_referral(self, hospital: Machine) -> None:
        asked = {
            "cancer_context": "current",
            "neurology": {"limb_weakness": "yes"},
            "active_infection": "yes",
        }
        assert "infection_before_dexamethasone" in codes(evaluated(hospital, asked)["warnings"])

    @pytest.mark.parametrize("context", ["suspected", "none_known"])
    @pytest.mark.parametrize("pains", [("mechanical", "severe_unremitting"), ()], ids=["U01", "U02"])
    def test_U01_U02_an_unstable_spine_is_never_told_nothing(
        self, hospital: Machine, context: str, pains: tuple[str, ...]
    ) -> None:
        found = evaluated(hospital, {
            "cancer_context": context, "pain": findings(PAIN, *pains), "neurology": findings(NEUROLOGY),
            "instability_signs": "yes", "pain_severity": 9, "movement_pain": "severe",
        })  # fmt: skip
        assert found["contact"] == "within_24_hours"
        advice = codes(found["advice"])
        assert {"consider_immobilisation", "stability_advice_24h", "seek_coordinator_advice_24h"} <= advice
        assert "use_local_spinal_route" in codes(found["warnings"])
        assert {"stability_advice", "coordinator_advice"} <= {c["kind"] for c in found["clocks"]}

    def test_U03_somebody_who_cannot_give_a_history_is_not_sent_home(self, hospital: Machine) -> None:
        found = evaluated(
            hospital, {"cancer_context": "none_known", "pain_severity": 10, "instability_signs": "yes"}
        )
        advice = {line["code"]: line for line in found["advice"]}
        assert found["stream"] == "insufficient_information"
        assert {
            "adequate_analgesia", "pain_assessment_and_plan", "consider_immobilisation", "stability_advice_24h",
            "safety_net_advice", "examine_neurology_now", "seek_coordinator_advice_24h", "record_key_information",
        } <= set(advice)  # fmt: skip
        assert "carer" in advice["examine_neurology_now"]["text"].lower()
        assert "watch" in advice["examine_neurology_now"]["text"].lower()
        assert found["contact"] == "within_24_hours"
        assert found["ask_next"][:5] == TO_EXAMINE

    @pytest.mark.parametrize("context", ["current", "past", "suspected", "none_known"])
    def test_A01_bladder_and_legs_are_asked_first(self, hospital: Machine, context: str) -> None:
        asked = evaluated(hospital, {"cancer_context": context})["ask_next"]
        assert asked[:5] == TO_EXAMINE
        assert {f"neurology.{name}" for name in NEUROLOGY} <= set(asked)
        assert {f"pain.{name}" for name in PAIN} <= set(asked)
        assert asked.index("neurology.radicular_pain") < asked.index("pain.severe_unremitting")

    def test_A02_a_firm_emergency_asks_what_changes_the_next_hour(self, hospital: Machine) -> None:
        found = evaluated(hospital, {"cancer_context": "current", "neurology": {"limb_weakness": "yes"}})
        assert (found["stream"], found["provisional"]) == ("emergency", False)
        assert {
            "instability_signs", "mri_contraindicated", "haematological_malignancy", "active_infection",
            "dexamethasone_given",
        } <= set(found["ask_next"])  # fmt: skip


class TestRecord:
    def keep(self, of: Sender, slug: str, *, by: str = "coordinator", **fields: str) -> Any:
        name = "record_part" if by == "coordinator" else "referral_more_part"
        sent = {name.replace("__", "."): value for name, value in fields.items()}
        answer = signed_in(by).post(reverse(name, args=[of.reference, slug]), sent, follow=True)
        assert answer.status_code == 200, answer.content
        return answer.content.decode()

    def part(self, path: str) -> str:
        return next(group.slug for group in GROUPS if path in {spec.path for spec in group.fields})

    def test_R01_what_was_examined_is_evidence(self, hospital: Machine) -> None:
        of = Sender(hospital, PAIN_ONLY)
        of.quiet()
        before = pages_about(of.case)
        signs = {
            "record.bladder": "retention", "record.post_void_residual_ml": "800", "record.saddle_sensation": "absent",
            "record.power_l3_left": "0", "record.sensory_level": "T10",
        }  # fmt: skip
        assert of.read()["stream"] == "one_week"
        for slug in dict.fromkeys(self.part(path) for path in signs):
            self.keep(of, slug, **{p: v for p, v in signs.items() if self.part(p) == slug})
        shown = of.read()
        assert (shown["stream"], shown["triage"]["stream"]) == ("emergency", "emergency")
        assert "cauda_equina_4h" in codes(shown["triage"]["warnings"])
        assert ALARMED | {"mri"} <= running(of.case)
        assert clock(of.case, "mri", limit=24).stopped_at is None
        assert pages_about(of.case) > before
        neurology = shown["presentation"]["neurology"]
        assert {neurology[name] for name in (
            "bladder_or_bowel_dysfunction", "limb_weakness", "cord_or_cauda_equina_signs")} == {"yes"}  # fmt: skip
        assert shown["presentation"]["saddle_or_sphincter_signs"] == "yes"
        page = page_of(of.case)
        assert page.count("Does not fit:") >= 4
        assert "Which is right?" in page

    @pytest.mark.parametrize(
        ("path", "value", "finding"),
        [
            ("record.bladder", "retention", "bladder_or_bowel_dysfunction"),
            ("record.post_void_residual_ml", "200", "bladder_or_bowel_dysfunction"),
            ("record.power_l3_left", "0", "limb_weakness"),
            ("record.power_c5_right", "4", "limb_weakness"),
            ("record.sensory_level", "T10", "cord_or_cauda_equina_signs"),
            ("record.plantars", "extensor_both", "cord_or_cauda_equina_signs"),
            ("record.clonus", "yes", "cord_or_cauda_equina_signs"),
            ("record.saddle_sensation", "absent", ""),
            ("record.anal_tone", "reduced", ""),
        ],
    )
    @pytest.mark.parametrize("by", ["coordinator", "ward"])
    def test_R01_each_sign_by_itself_by_either_side(
        self, hospital: Machine, path: str, value: str, finding: str, by: str
    ) -> None:
        of = Sender(hospital, PAIN_ONLY)
        of.quiet()
        before = pages_about(of.case)
        self.keep(of, self.part(path), by=by, **{path: value})
        shown = of.read()
        found = (
            shown["presentation"]["neurology"][finding]
            if finding
            else shown["presentation"]["saddle_or_sphincter_signs"]
        )
        assert found == "yes"
        assert shown["stream"] == "emergency"
        assert ALARMED | {"mri"} <= running(of.case)
        assert pages_about(of.case) > before

    def test_R01_a_residual_below_the_limit_raises_nothing(self, hospital: Machine) -> None:
        of = Sender(hospital, PAIN_ONLY)
        of.quiet()
        path = "record.post_void_residual_ml"
        self.keep(of, self.part(path), **{path: "199"})
        assert of.read()["stream"] == "one_week"
        assert not ALARMED & running(of.case)

    @pytest.mark.parametrize(
        "path", ["record.mri_pacemaker", "record.mri_clips", "record.mri_cochlear", "record.mri_metal"]
    )
    def test_R02_a_device_asks_about_the_scanner_at_once(self, hospital: Machine, path: str) -> None:
        of = Sender(hospital, EMERGENCY)
        of.acknowledge()
        self.keep(of, self.part(path), **{path: "yes"})
        assert (
            of.read()["presentation"]["mri_contraindicated"] == "not_assessed"
        )  # a question, never an answer
        page = page_of(of.case)
        asked = page.split("Does not fit:")[1].split("</p>")[0]
        assert "Which is right?" in asked
        assert "mri_contraindicated" in of.read()["triage"]["ask_next"]

    def test_R02_a_device_against_an_answer_of_no_is_a_contradiction(self, hospital: Machine) -> None:
        of = Sender(hospital, {**EMERGENCY, "mri_contraindicated": "no"})
        path = "record.mri_pacemaker"
        self.keep(of, self.part(path), **{path: "yes"})
        assert "Does not fit:" in page_of(of.case)


TWINS = {
    "patient__nhs_number": None, "patient__nhs_number_unknown_reason": "Not at hand", "patient__family_name": "Twinnings",
    "patient__date_of_birth": "1946-07-21", "patient__sex": "female",
}  # fmt: skip


class TestIdentity:
    def refer(self, **changes: Any) -> Referral:
        """By the practice, on the web form, without joining anything."""
        presentation = changes.pop("presentation", EMERGENCY)
        form, sent = WebForm("gp"), body(presentation, at=now(), **changes)
        answer = form.fill(sent)
        assert answer.status_code == 302, answer.content
        return Referral.objects.latest("id")

    def twins(self) -> tuple[Referral, Referral]:
        return self.refer(**TWINS, patient__given_name="Edith"), self.refer(
            **TWINS, patient__given_name="Enid"
        )

    def test_P07_twins_are_merged_only_with_a_confirmation(self, coordinator: Client) -> None:
        edith, enid = self.twins()
        assert edith.episode_id != enid.episode_id
        answer = send(coordinator, edith, "merge", other=enid.reference, text="Same birthday")
        assert answer.status_code == 422
        assert again(enid).status == "submitted"
        assert ALARMED | {"mri"} <= running(enid)
        assert "given name differs" in page_of(edith)
        send(coordinator, edith, "merge", other=enid.reference, text="Rang the family", confirmed="yes")
        assert again(enid).merged_into_id == edith.pk

    @pytest.mark.parametrize("how", ["unmerge", "reopen"])
    def test_P09_a_merge_of_twins_is_undone_and_the_second_runs_again(
        self, coordinator: Client, how: str
    ) -> None:
        edith = self.refer(**TWINS, patient__given_name="Edith", presentation=PAIN_ONLY)
        enid = self.refer(**TWINS, patient__given_name="Enid")
        stood, promised = running(edith), running(enid)
        send(coordinator, edith, "merge", other=enid.reference, text="Same birthday", confirmed="yes")
        assert again(edith).stream == "emergency"
        assert running(enid) == set()
        if how == "reopen":
            answer = coordinator.post(
                reverse("act", args=[enid.reference, "reopen"]), {"text": "They are twins"}, follow=True
            )
            assert "undo" in answer.content.decode().lower()
        send(coordinator, enid, "unmerge", text="They are twins")
        edith, enid = again(edith), again(enid)
        assert (enid.merged_into_id, enid.status, enid.stream) == (None, "submitted", "emergency")
        assert running(enid) == promised
        assert edith.presentation["neurology"]["limb_weakness"] == "no"
        assert edith.stream == "one_week"
        assert running(edith) == stood
        assert edith.episode_id != enid.episode_id

    def three(self) -> list[Referral]:
        number = nhs_number(700)
        people = (("Harrowgate", "June", "1951-04-09", "female"), ("Harrowgate", "Joan", "1951-04-09", "female"),
                  ("Pettifer", "Ivan", "1938-11-30", "male"))  # fmt: skip
        return [
            self.refer(
                patient__nhs_number=number,
                patient__family_name=family,
                patient__given_name=given,
                patient__date_of_birth=born,
                patient__sex=sex,
            )
            for family, given, born, sex in people
        ]

    def test_P06_one_number_on_three_people_is_a_loud_warning_and_no_merge(self, coordinator: Client) -> None:
        june, joan, ivan = self.three()
        assert len({case.episode_id for case in (june, joan, ivan)}) == 3
        for case in (june, joan, ivan):
            page = page_of(case)
            alarm = page.split("Same NHS number, perhaps another person")[1].split("</div>")[0]
            others = {june.reference, joan.reference, ivan.reference} - {case.reference}
            assert all(reference in alarm for reference in others)
            assert "<strong>Same person:</strong>" not in page
        for other in (ivan, joan):
            assert (
                send(coordinator, june, "merge", other=other.reference, text="One number").status_code == 422
            )
            assert again(other).merged_into_id is None
        send(coordinator, june, "merge", other=joan.reference, text="Known as Joan", confirmed="yes")
        assert again(joan).merged_into_id == june.pk

    def test_P08_somebody_unidentified_is_named_on_the_running_case(
        self, hospital: Machine, coordinator: Client
    ) -> None:
        known = self.refer(patient__nhs_number=nhs_number(701), patient__family_name="Laterknown",
                           patient__given_name="Peter", patient__date_of_birth="1955-09-09", patient__sex="male")  # fmt: skip
        of = Sender(hospital, EMERGENCY, patient={"identity_unknown": True})
        stood = {(c.kind, c.started_at) for c in _clocks(of.case)}
        assert "This person is not identified" in page_of(of.case)
        answer = send(coordinator, of.case, "identify", family_name="Laterknown", given_name="Peter",
                      date_of_birth__day="9", date_of_birth__month="9", date_of_birth__year="1955",
                      nhs_number=nhs_number(701), sex="male", text="Wallet, brought by the police")  # fmt: skip
        assert answer.status_code == 200, re.findall(
            r"error-message.*?</span>", answer.content.decode(), re.S
        )
        assert known.reference in answer.content.decode()
        shown = of.read()
        assert (shown["patient"]["family_name"], shown["patient"]["identity_unknown"]) == (
            "Laterknown",
            False,
        )
        assert (shown["patient"]["nhs_number"], shown["patient"]["date_of_birth"]) == (
            nhs_number(701),
            "1955-09-09",
        )
        assert {(c.kind, c.started_at) for c in _clocks(of.case)} == stood
        assert shown["status"] == "submitted"
        page = page_of(of.case)
        assert known.reference in page
        assert f'value="{known.reference}"' in page.split('id="merge"')[1].split("</form>")[0]
        send(coordinator, of.case, "merge", other=known.reference, text="The same man")
        assert again(known).merged_into_id == of.case.pk

    def test_P08_what_is_missing_is_named_and_nothing_is_written(
        self, hospital: Machine, coordinator: Client
    ) -> None:
        of = Sender(hospital, EMERGENCY, patient={"identity_unknown": True})
        answer = send(
            coordinator, of.case, "identify", family_name="Laterknown", nhs_number="9990000019", text="Wallet"
        )
        assert answer.status_code == 422
        assert "Enter the date of birth" in answer.content.decode()
        assert of.read()["patient"]["identity_unknown"] is True

    @pytest.mark.parametrize("first", ["'", "\u2019"])
    def test_P04_apostrophes_are_one(self, hospital: Machine, coordinator: Client, first: str) -> None:
        other = "\u2019" if first == "'" else "'"
        who = {"patient__nhs_number": None, "patient__nhs_number_unknown_reason": "Not at hand",
               "patient__given_name": "Moira", "patient__date_of_birth": "1949-05-06", "patient__sex": "female"}  # fmt: skip
        one = Sender(hospital, EMERGENCY, patient__family_name=f"O{first}Quillan", **who)
        two = Sender(hospital, PAIN_ONLY, patient__family_name=f"O{other}Quillan", **who)
        for typed in ("O'Quillan", "O\u2019Quillan", "oquillan", "O\u02bcQUILLAN"):
            found = hospital.post("referrals/search/", {"family_name": typed}, key=None).json()["results"]
            assert {case["reference"] for case in found} == {one.reference, two.reference}, typed
            listed = coordinator.post(reverse("worklist"), {"search": typed}, follow=True).content.decode()
            assert one.reference in listed and two.reference in listed, typed
        assert f"Perhaps the same person:</strong></p><ul><li>{one.reference}" in page_of(two.case)
        offered = self.check_page("ward", patient__family_name=f"O{first}Quillan", **who)
        assert "Is this one of your open cases?" in offered
        assert one.reference in offered

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("Müller-Ødegård", "Muller Odegard"),
            ("Smith-Jones", "Smith Jones"),
            ("Renée", "Renee"),
            ("d’Arcy", "DArcy"),
        ],
    )
    def test_P04_accents_hyphens_and_case_are_one(self, hospital: Machine, one: str, other: str) -> None:
        Sender(hospital, EMERGENCY, patient__family_name=one)
        for typed in (one, other):
            assert (
                len(hospital.post("referrals/search/", {"family_name": typed}, key=None).json()["results"])
                == 1
            )

    def check_page(self, user: str, **changes: Any) -> str:
        form = WebForm(user)
        self.fill(form, **changes)
        found: str = form.client.get(reverse("check_referral", args=[form.number])).content.decode()
        return found

    def fill(self, form: WebForm, **changes: Any) -> None:
        sent = body(EMERGENCY, at=now(), **changes)
        for step in STEPS:
            form.client.post(reverse("referral_step", args=[form.number, step.slug]), fields(sent))

    def test_I01_not_the_same_person_is_obeyed(self, coordinator: Client) -> None:
        number = nhs_number(702)
        first = self.refer(patient__nhs_number=number, patient__family_name="Sandbrook", patient__given_name="Amy",
                           patient__date_of_birth="1950-01-02", patient__sex="female")  # fmt: skip
        form = WebForm("gp")
        self.fill(form, patient__nhs_number=number, patient__family_name="Overbury", patient__given_name="Carl",
                  patient__date_of_birth="1961-03-04", patient__sex="male")  # fmt: skip
        offered = form.client.get(reverse("check_referral", args=[form.number])).content.decode()
        assert "Check the NHS number" in offered
        answer = form.send(join="", not_the_same=first.reference)
        assert answer.status_code == 302
        second = Referral.objects.latest("id")
        assert second.episode_id != first.episode_id
        for case in (first, second):
            page = page_of(case)
            assert "<strong>Same person:</strong>" not in page
            assert "Same NHS number, perhaps another person" in page
            assert "The referrer said: not the same person" in page
            own = page_of(case, by="gp", name="referral")
            assert "Same person" not in own
            assert "same person" not in own.lower().replace("not the same person", "")

    def test_I01_the_same_name_and_birth_is_obeyed_too(self) -> None:
        who = {"patient__nhs_number": nhs_number(703), "patient__family_name": "Sandbrook", "patient__given_name": "Amy",
               "patient__date_of_birth": "1950-01-02", "patient__sex": "female"}  # fmt: skip
        first = self.refer(**who)
        form = WebForm("gp")
        self.fill(form, **who)
        assert form.send(join="", not_the_same=first.reference).status_code == 302
        second = Referral.objects.latest("id")
        assert second.pk != first.pk
        assert second.episode_id != first.episode_id
        assert "Same person" not in page_of(second, by="gp", name="referral")

    @pytest.mark.parametrize("same", [True, False])
    def test_I02_nothing_tells_a_practice_who_is_in_the_service(self, hospital: Machine, same: bool) -> None:
        who = {"patient__nhs_number": nhs_number(704), "patient__family_name": "Sandbrook", "patient__given_name": "Amy",
               "patient__date_of_birth": "1950-01-02", "patient__sex": "female"}  # fmt: skip
        of = Sender(hospital, EMERGENCY, **who)
        typed = (
            who
            if same
            else {**who, "patient__family_name": "Overbury", "patient__date_of_birth": "1961-03-04"}
        )
        offered = self.check_page("gp", **typed)
        plain = self.check_page("gp", **{**typed, "patient__nhs_number": nhs_number(705)})
        for page in (offered, plain):
            assert of.reference not in page
            assert "your open cases" not in page
            assert "Check the NHS number" not in page
        second = self.refer(**typed)
        for name in ("referral", "referral_live", "referral_summary"):
            page = page_of(second, by="gp", name=name)
            assert of.reference not in page
            assert "Same person" not in page
        assert of.reference not in signed_in("gp").get(reverse("referrals")).content.decode()
        assert signed_in("gp").get(reverse("referral", args=[of.reference])).status_code == 404

    def test_I02_nor_a_machine(self, hospital: Machine) -> None:
        who = {"patient__nhs_number": nhs_number(706), "patient__family_name": "Sandbrook", "patient__given_name": "Amy",
               "patient__date_of_birth": "1950-01-02", "patient__sex": "female"}  # fmt: skip
        own = self.refer(**who)
        of = Sender(hospital, EMERGENCY, **who)
        assert own.reference not in str(of.answer)
        assert own.reference not in str(of.read())
        assert not hospital.post(
            "referrals/search/", {"nhs_number": who["patient__nhs_number"]}, key=None
        ).json()["results"][1:]

    @pytest.mark.parametrize(
        ("typed", "links", "beside"),
        [
            ("01632 960111 ext 4521", {"+441632960111;ext=4521"}, ("4521",)),
            ("switchboard 01632 960000, bleep 1234", {"+441632960000"}, ("bleep 1234",)),
            ("01632 960111 / 07700 900123", {"+441632960111", "+447700900123"}, ()),
            ("+44 (0)1632 960111", {"+441632960111"}, ()),
            ("ask for the registrar", set(), ("ask for the registrar",)),
            ("01632 960111 x4521", {"+441632960111;ext=4521"}, ("4521",)),
            ("bleep 0123", set(), ("bleep 0123",)),
        ],
    )
    def test_P20_what_is_dialled_is_a_number(
        self, hospital: Machine, typed: str, links: set[str], beside: tuple[str, ...]
    ) -> None:
        of = Sender(hospital, EMERGENCY, referrer__callback_number=typed)
        page = page_of(of.case)
        head = page.split("Nobody has acknowledged this yet")[1].split("</form>")[0]
        assert set(re.findall(r'href="tel:([^"]+)"', head)) == links
        assert all(words in head for words in beside)
        assert set(re.findall(r'href="tel:([^"]+)"', page)) - links <= {"+441632960999", "01632960999"}

    def test_P15_a_practice_that_got_a_new_code_still_sees_what_it_sent(self) -> None:
        case = self.refer()
        admin = signed_in("admin")
        admin.post(reverse("organisations"), {"ods_code": "Y54321", "name": "Northmoor Surgery"})
        assert Organisation.objects.filter(pk="Y54321").exists()
        answer = admin.post(
            reverse("organisations"),
            {
                "ods_code": "Y12345",
                "succeeded_by": "Y54321",
                "name": Organisation.objects.get(pk="Y12345").name,
            },
        )
        assert answer.status_code in (200, 302)
        assert Organisation.objects.get(pk="Y12345").succeeded_by_id == "Y54321"
        self.move_the_gp()
        assert signed_in("gp").get(reverse("referral", args=[case.reference])).status_code == 200

    def move_the_gp(self) -> None:
        User.objects.filter(username="gp").update(organisation_id="Y54321")

    def test_P15_the_successor_reads_and_acts(self) -> None:
        case = self.refer()
        Organisation.objects.create(ods_code="Y54321", name="Northmoor Surgery")
        self.move_the_gp()
        assert signed_in("gp").get(reverse("referral", args=[case.reference])).status_code == 404
        Organisation.objects.filter(pk="Y12345").update(succeeded_by="Y54321")
        gp = signed_in("gp")
        assert case.reference in gp.get(reverse("referrals")).content.decode()
        assert gp.get(reverse("referral", args=[case.reference])).status_code == 200
        answer = gp.post(
            reverse("withdraw_referral", args=[case.reference]), {"reason": "Wrong person"}, follow=True
        )
        assert answer.status_code == 200
        assert again(case).withdrawal_asked_at is not None


def _clocks(case: Referral) -> list[Any]:
    return [one for one in clocks.of_case(case.pk) if one.stopped_at is None]


class TestForms:
    def step(self, slug: str, user: str = "gp", **typed: str) -> tuple[WebForm, str]:
        form = WebForm(user)
        sent = {name.replace("__", "."): value for name, value in typed.items()}
        answer = form.client.post(reverse("referral_step", args=[form.number, slug]), sent, follow=True)
        return form, answer.content.decode()

    @pytest.mark.parametrize("month", ["Feb", "february", "FEBRUARY", "feb", "2", "02"])
    def test_P12_the_month_may_be_a_word(self, month: str) -> None:
        form = WebForm("gp")
        sent = body(EMERGENCY, at=now(), patient__date_of_birth="1958-02-03")
        answer = form.fill(sent, **{"patient.date_of_birth.month": month, "patient.date_of_birth.day": "3"})
        assert answer.status_code == 302
        assert str(Referral.objects.get().patient.date_of_birth) == "1958-02-03"

    def test_P12_the_year_has_four_digits(self) -> None:
        _, page = self.step("patient", patient__date_of_birth__day="3", patient__date_of_birth__month="2",
                            patient__date_of_birth__year="58")  # fmt: skip
        assert "Enter the year with four digits" in page
        assert not re.search(r"0058", page)

    @pytest.mark.parametrize(
        ("day", "month", "year"),
        [("29", "2", "1951"), ("31", "April", "1958"), ("3", "Fob", "1958"), ("0", "1", "1958")],
    )
    def test_D03_a_date_that_is_none_is_a_sentence_for_people(self, day: str, month: str, year: str) -> None:
        _, page = self.step("patient", patient__date_of_birth__day=day, patient__date_of_birth__month=month,
                            patient__date_of_birth__year=year)  # fmt: skip
        assert "Enter a real date" in page
        assert "JSON" not in page

    def test_D03_a_month_may_be_a_word_in_every_date(self) -> None:
        suspected = now() - timedelta(days=1)
        form = WebForm("gp")
        word = f"{suspected:%b}"
        answer = form.fill(body(EMERGENCY, at=now(), clinician_suspected_at=rfc3339(suspected)),
                           **{"clinician_suspected_at.month": word})  # fmt: skip
        assert answer.status_code == 302, answer.content
        assert Referral.objects.get().clinician_suspected_at == suspected.replace(second=0, microsecond=0)

    @pytest.mark.parametrize(
        "note", ["\nBegins with an empty line", "\r\n\r\nTwo of them", "Plain", " \n indented"]
    )
    def test_D02_answers_stand_on_the_line_of_their_question(self, note: str) -> None:
        form = WebForm("gp")
        sent = body(EMERGENCY, at=now(), clinical__notes="x", location__detail="\nWard 4")
        form.fill(sent, **{"clinical.notes": note})
        form = WebForm("gp")
        for step in STEPS:
            form.client.post(
                reverse("referral_step", args=[form.number, step.slug]),
                {**fields(sent), "clinical.notes": note},
            )
        page = form.client.get(reverse("check_referral", args=[form.number])).content.decode()
        assert "summary-list" in page
        assert not re.search(r'class="kept-lines">\s', page)
        assert not re.search(r'summary-list__value">\s*<span class="kept-lines">\s', page)

    def test_D02_nor_on_the_case(self) -> None:
        WebForm("gp").fill(
            body(EMERGENCY, at=now(), clinical__notes="x"), **{"clinical.notes": "\n\nBegins low"}
        )
        case = Referral.objects.get()
        for page in (page_of(case), page_of(case, by="gp", name="referral")):
            assert not re.search(r'kept-lines"[^>]*>\s*\n\s*Begins low', page)

    def test_D04_D05_an_empty_form_names_what_to_enter_and_what_to_select(self) -> None:
        form = WebForm("gp")
        said = ""
        for step in STEPS:
            said += form.client.post(
                reverse("referral_step", args=[form.number, step.slug]), {}
            ).content.decode()
        said += form.send().content.decode()
        for words in ("Enter the family name", "Select where the patient is now", "Enter the date of birth"):
            assert words in said, words
        summaries = re.findall(r"There is a problem.*?</ul>", said, re.S)
        assert summaries
        for summary in summaries:
            assert not re.search(r"Enter: |Select: ", summary)
            assert "given name" not in summary.lower()
        assert "Leave empty for a person with one name" in said

    def test_D05_by_machine_the_given_name_is_sent_and_may_be_empty(self, hospital: Machine) -> None:
        assert Sender(hospital, EMERGENCY, patient__given_name="").answer["patient"]["given_name"] == ""
        sent = body(EMERGENCY, at=now(), referrer__organisation_ods="RXX01")
        del sent["patient"]["given_name"]
        refused = hospital.post("referrals/", sent)
        assert refused.status_code == 422
        assert "leave it empty" in refused.json()["errors"]["patient.given_name"][0]

    @pytest.mark.parametrize("presentation", [EMERGENCY, PAIN_ONLY])
    def test_D07_no_choice_has_two_empty_options(
        self, hospital: Machine, presentation: dict[str, Any]
    ) -> None:
        of = Sender(hospital, presentation)
        of.acknowledge()
        page = page_of(of.case)
        selects = re.findall(r"<select[^>]*name=\"([^\"]+)\"[^>]*>(.*?)</select>", page, re.S)
        assert "override_code" in {name for name, _ in selects}
        for name, options in selects:
            assert options.count('value=""') <= 1, name

    def test_D08_the_same_person_stands_once_on_a_case(self, hospital: Machine) -> None:
        first = Sender(
            hospital, EMERGENCY, patient__nhs_number=nhs_number(710), patient__family_name="Sandbrook"
        )
        who = {f"patient__{name}": value for name, value in first.sent["patient"].items()}
        second = Sender(hospital, PAIN_ONLY, **who)
        page = page_of(second.case)
        assert page.count("<strong>Same person:</strong>") == 1
        head = page.split("<h2")[0]
        assert len(re.findall(rf">{first.reference}<", head)) == 1
        assert "Perhaps the same person" not in page

    def test_D09_the_telephone_form_speaks_to_the_coordinator(self, coordinator: Client) -> None:
        page = coordinator.get(reverse("new_referral")).content.decode()
        assert "A number that reaches you" not in page
        assert (
            "A number that reaches you"
            in signed_in("gp")
            .get(reverse("referral_step", args=[WebForm("gp").number, "you"]))
            .content.decode()
        )
        labels = re.findall(r"<(?:label|legend)[^>]*>(.*?)</(?:label|legend)>", page, re.S)
        assert not [
            label for label in labels if re.search(r"\bYour (name|role|organisation|call-back|e-mail)", label)
        ]

    @pytest.mark.parametrize(
        "hidden",
        ["\u200d", "\u200b", "\ufeff", "\u200e", "\u200f", "\u2060", "\u00ad", "\u00a0", "\u2009", "\u2011"],
    )
    def test_D23_a_pasted_number_is_its_ten_digits(self, hospital: Machine, hidden: str) -> None:
        number = nhs_number(720)
        pasted = f"{hidden}{number[:3]}{hidden} {number[3:6]}{hidden}{number[6:]}{hidden}"
        assert (
            Sender(hospital, EMERGENCY, patient__nhs_number=pasted).answer["patient"]["nhs_number"] == number
        )
        answer = WebForm("gp").fill(body(PAIN_ONLY, at=now(), patient__nhs_number=pasted))
        assert answer.status_code == 302, re.findall(
            r"There is a problem.*?</ul>", answer.content.decode(), re.S
        )
        assert set(Referral.objects.values_list("patient__nhs_number", flat=True)) == {number}
        found = hospital.post("referrals/search/", {"nhs_number": pasted}, key=None).json()["results"]
        assert len(found) == 1


class TestTokens:
    @pytest.mark.parametrize(
        ("form", "header"),
        [
            ({"client_id": "\0"}, ""),
            ({"client_id": "demo-hospital\0", "client_secret": "x"}, ""),
            ({"client_id": "demo-hospital", "client_secret": "\0"}, ""),
            ({"client_id": "\ud7ff\0", "client_secret": "x"}, ""),
            ({}, "demo\0hospital:x"),
            ({}, "demo-hospital:x\0"),
            ({}, "\0"),
        ],
    )
    def test_P19_a_nul_byte_is_an_invalid_client(self, form: dict[str, str], header: str) -> None:
        sent = {"grant_type": "client_credentials", **form}
        headers = {"Authorization": f"Basic {base64.b64encode(header.encode()).decode()}"} if header else {}
        answer = Client(raise_request_exception=False).post("/oauth/token/", sent, headers=headers)
        assert answer.status_code in (400, 401)
        assert answer.json()["error"] == "invalid_client"
        assert ApiClient.objects.count() == 1


class TestMeasures:
    @pytest.mark.parametrize(("presentation", "name"), [(EMERGENCY, "3"), (PAIN_ONLY, "2a")], ids=["3", "2a"])
    def test_M05_a_limit_that_still_runs_is_shown_apart(
        self, hospital: Machine, presentation: dict[str, Any], name: str
    ) -> None:
        of = Sender(hospital, presentation, suspected=600)
        of.acknowledge()
        lead = signed_in("lead")
        page = lead.get(reverse("governance")).content.decode()
        line = re.search(rf'<tr data-measure="{name}">.*?</tr>', page, re.S)
        assert line is not None
        assert "0 of 0" in line.group()
        assert re.search(r"still runn|not passed yet", line.group())
        lists = [html.unescape(address) for address in re.findall(r'href="([^"]+)"', line.group())]
        assert any(of.reference in lead.get(address).content.decode() for address in lists)


class TestDemo:
    @pytest.mark.long
    def test_D11_a_case_of_the_demo_says_one_thing_of_its_treatment(self) -> None:
        play_all(at=now())
        met = Clock.objects.filter(kind="radiotherapy", stopped_because="met").values("case")
        treated = Referral.objects.filter(pk__in=met)
        assert treated
        for case in treated:
            page = page_of(case, name="mdt_treatment")
            assert "No treatment is decided yet" not in page, case.reference
