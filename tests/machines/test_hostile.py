"""What a hostile or careless system sends to the doors: refused by name or taken as it is, never lost in silence."""

import json
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from kernel.time import now, rfc3339
from referrals.case.models import Event, Referral, UnmatchedFact
from tests.builders import set_the_scene
from tests.doors.machines import Machine
from tests.machines.fhir import FhirMachine, alone, based_on, referral, report, study, transaction
from tests.machines.test_cds import BREAST, PERSON, VIEW, bundle, condition
from tests.machines.test_hl7v2 import adt, oru, pid, referred, send

pytestmark = pytest.mark.django_db
UNSTORABLE = ("\x00", "\ud800")


@pytest.fixture
def epr() -> FhirMachine:
    set_the_scene(at=now())
    return FhirMachine()


@pytest.fixture
def engine() -> Machine:
    set_the_scene(at=now())
    return Machine()


def without_identifier(sent: dict[str, Any]) -> dict[str, Any]:
    for entry in sent["entry"]:
        if entry["resource"]["resourceType"] == "ServiceRequest":
            del entry["resource"]["identifier"]
    return sent


class TestKeys:
    def test_a_key_holds_beside_an_identifier(self, epr: FhirMachine) -> None:
        made = referral()
        first = epr.post("", transaction(made, number="X-1"), Idempotency_Key="k")
        again = epr.post("", transaction(made, number="X-2"), Idempotency_Key="k")
        other = epr.post(
            "", transaction({**made, "referrer_concern": "emergency"}, number="X-3"), Idempotency_Key="k"
        )
        assert [answer.status_code for answer in (first, again, other)] == [200, 200, 409]
        assert again.json()["entry"][0]["response"]["status"] == "200 OK"
        assert Referral.objects.count() == 1

    def test_a_scan_that_is_added_under_a_used_key_is_refused_and_not_lost(self, epr: FhirMachine) -> None:
        made, at = referral(), now() - timedelta(minutes=1)
        with_scan = without_identifier(transaction(made, more=(study(at=at),)))
        assert epr.post("", without_identifier(transaction(made)), Idempotency_Key="k").status_code == 200
        assert epr.post("", with_scan, Idempotency_Key="k").status_code == 409
        assert not Event.objects.exists()
        assert epr.post("", with_scan, Idempotency_Key="new").status_code == 200
        assert epr.post("", with_scan, Idempotency_Key="new").status_code == 200
        assert Event.objects.count() == 1

    def test_a_condition_is_read_as_an_address_is(self, epr: FhirMachine) -> None:
        made = alone(referral(), number="a b")
        assert epr.post("ServiceRequest", made).status_code == 201
        del made["identifier"]
        condition = "identifier=https%3a%2f%2fepr.example%2forders%7ca%20b"
        assert epr.post("ServiceRequest", made, If_None_Exist=condition).status_code == 200
        assert Referral.objects.count() == 1


class TestUnstorable:
    @pytest.mark.parametrize("text", UNSTORABLE)
    def test_in_a_condition(self, epr: FhirMachine, text: str) -> None:
        for system, value in ((text, "1"), ("https://epr.example/x", text)):
            made = transaction(referral())
            asked = made["entry"][0]["request"]
            asked["ifNoneExist"] = f"identifier={system}|{value}"
            assert epr.post("", made).status_code == 400
        assert not Referral.objects.exists()

    @pytest.mark.parametrize("text", UNSTORABLE)
    def test_in_the_identifier_of_a_request(self, epr: FhirMachine, text: str) -> None:
        named = [{"identifier": {"system": "https://epr.example/orders", "value": text}}]
        for result in ("mscc", "unknown"):
            answer = epr.post("DiagnosticReport", report(result, at=now(), basedOn=named))
            assert answer.status_code == 422
            assert answer.json()["issue"][0]["expression"] == ["DiagnosticReport.basedOn"]

    def test_in_an_address(self, epr: FhirMachine) -> None:
        nul, control = epr.get("Organization/%00"), epr.get("Organization/%07")
        assert (nul.status_code, control.status_code) == (400, 404)
        assert {answer.json()["resourceType"] for answer in (nul, control)} == {"OperationOutcome"}

    @pytest.mark.parametrize("text", UNSTORABLE)
    def test_in_the_reason_against_a_card(self, epr: FhirMachine, text: str) -> None:
        call = {
            "hook": "patient-view",
            "hookInstance": str(uuid.uuid4()),
            "context": {"userId": "Practitioner/1", "patientId": "p1"},
            "prefetch": {"patient": PERSON, "conditions": bundle(condition(BREAST))},
        }
        http = Client(raise_request_exception=False)
        card = http.post(VIEW, json.dumps(call), content_type="application/json").json()["cards"][0]
        row = {
            "card": card["uuid"],
            "outcome": "overridden",
            "outcomeTimestamp": rfc3339(now()),
            "overrideReason": {"reason": {"code": text}},
        }
        answer = http.post(
            f"{VIEW}/feedback", json.dumps({"feedback": [row]}), content_type="application/json"
        )
        assert answer.status_code == 400
        assert answer.json()["issue"][0]["diagnostics"] == "feedback[0].overrideReason.reason"

    @pytest.mark.parametrize("name", ["filename*=bogus''a.pdf", "filename*=idna''%ff%ff.pdf"])
    def test_in_the_name_of_a_file(self, engine: Machine, name: str) -> None:
        reference, _ = referred(engine)
        answer = engine.post(
            f"referrals/{reference}/files/",
            b"%PDF-1.4",
            key=None,
            **{"Content-Type": "application/pdf", "Content-Disposition": f"attachment; {name}"},
        )
        assert answer.status_code == 400
        assert list(answer.json()["errors"]) == ["Content-Disposition"]


