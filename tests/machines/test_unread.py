"""What no machine may decide: a report without a known result, and two numbers of a hospital that become one."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from governance.identity_verification import verify_by_line
from kernel.time import now
from oncall.models import Page
from referrals.case.models import Event, Referral, UnmatchedFact
from tests.builders import again, running, set_the_scene
from tests.doors.forms import signed_in
from tests.doors.machines import Machine, other_hospital
from tests.machines.fhir import FhirMachine, based_on, referral, report, transaction
from tests.machines.four_doors import pid, stamp
from tests.machines.test_hl7v2 import oru, send

pytestmark = pytest.mark.django_db
OWN = "^^^RXX01^MR"  # the type of a hospital number


@pytest.fixture
def engine() -> Machine:
    set_the_scene(at=now())
    return Machine()


def referred(engine: Machine, **changes: Any) -> tuple[Referral, dict[str, Any]]:
    made = referral(**changes)
    answer = engine.post("referrals/", made, key=str(made["patient"]))
    assert answer.status_code == 201, answer.content
    return Referral.objects.get(reference=answer.json()["reference"]), made["patient"]


def in_snomed(**more: Any) -> dict[str, Any]:
    """A report as a RIS sends it that knows no code of ours."""
    told = report(at=now() - timedelta(minutes=5), conclusion="Cord compressed at T7", **more)
    return told | {"conclusionCode": [{"coding": [{"system": "http://snomed.info/sct", "code": "71286001"}]}]}


def by_v2(engine: Machine, case: Referral, person: dict[str, Any]) -> str:
    answer, ack = send(engine, oru(person, result="C34.9"))
    assert (answer.status_code, str(ack.segment("MSA")[1])) == (200, "AA")
    return str(ack.segment("MSA")[3])


def by_fhir(engine: Machine, case: Referral, person: dict[str, Any]) -> str:
    answer = FhirMachine(engine).post("DiagnosticReport", in_snomed(basedOn=based_on(case.reference)))
    assert answer.status_code == 201, answer.content
    return str(answer.json())


def record(client: Client, row: UnmatchedFact, case: Referral, **fields: str) -> Any:
    sent = {"fact": str(row.pk), "reference": case.reference, **fields}
    return client.post(reverse("unmatched"), sent)


class TestReportWithoutAResult:
    @pytest.mark.parametrize("door", [by_v2, by_fhir])
    def test_it_is_kept_pages_and_changes_nothing_until_somebody_has_read_it(
        self, engine: Machine, door: Callable[..., str]
    ) -> None:
        case, person = referred(engine)
        clocks = running(case)
        assert "a coordinator has read it" in door(engine, case, person)
        row = UnmatchedFact.objects.get()
        assert (row.kind, row.data["report"], row.data["examination"]) == (
            "report_unread",
            "REP-1",
            "MRI whole spine",
        )
        assert Page.objects.filter(alarm__startswith=f"unread:{row.pk},", duty="coordinator").exists()
        assert not Event.objects.exists()
        assert running(case) == clocks

        coordinator = signed_in("coordinator")
        page = coordinator.get(reverse("unmatched")).content.decode()
        assert "A report arrived that could not be read here: MRI whole spine, report number REP-1" in page
        assert case.reference in page
        assert record(coordinator, row, case, result="").status_code == 422
        assert record(coordinator, row, case).status_code in (302, 422, 409)  # without the field: no link
        assert not Event.objects.exists()
        assert record(coordinator, row, case, result="mscc").status_code == 302
        event = Event.objects.get()
        assert (event.kind, event.data["result"], event.occurred_at) == (
            "mri_reported",
            "mscc",
            row.occurred_at,
        )
        assert "decision_to_treat" in running(case)
        assert verify_by_line()[1] is None

    def test_one_that_came_with_a_referral_refuses_nobody(self, engine: Machine) -> None:
        epr, made = FhirMachine(engine), transaction(referral(), more=(in_snomed(),))
        first, second = epr.post("", made), epr.post("", made)
        assert (first.status_code, second.status_code) == (200, 200)
        assert "a coordinator has read it" in first.content.decode()
        [row] = UnmatchedFact.objects.all()
        assert row.data["reference"] == Referral.objects.get().reference

    def test_one_for_somebody_without_a_referral_waits_too(self, engine: Machine) -> None:
        person = referral()["patient"]
        assert "AA" in str(send(engine, oru(person, result=""))[1].segment("MSA"))
        assert UnmatchedFact.objects.get().patient["nhs_number"] == person["nhs_number"]

    def test_what_a_laboratory_reports_is_refused(self, engine: Machine) -> None:
        case, person = referred(engine)
        when = stamp(now())
        made = oru(person, result="", when=when)
        assert f"|{when}|||F" in made
        _, ack = send(engine, made.replace(f"|{when}|||F", f"|{when}||HM|F"))
        assert (str(ack.segment("MSA")[1]), "OBR-24" in str(ack.segment("ERR"))) == ("AE", True)
        section = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0074", "code": "HM"}]}
        told = in_snomed(basedOn=based_on(case.reference), category=[section])
        assert FhirMachine(engine).post("DiagnosticReport", told).status_code == 422
        assert not UnmatchedFact.objects.exists()


def a40(person: dict[str, Any], retired: str) -> str:
    """The hospital says that `retired` is this person, whose hospital number is NEW-1."""
    going_on = pid(person).replace("^^^NHS^NH", f"^^^NHS^NH~NEW-1{OWN}")
    when = stamp(now())
    header = rf"MSH|^~\&|PAS|RXX01|MSCC|RXX01|{when}||ADT^A40^ADT_A39|M4|P|2.5"
    return "\r".join((header, f"EVN|A40|{when}", going_on, f"MRG|{retired}"))


class TestJoinedNumbers:
    def test_two_referrals_are_put_before_a_coordinator_and_never_merged(self, engine: Machine) -> None:
        first, _ = referred(engine, patient__local_id="OLD-1")
        second, person = referred(engine, patient__local_id="NEW-1")
        for _ in range(2):
            _, ack = send(engine, a40(person, f"OLD-1{OWN}"))
            assert str(ack.segment("MSA")[1]) == "AA"
            assert "Nothing was joined here" in str(ack.segment("MSA")[3])
        [row] = UnmatchedFact.objects.all()
        assert (row.kind, row.data) == ("numbers_merged", {"retired": ["OLD-1"]})
        assert again(first).merged_into_id is again(second).merged_into_id is None
        assert again(first).patient.local_id == "OLD-1"
        assert not Page.objects.filter(alarm__startswith="un").exists()  # it waits on the board

        coordinator = signed_in("coordinator")
        page = coordinator.get(reverse("unmatched")).content.decode()
        assert "OLD-1 now belongs to the person below" in page
        assert first.reference in page
        assert second.reference in page
        assert record(coordinator, row, first).status_code == 409  # no fact that could be linked
        assert record(coordinator, row, first, dismiss="yes", text="Merged both").status_code == 302
        assert verify_by_line()[1] is None

    def test_numbers_that_nobody_here_has_leave_nothing_behind(self, engine: Machine) -> None:
        _, person = referred(engine, patient__local_id="OLD-1")
        other = other_hospital()
        for sender, number in ((engine, "ANOTHER-9"), (other, "OLD-1")):
            _, ack = send(sender, a40(person, f"{number}{OWN}"))
            assert str(ack.segment("MSA")[1]) == "AA"
            assert "None of your referrals" in str(ack.segment("MSA")[3])
        assert not UnmatchedFact.objects.exists()

    def test_a_retired_nhs_number_and_a_kept_fact_count_too(self, engine: Machine) -> None:
        wrong, person = referral()["patient"], referral()["patient"]
        send(engine, oru(wrong))
        _, ack = send(engine, a40(person, f"{wrong['nhs_number']}^^^NHS^NH"))
        assert "Nothing was joined here" in str(ack.segment("MSA")[3])
        assert UnmatchedFact.objects.filter(data__retired_nhs=[wrong["nhs_number"]]).exists()
        assert wrong["nhs_number"] in signed_in("coordinator").get(reverse("unmatched")).content.decode()

    @pytest.mark.parametrize(
        "change", [("MRG|OLD-1", "ZZZ|OLD-1"), ("OLD-1", "x" * 300), ("MRG|OLD-1^^^RXX01^MR", "MRG|")]
    )
    def test_what_cannot_be_read_is_named(self, engine: Machine, change: tuple[str, str]) -> None:
        _, ack = send(engine, a40(referral()["patient"], f"OLD-1{OWN}").replace(*change))
        assert str(ack.segment("MSA")[1]) == "AE"
        assert "MRG" in str(ack.segment("ERR"))


def test_the_page_of_kept_facts_opens_with_a_kind_that_it_does_not_know(engine: Machine) -> None:
    case, person = referred(engine)
    by_v2(engine, case, person)
    UnmatchedFact.objects.update(kind="from_a_later_version")
    page = signed_in("coordinator").get(reverse("unmatched"))
    assert page.status_code == 200
    assert "from_a_later_version" in page.content.decode()
