"""The FHIR door, as a hospital system meets it."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from api.fhir import allowance, systems
from api.fhir.surface import KINDS
from kernel.time import now
from ledger.read import Search, entries
from referrals.case.models import Event, Referral, UnmatchedFact
from tests.builders import set_the_scene
from tests.doors.machines import Machine, other_hospital
from tests.doors.test_parity import BAD, GOOD, sent, stored
from tests.machines.fhir import FhirMachine, alone, based_on, field, referral, report, study, transaction

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def scene() -> None:
    set_the_scene(at=now())


@pytest.fixture
def epr() -> FhirMachine:
    return FhirMachine()


def referred(epr: FhirMachine, presentation: Any = "weakness", **changes: Any) -> str:
    answer = epr.post(
        "ServiceRequest", alone(referral(presentation, **changes), number=f"N-{Referral.objects.count()}")
    )
    assert answer.status_code == 201, answer.content
    return answer.json()["id"]


EXPIRED, METHOD = systems.DIED_IN_STAY


class TestParity:
    @pytest.mark.parametrize(("presentation", "changes"), GOOD)
    def test_the_same_referral_as_by_rest(
        self, epr: FhirMachine, presentation: str, changes: dict[str, Any]
    ) -> None:
        made = sent(presentation, changes)
        if (
            "location__detail" in changes
            or "referrer__email" in changes
            or "presentation__dexamethasone_given" in changes
        ):
            made["location"] = {"kind": "home"}
            made["referrer"].pop("email", None)
            made["patient"]["sex"] = "female"
        assert epr.machine.post("referrals/", made, key="k").status_code == 201
        by_rest = Referral.objects.get()
        answer = epr.post("", transaction(made))
        assert answer.status_code == 200, answer.content
        by_fhir = Referral.objects.exclude(pk=by_rest.pk).get()
        assert stored(by_fhir) == stored(by_rest)

    @pytest.mark.parametrize(
        ("presentation", "changes"),
        [row for row in BAD if "patient__sex" not in row[1] and "location__organisation_ods" not in row[1]],
    )
    def test_the_same_refusals_as_by_rest(
        self, epr: FhirMachine, presentation: str, changes: dict[str, Any]
    ) -> None:
        made = sent(presentation, changes)
        by_rest = epr.machine.post("referrals/", made, key="k")
        answer = epr.post("", transaction(made))
        assert (by_rest.status_code, answer.status_code // 100) == (422, 4)
        if answer.status_code == 422:
            named = {row.get("diagnostics") for row in answer.json()["issue"]} - {None}
            assert named == set(by_rest.json()["errors"])
        assert not Referral.objects.exists()

    def test_a_wrong_nhs_number_is_refused_with_the_way_out(self, epr: FhirMachine) -> None:
        answer = epr.post("ServiceRequest", alone(referral(patient__nhs_number="9990000019")))
        assert answer.status_code == 422
        first, *_, ring = answer.json()["issue"]
        assert first["expression"] == ["Patient.identifier"]
        assert "01632 960999" in ring["details"]["text"]


class TestOnce:
    def test_a_bundle_sent_again_is_the_same_referral(self, epr: FhirMachine) -> None:
        made = transaction(referral())
        first, again = epr.post("", made), epr.post("", made)
        statuses = [answer.json()["entry"][0]["response"]["status"] for answer in (first, again)]
        assert statuses == ["201 Created", "200 OK"]
        assert Referral.objects.count() == 1

    def test_other_content_under_the_same_identifier_is_a_conflict(self, epr: FhirMachine) -> None:
        assert epr.post("", transaction(referral())).status_code == 200
        assert epr.post("", transaction(referral("pain_only"))).status_code == 409
        assert Referral.objects.count() == 1

    def test_a_condition_finds_the_first(self, epr: FhirMachine) -> None:
        made = alone(referral())
        del made["identifier"]
        condition = {"If_None_Exist": "identifier=https://epr.example/x|7"}
        first = epr.post("ServiceRequest", made, **condition)
        again = epr.post("ServiceRequest", made, **condition)
        assert (first.status_code, again.status_code) == (201, 200)
        assert first.json()["id"] == again.json()["id"]

    def test_without_any_of_the_three_nothing_is_stored(self, epr: FhirMachine) -> None:
        made = alone(referral())
        del made["identifier"]
        assert epr.post("ServiceRequest", made).status_code == 428
        assert epr.post("ServiceRequest", made, Idempotency_Key="k").status_code == 201
        assert epr.post("ServiceRequest", made, Idempotency_Key="k").status_code == 200

    def test_a_query_on_a_create_is_refused(self, epr: FhirMachine) -> None:
        assert epr.post("ServiceRequest?identifier=a%7Cb", alone(referral())).status_code == 400
        assert not Referral.objects.exists()


class TestReads:
    def test_it_reads_what_it_sent(self, epr: FhirMachine) -> None:
        number = referred(epr)
        answer = epr.get(f"ServiceRequest/{number}")
        found = answer.json()
        assert answer["ETag"] == f'W/"{found["meta"]["versionId"]}"'
        assert {"system": "https://epr.example/orders", "value": "N-0"} in found["identifier"]
        assert (found["status"], found["priority"]) == ("active", "stat")
        assert any(entry.kind == "case_viewed" for entry in entries(Search(case=Referral.objects.get().pk)))

    def test_a_number_that_nobody_traced_is_never_verified(self, epr: FhirMachine) -> None:
        found = epr.get(f"Patient/{referred(epr)}").json()
        [extension] = found["identifier"][0]["extension"]
        assert extension["valueCodeableConcept"]["coding"][0]["code"] == "02"

    def test_the_task_has_the_next_limit(self, epr: FhirMachine) -> None:
        number = referred(epr)
        [entry] = epr.get(f"Task?focus=ServiceRequest/{number}").json()["entry"]
        clocks = epr.machine.get(f"referrals/{number}/").json()["clocks"]
        assert entry["resource"]["status"] == "received"
        assert entry["resource"]["restriction"]["period"]["end"] == min(one["due_at"] for one in clocks)

    def test_every_kind_is_read_and_valid(self, epr: FhirMachine) -> None:
        number = referred(epr)
        at = now() - timedelta(minutes=5)
        for row in (study(at=at), report(at=at, regions=None)):
            row.pop("regions", None)
            assert epr.post(row["resourceType"], row | {"basedOn": based_on(number)}).status_code == 201
        for kind in KINDS:
            if not kind.by:
                continue
            found = epr.get(f"{kind.name}?{kind.by[0]}=ServiceRequest/{number}").json()
            for entry in found.get("entry", ()):
                assert (
                    epr.get(f"{kind.name}/{entry['resource']['id']}").json() == entry["resource"]
                    or kind.scope == "audit:read"
                )
        assert epr.get("Questionnaire/mscc-referral").status_code == 200
        assert epr.get("Organization?identifier=RXX01").json()["entry"]

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("identifier=https://epr.example/orders%7CN-0", 1),
            ("identifier=N-0", 1),
            ("identifier=x%7CN-0", 0),
            ("status=active", 1),
            ("status=revoked", 0),
            ("authored=ge2020-01-01", 1),
            ("authored=lt2020-01-01", 0),
            ("_count=1", 1),
            ("_sort=authored", 1),
        ],
    )
    def test_searches(self, epr: FhirMachine, query: str, found: int) -> None:
        referred(epr)
        assert len(epr.get(f"ServiceRequest?{query}").json().get("entry", ())) == found

    @pytest.mark.parametrize(
        ("token", "found"),
        [
            ("7654321", 1),
            (f"{systems.REGISTRATIONS[0]}%7C7654321", 1),
            (f"7654322,{systems.own_id('registration')}%7C7654321", 1),
            ("https://elsewhere.example%7C7654321", 0),
            ("7654322", 0),
            ("%7C", 0),
        ],
    )
    def test_a_referrer_is_found_by_the_number_at_their_council(
        self, epr: FhirMachine, token: str, found: int
    ) -> None:
        number, _ = referred(epr, referrer__registration_number="7654321"), referred(epr)
        rows = epr.get(f"Practitioner?identifier={token}").json().get("entry", ())
        assert [row["resource"]["id"] for row in rows] == [number] * found
        elsewhere = FhirMachine(other_hospital()).get(f"Practitioner?identifier={token}")
        assert (elsewhere.status_code, elsewhere.json().get("entry")) == (200, None)

    def test_an_nhs_number_is_searched_in_the_body_alone(self, epr: FhirMachine) -> None:
        number = referred(epr)
        person = Referral.objects.get(reference=number).patient.nhs_number
        asked = f"patient.identifier={systems.NHS_NUMBER}|{person}"
        assert epr.get(f"ServiceRequest?{asked.replace('|', '%7C')}").status_code == 400
        form = epr.send(
            "POST",
            "ServiceRequest/_search",
            asked.replace("|", "%7C"),
            kind="application/x-www-form-urlencoded",
        )
        assert [row["resource"]["id"] for row in form.json()["entry"]] == [number]

    def test_a_count_of_none_is_their_number_alone(self, epr: FhirMachine) -> None:
        for _ in range(2):
            referred(epr)
        found = epr.get("ServiceRequest?_count=0").json()
        assert (found["total"], found.get("entry")) == (2, None)

    def test_pages_follow_each_other(self, epr: FhirMachine) -> None:
        numbers = [referred(epr) for _ in range(3)]
        first = epr.get("ServiceRequest?_count=2").json()
        link = next(row["url"] for row in first["link"] if row["relation"] == "next").partition("/fhir/R4/")[
            2
        ]
        rest = epr.get(link).json()
        assert [row["resource"]["id"] for row in (*first["entry"], *rest["entry"])] == numbers[::-1]

    def test_another_hospital_sees_nothing(self, epr: FhirMachine) -> None:
        number = referred(epr)
        other = FhirMachine(other_hospital())
        assert other.get("ServiceRequest").json().get("entry") is None
        for kind in KINDS:
            if kind.read and kind.name not in ("Organization", "Questionnaire"):
                assert other.get(f"{kind.name}/{number}").status_code == 404
            if kind.by:
                assert other.get(f"{kind.name}?{kind.by[0]}=ServiceRequest/{number}").json()["total"] == 0
        assert other.post("DiagnosticReport", report(at=now(), basedOn=based_on(number))).status_code == 404
        assert other.post("ServiceRequest", alone(referral(), number="Z")).status_code == 403
        assert (
            other.send("PUT", f"ServiceRequest/{number}", alone(referral()), If_Match='W/"1"').status_code
            == 404
        )


class TestCancel:
    def cancelled(self, epr: FhirMachine, number: str, **changes: Any) -> dict[str, Any]:
        return {**epr.get(f"ServiceRequest/{number}").json(), "status": "revoked", **changes}

    def test_it_withdraws(self, epr: FhirMachine) -> None:
        number = referred(epr, "pain_only")
        tag = epr.get(f"ServiceRequest/{number}")["ETag"]
        made = self.cancelled(epr, number, note=[{"text": "Sent to the wrong service"}])
        assert epr.send("PUT", f"ServiceRequest/{number}", made).status_code == 428
        assert epr.send("PUT", f"ServiceRequest/{number}", made, If_Match='W/"99"').status_code == 412
        other = self.cancelled(epr, number, intent="plan")
        assert epr.send("PUT", f"ServiceRequest/{number}", other, If_Match=tag).status_code == 422
        active = self.cancelled(epr, number, status="active")
        assert epr.send("PUT", f"ServiceRequest/{number}", active, If_Match=tag).status_code == 422
        done = epr.send("PUT", f"ServiceRequest/{number}", made, If_Match=tag)
        assert (done.status_code, done.json()["status"]) == (200, "revoked")
        again = epr.send("PUT", f"ServiceRequest/{number}", made, If_Match=done["ETag"])
        assert again.status_code == 409

    def test_an_emergency_waits_for_a_coordinator(self, epr: FhirMachine) -> None:
        number = referred(epr)
        tag = epr.get(f"ServiceRequest/{number}")["ETag"]
        answer = epr.send("PUT", f"ServiceRequest/{number}", self.cancelled(epr, number), If_Match=tag)
        assert (answer.status_code, answer.json()["status"]) == (202, "active")


class TestFacts:
    def test_scan_and_report_are_the_facts_of_rest(self, epr: FhirMachine) -> None:
        by_fhir, by_rest = referred(epr), referred(epr)
        at = now() - timedelta(minutes=30)
        assert epr.post("ImagingStudy", study(at=at, basedOn=based_on(by_fhir))).status_code == 201
        told = report(
            at=at + timedelta(minutes=9),
            basedOn=based_on(by_fhir),
            imagingStudy=[{"identifier": {"value": "ACC-1"}}],
        )
        assert epr.post("DiagnosticReport", told).status_code == 201
        for kind, when, data in (
            (
                "mri_performed",
                at,
                {"modality": "mri", "regions": ["cervical", "thoracic", "lumbar"], "scan": "ACC-1"},
            ),
            (
                "mri_reported",
                at + timedelta(minutes=9),
                {"status": "final", "report": "REP-1", "scan": "ACC-1", "result": "mscc"},
            ),
        ):
            made = {"kind": kind, "occurred_at": when.isoformat(), "data": data}
            assert epr.machine.post(f"referrals/{by_rest}/events/", made, key=kind).status_code == 201
        cases = [epr.machine.get(f"referrals/{number}/").json() for number in (by_fhir, by_rest)]
        assert cases[0]["imaging"] == cases[1]["imaging"]
        assert [(c["kind"], c["stopped_because"]) for c in cases[0]["clocks"]] == [
            (c["kind"], c["stopped_because"]) for c in cases[1]["clocks"]
        ]
        events = [
            list(
                Event.objects.filter(referral__reference=n)
                .order_by("id")
                .values_list("kind", "occurred_at", "data")
            )
            for n in (by_fhir, by_rest)
        ]
        assert events[0] == events[1]

    def test_a_fact_twice_is_one(self, epr: FhirMachine) -> None:
        told = report(at=now(), basedOn=based_on(referred(epr)))
        assert [epr.post("DiagnosticReport", told).status_code for _ in range(2)] == [201, 200]
        assert Event.objects.count() == 1

    @pytest.mark.parametrize(
        ("status", "kept"),
        [
            ("preliminary", "provisional"),
            ("final", "final"),
            ("corrected", "amended"),
            ("cancelled", "withdrawn"),
        ],
    )
    def test_the_status_of_a_report(self, epr: FhirMachine, status: str, kept: str) -> None:
        assert (
            epr.post(
                "DiagnosticReport", report(at=now(), status=status, basedOn=based_on(referred(epr)))
            ).status_code
            == 201
        )
        assert Event.objects.get().data["status"] == kept

    def test_a_report_by_the_senders_own_number_and_before_the_referral(self, epr: FhirMachine) -> None:
        based = [{"identifier": {"system": "https://epr.example/orders", "value": "N-0"}}]
        person = {"identifier": {"system": systems.NHS_NUMBER, "value": "9990000018"}}
        told = report(at=now(), basedOn=based, subject=person)
        assert epr.post("DiagnosticReport", told).status_code == 201
        assert UnmatchedFact.objects.get().patient == {"nhs_number": "9990000018"}
        referred(epr)
        assert (
            epr.post("DiagnosticReport", report(at=now(), number="REP-2", basedOn=based)).status_code == 201
        )
        assert Event.objects.get().referral.reference

    def test_a_person_that_is_surely_of_the_senders_case(self, epr: FhirMachine) -> None:
        made = referral()
        epr.post("", transaction(made))
        known = transaction(made)["entry"][1]["resource"]
        bundle = {
            "resourceType": "Bundle",
            "type": "transaction",
            "entry": [
                {"resource": row, "request": {"method": "POST", "url": row["resourceType"]}}
                for row in (known, report(at=now(), subject={"reference": "Patient/p"}))
            ],
        }
        assert epr.post("", bundle).status_code == 200
        assert Event.objects.get().kind == "mri_reported"
        stranger = FhirMachine(other_hospital())
        assert stranger.post("", bundle).status_code == 200
        assert UnmatchedFact.objects.count() == 1

    def test_a_scan_with_a_referral_is_stored_with_it_or_not_at_all(self, epr: FhirMachine) -> None:
        at = now() - timedelta(minutes=30)
        wrong = transaction(referral(), more=(study(at=at, regions=("421060004",)),))
        assert epr.post("", wrong).status_code == 422
        assert not Referral.objects.exists()
        both = transaction(
            referral(),
            more=(
                study(at=at),
                report(at=at + timedelta(minutes=5), imagingStudy=[{"identifier": {"value": "ACC-1"}}]),
            ),
        )
        assert epr.post("", both).status_code == 200
        assert [event.kind for event in Event.objects.order_by("id")] == ["mri_performed", "mri_reported"]
        assert epr.post("", both).status_code == 200
        assert Event.objects.count() == 2

    @pytest.mark.parametrize(
        ("row", "kind"),
        [
            (
                {
                    "resourceType": "Encounter",
                    "status": "in-progress",
                    "class": {"code": "IMP"},
                    "period": {"start": "AT"},
                },
                "admitted",
            ),
            (
                {
                    "resourceType": "Encounter",
                    "status": "finished",
                    "class": {"code": "IMP"},
                    "period": {"end": "AT"},
                },
                "discharged",
            ),
            (
                {
                    "resourceType": "Encounter",
                    "status": "finished",
                    "class": {"code": "IMP"},
                    "period": {"end": "AT"},
                    "hospitalization": {
                        "dischargeDisposition": {"coding": [{"system": EXPIRED, "code": "home"}]}
                    },
                },
                "discharged",
            ),
            (
                {
                    "resourceType": "Encounter",
                    "status": "finished",
                    "class": {"code": "IMP"},
                    "period": {"end": "AT"},
                    "hospitalization": {
                        "dischargeDisposition": {"coding": [{"system": EXPIRED, "code": "exp"}]}
                    },
                },
                "died",
            ),
            (
                {
                    "resourceType": "Encounter",
                    "status": "finished",
                    "class": {"code": "IMP"},
                    "period": {"end": "AT"},
                    "hospitalization": {
                        "dischargeDisposition": {"coding": [{"system": EXPIRED, "code": "home"}]},
                        "extension": [
                            {
                                "url": "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-DischargeMethod",
                                "valueCodeableConcept": {"coding": [{"system": METHOD, "code": "4"}]},
                            }
                        ],
                    },
                },
                "died",
            ),
            (
                {
                    "resourceType": "Procedure",
                    "status": "in-progress",
                    "code": {"coding": [{"system": systems.SNOMED, "code": "108290001"}]},
                    "performedDateTime": "AT",
                },
                "radiotherapy_started",
            ),
            (
                {
                    "resourceType": "MedicationAdministration",
                    "status": "completed",
                    "medicationCodeableConcept": {"text": "Dexamethasone 8 mg tablets"},
                    "effectiveDateTime": "AT",
                    "dosage": {"dose": {"value": 16, "unit": "mg"}},
                },
                "dexamethasone_given",
            ),
        ],
    )
    def test_other_facts(self, epr: FhirMachine, row: dict[str, Any], kind: str) -> None:
        import json

        number = referred(epr)
        made = json.loads(json.dumps(row).replace('"AT"', f'"{now().isoformat()}"'))
        made["subject"] = {"reference": f"Patient/{number}"}
        name = "request" if kind == "dexamethasone_given" else "basedOn"
        made[name] = based_on(number)[0] if name == "request" else based_on(number)
        answer = epr.post(made["resourceType"], made)
        assert answer.status_code == 201, answer.content
        assert Event.objects.get().kind == kind

    def test_worse_neurology_is_an_observation(self, epr: FhirMachine) -> None:
        number = referred(epr, "pain_only")
        made = field("neurology.limb_weakness", "yes", at=now()) | {"basedOn": based_on(number)}
        assert epr.post("Observation", made).status_code == 201
        assert Referral.objects.get().stream == "emergency"

    def test_a_batch_answers_for_each(self, epr: FhirMachine) -> None:
        number = referred(epr)
        rows = [
            report(at=now(), basedOn=based_on(number)),
            report(at=now() + timedelta(days=9), basedOn=based_on(number)),
        ]
        bundle = {
            "resourceType": "Bundle",
            "type": "batch",
            "entry": [
                {"resource": row, "request": {"method": "POST", "url": "DiagnosticReport"}} for row in rows
            ],
        }
        found = [entry["response"]["status"] for entry in epr.post("", bundle).json()["entry"]]
        assert found == ["201 Created", "422 Unprocessable Entity"]

    def test_a_batch_that_takes_long_is_finished_when_it_is_sent_again(
        self, epr: FhirMachine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A web process whose request runs for twelve seconds is replaced, with whatever else it was answering."""
        reference = referred(epr)
        rows = [report(at=now() - timedelta(minutes=n), basedOn=based_on(reference)) for n in range(3)]
        entries = [
            {"resource": row, "request": {"method": "POST", "url": "DiagnosticReport"}} for row in rows
        ]
        bundle = {"resourceType": "Bundle", "type": "batch", "entry": entries}
        with monkeypatch.context() as slow:
            slow.setattr(allowance, "SECONDS", -1)
            first = epr.post("", bundle).json()["entry"]
        assert [entry["response"]["status"][:3] for entry in first] == ["201", "503", "503"]
        assert first[1]["response"]["outcome"]["issue"][0]["code"] == "transient"
        again = epr.post("", bundle).json()["entry"]
        assert [entry["response"]["status"][:3] for entry in again] == ["200", "201", "201"]


