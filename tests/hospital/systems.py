"""A PAS, a RIS and an EPR of a hospital. They speak the standards alone: HL7 v2, FHIR, CDS Hooks, and webhooks back."""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from kernel.time import now, rfc3339
from tests.doors.machines import Machine
from tests.doors.test_webhooks import Receiver
from tests.hospital.line import Outbox
from tests.machines.fhir import FhirMachine, report, study, transaction
from tests.machines.fhir import field as observation
from tests.machines.four_doors import ByV2, Told, pid, stamp

ORDERS = "https://epr.example/orders"


@dataclass(kw_only=True)
class Person:
    """Somebody in the hospital, as the body of a referral of the REST API, and what the hospital knows to be true."""

    number: str
    made: dict[str, Any]
    scans: set[tuple[str, str]] = field(default_factory=set)  # accession, instant
    reports: set[tuple[str, str, str, str]] = field(default_factory=set)  # number, status, result, instant
    stays: set[tuple[str, str]] = field(default_factory=set)  # status, instant
    died: str = ""
    cancelled: bool = False

    @property
    def person(self) -> dict[str, Any]:
        return dict(self.made["patient"])


@dataclass(kw_only=True)
class Pas:
    """The patient administration system: admissions, discharges, deaths and merged numbers by HL7 v2."""

    outbox: Outbox

    def tell(self, person: Person, event: str, at: datetime) -> None:
        """Queue an ADT message, and know it."""
        kind, status = {"A01": ("admitted", "in-progress"), "A03": ("discharged", "finished")}.get(
            event, ("died", "")
        )
        if status:
            person.stays.add((status, rfc3339(at)))
        else:
            person.died = rfc3339(at)
        self.outbox.waiting.append(lambda: _v2_fact(person, Told(kind=kind, at=at)))

    def join(self, person: Person, retired: str) -> None:
        """Queue an A40: `retired` ends, and this person goes on."""
        when = stamp(now())
        rows = [rf"MSH|^~\&|PAS|RXX01|MSCC|RXX01|{when}||ADT^A40^ADT_A39|M9|P|2.5", f"EVN|A40|{when}"]
        rows += [pid(person.person), f"MRG|{retired}^^^RXX01^MR"]
        self.outbox.waiting.append(lambda: _taken(ByV2().send("\r".join(rows))))


@dataclass(kw_only=True)
class Ris:
    """The radiology system: studies by FHIR; reports by HL7 v2 or FHIR, some in words that no machine reads."""

    outbox: Outbox
    results: dict[str, str] = field(default_factory=dict)  # what a person reads in the report of a number

    def scan(self, person: Person, number: str, at: datetime) -> None:
        """Queue an ImagingStudy, and know it."""
        person.scans.add((number, rfc3339(at)))
        row = study(at=at, number=number) | {"basedOn": _order(person)}
        self.outbox.waiting.append(lambda: _fhir_fact(person, row))

    def report(
        self, person: Person, number: str, at: datetime, *, status: str, result: str, how: str = "v2"
    ) -> None:
        """Queue a report by `v2`, by `fhir`, or in `words`, and know it."""
        person.reports.add((number, status, result, rfc3339(at)))
        self.results[number] = result
        if how == "v2":
            data = {
                "status": status,
                "result": result,
                "report": number,
                "regions": ["cervical", "thoracic", "lumbar"],
            }
            self.outbox.waiting.append(lambda: _v2_fact(person, Told(kind="mri_reported", at=at, data=data)))
            return
        sent = {"provisional": "preliminary"}.get(status, status)
        row = report(result, at=at, number=number, status=sent) | {"basedOn": _order(person)}
        if how == "words":
            row |= {"conclusion": "In words alone", "conclusionCode": [{"text": "See the report"}]}
        self.outbox.waiting.append(lambda: _fhir_fact(person, row))