class TestSearchBody:
    @pytest.mark.parametrize(
        ("kind", "content"),
        [
            ("application/fhir+json", '{"patient.identifier": "x"}'),
            ("multipart/form-data; boundary=x", "--x\r\nnonsense"),
        ],
    )
    def test_a_body_that_is_not_read_does_not_find_everybody(
        self, epr: FhirMachine, kind: str, content: str
    ) -> None:
        assert epr.post("ServiceRequest", alone(referral())).status_code == 201
        answer = epr.send("POST", "ServiceRequest/_search", content, kind=kind)
        assert answer.status_code == 415

    @pytest.mark.parametrize(
        ("kind", "content"),
        [
            ("application/x-www-form-urlencoded", "&".join(f"a{number}=1" for number in range(3000))),
            ("application/x-www-form-urlencoded; charset=utf-16", "identifier=x"),
            ("multipart/form-data", "--x"),
        ],
    )
    def test_a_form_that_cannot_be_read_is_refused_by_an_outcome(
        self, epr: FhirMachine, kind: str, content: str
    ) -> None:
        answer = epr.send("POST", "ServiceRequest/_search", content, kind=kind)
        assert answer.status_code == 400

    def test_cds_hooks_answers_where_there_is_nothing_by_an_outcome(self, epr: FhirMachine) -> None:
        answer = epr.http.get("/cds-services/nothing/is/here")
        assert answer.status_code == 404
        assert answer.json()["resourceType"] == "OperationOutcome"

    @pytest.mark.parametrize("name", ["identifier", "_id", "subject", "status"])
    def test_a_search_for_very_many_values_is_refused(self, epr: FhirMachine, name: str) -> None:
        form = f"{name}=" + ",".join(f"active{number}" for number in range(101))
        answer = epr.send("POST", "ServiceRequest/_search", form, kind="application/x-www-form-urlencoded")
        assert answer.status_code == 422
        assert "at most 100" in answer.content.decode()

    def test_a_refused_date_is_named_as_it_was_sent(self, epr: FhirMachine) -> None:
        issue = epr.get("ServiceRequest?authored=soon").json()["issue"][0]
        assert issue["expression"] == ["Search.authored"]


class TestDeath:
    def test_one_beside_something_else_is_not_lost_in_silence(self, epr: FhirMachine) -> None:
        made, at = transaction(referral()), rfc3339(now() - timedelta(minutes=1))
        person = next(
            row["resource"] for row in made["entry"] if row["resource"]["resourceType"] == "Patient"
        )
        person["deceasedDateTime"] = at
        assert "send the Patient alone" in epr.post("", made).content.decode()
        stay = {
            "resourceType": "Encounter",
            "status": "finished",
            "class": {"code": "IMP"},
            "period": {"end": at},
            "subject": {"reference": "Patient/p"},
        }
        rows = [
            {"resource": row, "request": {"method": "POST", "url": row["resourceType"]}}
            for row in (stay, person)
        ]
        answer = epr.post("", {"resourceType": "Bundle", "type": "transaction", "entry": rows})
        assert Event.objects.get().kind == "discharged"
        assert "send the Patient alone" in answer.content.decode()
        assert epr.post("Patient", person).status_code == 201
        assert "send the Patient alone" not in epr.post("Patient", person).content.decode()
        assert set(Event.objects.values_list("kind", flat=True)) == {"discharged", "died"}