class TestErrors:
    def test_without_a_token(self) -> None:
        answer = Client().get("/fhir/R4/ServiceRequest")
        assert answer.status_code == 401
        assert answer.json()["resourceType"] == "OperationOutcome"

    def test_scopes(self) -> None:
        reader = FhirMachine(Machine(scope="referrals:read"))
        assert reader.post("ServiceRequest", alone(referral())).status_code == 403
        assert reader.post("", transaction(referral())).status_code == 403
        assert reader.get("AuditEvent?entity=ServiceRequest/x").status_code == 403

    @pytest.mark.parametrize(
        ("method", "path", "status"),
        [
            ("GET", "Medication", 404),
            ("GET", "ServiceRequest/MSCC-XXXXX-X", 404),
            ("DELETE", "ServiceRequest/x", 405),
            ("PATCH", "ServiceRequest/x", 405),
            ("PROPFIND", "ServiceRequest/x", 405),
            ("TRACE", "metadata", 405),
            ("POST", "Task", 405),
            ("PUT", "Task/x", 405),
            ("GET", "ServiceRequest?colour=red", 400),
            ("GET", "ServiceRequest?_format=xml", 406),
            ("GET", "Task", 400),
            ("GET", "ServiceRequest?status=open", 422),
            ("GET", "ServiceRequest?_cursor=a", 422),
            ("GET", "ServiceRequest?_count=-1", 422),
            ("GET", "MedicationAdministration", 405),
            ("POST", "ServiceRequest/_search", 200),
            ("GET", "ServiceRequest?identifier=%00", 400),
            ("POST", "Task/_search", 400),
        ],
    )
    def test_each_is_an_outcome(self, epr: FhirMachine, method: str, path: str, status: int) -> None:
        kind = "application/x-www-form-urlencoded" if path.endswith("_search") else "application/fhir+json"
        answer = epr.send(method, path, "" if path.endswith("_search") else "{}", kind=kind)
        assert answer.status_code == status, answer.content
        if status == 405:
            assert answer["Allow"]

    def test_a_report_in_a_referral_needs_the_scope_for_facts(self) -> None:
        referrer = FhirMachine(Machine(scope="referrals:write"))
        made = alone(referral())
        made["contained"].append(report(at=now(), id="report"))
        assert referrer.post("ServiceRequest", made).status_code == 403
        with_report = transaction(referral(), more=(report(at=now()),))
        assert referrer.post("", with_report).status_code == 403
        assert referrer.post("ServiceRequest", alone(referral())).status_code == 201

    def test_xml_is_refused_by_name(self, epr: FhirMachine) -> None:
        assert epr.send("POST", "ServiceRequest", "<x/>", kind="application/fhir+xml").status_code == 415
        assert epr.get("ServiceRequest", Accept="application/fhir+xml").status_code == 406

    def test_metadata_is_open_and_says_what_works(self, epr: FhirMachine) -> None:
        answer = Client().get("/fhir/R4/metadata")
        assert (answer.status_code, answer.json()["fhirVersion"]) == (200, "4.0.1")
        said = {
            row["type"]: {one["code"] for one in row["interaction"]}
            for row in answer.json()["rest"][0]["resource"]
        }
        for kind, can in said.items():
            answers = {
                "search-type": epr.get(kind),
                "create": epr.post(kind, {}),
                "read": epr.get(f"{kind}/none"),
                "update": epr.send("PUT", f"{kind}/none", {}),
            }
            for name, answer in answers.items():
                assert (answer.status_code != 405) == (name in can), (kind, name, answer.status_code)