@dataclass(kw_only=True)
class Epr:
    """The patient record: it asks while a clinician works, refers, cancels, and follows by webhook."""

    outbox: Outbox
    inbox: Receiver
    cards: int = 0
    seen: dict[str, tuple[str, str]] = field(default_factory=dict)  # reference: status of order and task
    read: int = 0  # of the inbox

    def subscribe(self) -> None:
        answer = Machine().post("webhooks/", {"url": self.inbox.url, "kinds": []}, key=None)
        assert answer.status_code == 201, answer.content

    def refer(self, person: Person) -> None:
        """A clinician opens the record, sees the card, and refers."""
        self.outbox.waiting.append(lambda: self._ask(person))
        self.outbox.waiting.append(lambda: _referred(person))

    def cancel(self, person: Person) -> None:
        person.cancelled = True
        self.outbox.waiting.append(lambda: _cancelled(person))

    def _ask(self, person: Person) -> None:
        known = {
            "patient": {"resourceType": "Patient", "gender": "female"},
            "conditions": _bundle(
                {"resourceType": "Condition", "subject": {"display": "x"}, "code": {"text": "Breast cancer"}}
            ),
            "findings": _bundle(observation("neurology.limb_weakness", "yes", at=now())),
        }
        body = {"hook": "patient-view", "hookInstance": str(uuid.uuid4()), "prefetch": known}
        body["context"] = {"userId": "Practitioner/1", "patientId": "p"}
        answer = Machine().http.post(
            "/cds-services/mscc-patient-view", json.dumps(body), content_type="application/json"
        )
        assert answer.status_code == 200, answer.content
        self.cards += len(answer.json()["cards"])

    def follow(self) -> None:
        """Read, by FHIR, every referral of which the service has told something since the last time."""
        came, self.read = self.inbox.came[self.read :], len(self.inbox.came)
        references = {json.loads(body)["reference"] for _, body in came}
        fhir = FhirMachine()
        for reference in sorted(references):
            self.seen[reference] = state_of(fhir, reference)


def state_of(fhir: FhirMachine, reference: str) -> tuple[str, str]:
    """The status of an order and of its task."""
    task = fhir.get(f"Task?focus=ServiceRequest/{reference}").json()["entry"][0]["resource"]
    return fhir.get(f"ServiceRequest/{reference}").json()["status"], task["status"]


def _order(person: Person) -> list[dict[str, Any]]:
    return [{"identifier": {"system": ORDERS, "value": person.number}}]


def _bundle(*rows: Mapping[str, Any]) -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": dict(row)} for row in rows]}


def _v2_fact(person: Person, fact: Told) -> None:
    door = ByV2()
    door.person = person.person
    _taken(door.tell(None, fact))


def _taken(answer: Any) -> None:
    assert answer.is_taken, answer.words


def _fhir_fact(person: Person, row: dict[str, Any]) -> None:
    patient = transaction(person.made)["entry"][1]["resource"]
    rows = [patient, row | {"subject": {"reference": "Patient/p"}}]
    entries = [{"resource": r, "request": {"method": "POST", "url": r["resourceType"]}} for r in rows]
    answer = FhirMachine().post("", {"resourceType": "Bundle", "type": "transaction", "entry": entries})
    assert answer.status_code == 200, answer.content


def _referred(person: Person) -> None:
    answer = FhirMachine().post("", transaction(person.made, number=person.number))
    assert answer.status_code == 200, answer.content


def _cancelled(person: Person) -> None:
    fhir = FhirMachine()
    found = fhir.get(f"ServiceRequest?identifier={ORDERS}%7C{person.number}").json()["entry"][0]["resource"]
    made = {**found, "status": "revoked", "note": [{"text": "Sent to the wrong service"}]}
    version = f'W/"{found["meta"]["versionId"]}"'
    answer = fhir.send("PUT", f"ServiceRequest/{found['id']}", made, If_Match=version)
    assert answer.status_code in (200, 202, 409), (
        answer.content
    )  # 409: it was cancelled, and the answer was lost