class TestReports:
    def test_of_several_results_none_is_chosen(self, engine: Machine) -> None:
        _, person = referred(engine)
        one = "OBX|1|CWE|MRI_RESULT^Result^L||mscc||||||F"
        two = "OBX|4|CWE|MRI_RESULT^Result^L||no_malignant_disease||||||F"
        for text in (
            oru(person).replace(one, f"{one}\r{two}"),
            oru(person).replace("||mscc|", "||no_malignant_disease~mscc|"),
        ):
            answer, ack = send(engine, text)
            assert (answer.status_code, str(ack.segment("MSA")[1])) == (422, "AE")
            assert "OBX-5" in answer.content.decode()
        assert not Event.objects.exists()
        assert send(engine, oru(person).replace(one, f"{one}\r{one}"))[0].status_code == 200
        assert Event.objects.get().data["result"] == "mscc"

    @pytest.mark.parametrize("status", ["D", "W", "X"])
    def test_a_result_that_was_taken_back_is_read_by_a_person(self, engine: Machine, status: str) -> None:
        _, person = referred(engine)
        answer, _ = send(engine, oru(person).replace("||mscc||||||F", f"||mscc||||||{status}"))
        assert answer.status_code == 200
        assert not Event.objects.exists()
        assert UnmatchedFact.objects.get().kind == "report_unread"

    def test_one_without_a_known_result_can_be_withdrawn(self, engine: Machine) -> None:
        reference, person = referred(engine)
        answer, ack = send(engine, oru(person, result="own-code", status="D"))
        assert (answer.status_code, str(ack.segment("MSA")[1])) == (200, "AA")
        by_v2 = Event.objects.get()
        assert (by_v2.data["status"], by_v2.data.get("result")) == ("withdrawn", None)
        epr = FhirMachine(engine)
        row = report("own-code", at=now(), status="entered-in-error", basedOn=based_on(reference))
        assert epr.post("DiagnosticReport", row).status_code == 201
        assert Event.objects.latest("id").data["status"] == "withdrawn"

    def test_a_message_above_the_limit_is_answered_by_an_ack(self, engine: Machine) -> None:
        answer, ack = send(engine, "MSH|^~\\&|" + "x" * 300_000)
        assert (answer.status_code, str(ack.segment("MSA")[1])) == (413, "AR")


class TestPeople:
    """Nobody is guessed: what is said of one person never reaches the record of another."""

    OTHER = {
        "resourceType": "Patient",
        "id": "other",
        "name": [{"family": "Other"}],
        "birthDate": "1990-01-01",
    }

    def test_a_fact_of_somebody_who_did_not_come_along_is_nobodys(self, epr: FhirMachine) -> None:
        made = transaction(referral())
        assert epr.post("", made).status_code == 200
        person = next(
            row["resource"] for row in made["entry"] if row["resource"]["resourceType"] == "Patient"
        )
        stay = {
            "resourceType": "Encounter",
            "status": "in-progress",
            "class": {"code": "IMP"},
            "period": {"start": rfc3339(now() - timedelta(minutes=1))},
        }
        for subject, people in (("Patient/third", (person,)), ("Patient/third", (person, self.OTHER))):
            rows = [{**stay, "subject": {"reference": subject}}, *people]
            sent = {
                "resourceType": "Bundle",
                "type": "transaction",
                "entry": [
                    {"resource": row, "request": {"method": "POST", "url": row["resourceType"]}}
                    for row in rows
                ],
            }
            answer = epr.post("", sent)
            assert answer.status_code == 422
            assert answer.json()["issue"][0]["expression"] == ["Encounter.subject"]
        assert not Event.objects.exists()
        assert not UnmatchedFact.objects.exists()

    def test_a_referral_is_of_the_person_it_names(self, epr: FhirMachine) -> None:
        made = transaction(referral())
        request = made["entry"][0]["resource"]
        request["subject"] = {"reference": "Patient/third"}
        assert epr.post("", made).status_code == 400
        request["subject"] = {"reference": "Patient/p"}
        second = {"resource": self.OTHER, "request": {"method": "POST", "url": "Patient"}}
        assert epr.post("", {**made, "entry": [*made["entry"], second]}).status_code == 400
        assert not Referral.objects.exists()
        assert epr.post("", made).status_code == 200

    def test_a_finding_of_another_person_is_not_taken_for_the_patients(self, epr: FhirMachine) -> None:
        made = transaction(referral())
        answers = next(
            row["resource"]
            for row in made["entry"]
            if row["resource"]["resourceType"] == "QuestionnaireResponse"
        )
        answers["subject"] = {"reference": "Patient/third"}
        answer = epr.post("", made)
        assert answer.status_code == 400
        assert answer.json()["issue"][0]["expression"] == ["QuestionnaireResponse.subject"]
        answers["subject"] = {"reference": "Patient/p"}
        assert epr.post("", made).status_code == 200

    def test_a_relative_reference_is_read_from_the_full_address(self, epr: FhirMachine) -> None:
        made = transaction(referral())
        entry = next(row for row in made["entry"] if row["resource"]["resourceType"] == "Patient")
        del entry["resource"]["id"]
        entry["fullUrl"] = "https://epr.example/fhir/Patient/p"
        assert epr.post("", made).status_code == 200

    def test_a_message_of_two_people_is_refused(self, engine: Machine) -> None:
        _, person = referred(engine)
        other = pid({**person, "nhs_number": "9990000042", "family_name": "Other"})
        answer, ack = send(engine, oru(person).replace("OBR|", f"{other}\rOBR|", 1))
        assert (answer.status_code, str(ack.segment("MSA")[1])) == (422, "AE")
        assert not Event.objects.exists()

    def test_of_several_merges_none_is_kept_when_one_is_wrong(self, engine: Machine) -> None:
        _, person = referred(engine)
        right = f"{adt('A40', {**person, 'nhs_number': '9990000042'})}\rMRG|{person['nhs_number']}^^^NHS^NH"
        wrong = f"{right}\r{pid(person)}\rMRG|123^^^NHS^NH"
        assert send(engine, wrong)[0].status_code == 422
        assert not UnmatchedFact.objects.exists()
        assert send(engine, right)[0].status_code == 200
        assert UnmatchedFact.objects.count() == 1
