"""One hospital by four doors: it refers and reports the same facts by web form, REST, FHIR or HL7 v2."""

from dataclasses import dataclass, field
from datetime import datetime
from html import unescape
from typing import Any

from api.fhir import systems
from kernel.time import as_utc, rfc3339
from referrals.case.models import Event, Referral
from referrals.usecases.keep_unmatched_fact import IDENTIFIERS
from tests.doors.forms import WebForm, problems_on, send_act, signed_in
from tests.doors.machines import Machine
from tests.doors.markup import read
from tests.machines.fhir import FhirMachine, report, study, transaction
from webkit.typed import typed_instant


@dataclass(kw_only=True)
class Told:
    """A fact as a hospital knows it, in the codes of the REST API."""

    kind: str
    at: datetime
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(kw_only=True)
class Answer:
    """Whether a door took something, and every sentence with which it refused."""

    is_taken: bool
    words: str = ""


class ByRest:
    """The REST API."""

    def __init__(self) -> None:
        self.machine, self.person = Machine(), dict[str, Any]()

    @property
    def known(self) -> dict[str, Any]:
        """What a fact says of its person."""
        return {name: self.person[name] for name in IDENTIFIERS if self.person.get(name)}

    def refer(self, made: dict[str, Any]) -> Referral:
        self.person = made["patient"]
        answer = self.machine.post("referrals/", made, key="referral")
        assert answer.status_code == 201, answer.content
        return Referral.objects.get()

    def tell(self, case: Referral | None, fact: Told) -> Answer:
        made: dict[str, Any] = {"kind": fact.kind, "occurred_at": rfc3339(fact.at), "data": fact.data}
        address = f"referrals/{case.reference}/events/" if case else "events/"
        answer = self.machine.post(
            address, made if case else {**made, "patient": self.known}, key=f"{hash(repr(fact))}"
        )
        texts = [text for rows in answer.json().get("errors", {}).values() for text in rows]
        return Answer(is_taken=answer.status_code in (200, 201), words=" ".join(texts))


class ByWeb(ByRest):
    """The web form of a ward, and the coordinator to whom the ward reads its reports out."""

    def __init__(self) -> None:
        self.form, self.coordinator = WebForm(), signed_in("coordinator")

    def refer(self, made: dict[str, Any]) -> Referral:
        answer = self.form.fill(made)
        assert answer.status_code == 302, problems_on(answer)
        return Referral.objects.get()

    def tell(self, case: Referral | None, fact: Told) -> Answer:
        assert case is not None
        own = fact.kind.startswith("mri_")
        typed = {**fact.data, **typed_instant(fact.at, "occurred_at")}
        answer = send_act(
            self.coordinator,
            case,
            fact.kind if own else "event",
            follow=False,
            **(typed if own else {"kind": fact.kind, **typed}),
        )
        page = read(answer.content.decode()) if answer.status_code == 422 else None
        words = " ".join(row.words for row in page.all(class_="nhsuk-error-summary")) if page else ""
        return Answer(is_taken=answer.status_code == 302, words=words)


class ByFhir(ByRest):
    """FHIR: a transaction refers; a DiagnosticReport, an ImagingStudy, an Encounter or a Patient reports."""

    def __init__(self) -> None:
        super().__init__()
        self.fhir = FhirMachine(self.machine)

    def refer(self, made: dict[str, Any]) -> Referral:
        self.person = made["patient"]
        answer = self.fhir.post("", transaction(made))
        assert answer.status_code == 200, answer.content
        return Referral.objects.get()

    def tell(self, case: Referral | None, fact: Told) -> Answer:
        row = self.resource(fact)
        if fact.kind != "died":
            row["subject"] = {"reference": "Patient/p"}
            row["basedOn"] = [{"identifier": {"system": "https://epr.example/orders", "value": "R-1"}}]
        rows = [row] if fact.kind == "died" else [self.patient(), row]
        entries = [{"resource": r, "request": {"method": "POST", "url": r["resourceType"]}} for r in rows]
        answer = self.fhir.post("", {"resourceType": "Bundle", "type": "transaction", "entry": entries})
        texts = [row["details"]["text"] for row in answer.json().get("issue", ())]
        return Answer(is_taken=answer.status_code == 200, words=" ".join(texts))

    def patient(self) -> dict[str, Any]:
        return next(row for row in _resources(self.person) if row["resourceType"] == "Patient")

    def resource(self, fact: Told) -> dict[str, Any]:
        if fact.kind == "mri_performed":
            codes = tuple(systems.SNOMED_OF_REGION[region] for region in fact.data["regions"])
            return study(at=fact.at, regions=codes, number=fact.data["scan"])
        if fact.kind == "mri_reported":
            return self.report(fact)
        if fact.kind == "died":
            return {**self.patient(), "deceasedDateTime": rfc3339(fact.at)}
        status, end = ("in-progress", "start") if fact.kind == "admitted" else ("finished", "end")
        period = {end: rfc3339(fact.at)}
        return {"resourceType": "Encounter", "status": status, "class": {"code": "IMP"}, "period": period}

    def report(self, fact: Told) -> dict[str, Any]:
        data = fact.data
        status = {"provisional": "preliminary", "withdrawn": "cancelled"}.get(data["status"], data["status"])
        row = report(data.get("result", ""), at=fact.at, number=data["report"], status=status)
        if "result" not in data:
            del row["conclusionCode"]
        if "scan" in data:
            row["imagingStudy"] = [{"identifier": {"value": data["scan"]}}]
        if "regions" in data:
            codings = [
                {"system": systems.own_codes("spine-region"), "code": code} for code in data["regions"]
            ]
            row["code"] = {"coding": codings, "text": "MRI"}
        if "replaces" in data:
            row["extension"] = [
                {"url": systems.own_extension("replaces"), "valueIdentifier": {"value": data["replaces"]}}
            ]
        return row


class ByV2(ByRest):
    """HL7 v2: refers by REST, since v2 carries reports, stays and deaths alone."""

    def tell(self, case: Referral | None, fact: Told) -> Answer:
        if fact.kind == "mri_performed":
            return super().tell(case, fact)
        when, now = stamp(fact.at), stamp(fact.at)
        if fact.kind == "mri_reported":
            rows = self.report(fact, when)
        else:
            event = {"admitted": "A01", "discharged": "A03", "died": "A08"}[fact.kind]
            more = f"{'|' * 21}{when}|Y" if fact.kind == "died" else ""
            rows = [f"EVN|{event}|{now}||||{when}", pid(self.person, more), "PV1|1|I"]
            rows = [rf"MSH|^~\&|PAS|RXX01|MSCC|RXX01|{now}||ADT^{event}|M2|P|2.5", *rows]
        return self.send("\r".join(rows))

    def report(self, fact: Told, when: str) -> list[str]:
        data = fact.data
        status = {"provisional": "P", "final": "F", "amended": "C", "withdrawn": "X"}[data["status"]]
        obr = [
            "OBR",
            "1",
            "",
            data["report"],
            "MRISPINE^MRI",
            *[""] * 13,
            data.get("scan", ""),
            *[""] * 3,
            when,
            "",
            "",
            status,
        ]
        told = {
            "MRI_RESULT": data.get("result"),
            "SPINE_REGION": "~".join(data.get("regions", ())),
            "REPLACES": data.get("replaces"),
        }
        obx = [
            f"OBX|{n}|CWE|{name}^x^L||{value}||||||F"
            for n, (name, value) in enumerate(told.items(), 1)
            if value
        ]
        return [
            rf"MSH|^~\&|RIS|RXX01|MSCC|RXX01|{when}||ORU^R01^ORU_R01|M1|P|2.5",
            pid(self.person),
            "|".join(obr),
            *obx,
        ]

    def send(self, text: str) -> Answer:
        answer = self.machine.http.post(
            "/hl7/v2/",
            text,
            content_type="x-application/hl7-v2+er7",
            headers={"Authorization": f"Bearer {self.machine.token}"},
        )
        assert answer.status_code < 500, text
        told = answer.content.decode()
        return Answer(is_taken="MSA|AA" in told, words=unescape(told))


def pid(person: dict[str, Any], more: str = "") -> str:
    """PID of a person of the REST API."""
    born = person["date_of_birth"].replace("-", "")
    sex = {"female": "F", "male": "M"}.get(person.get("sex", ""), "")
    number = f"{person['nhs_number']}^^^NHS^NH"
    return f"PID|1||{number}||{person['family_name']}^{person['given_name']}||{born}|{sex}{more}"


def stamp(at: datetime) -> str:
    """An instant as v2 writes it."""
    return as_utc(at).strftime("%Y%m%d%H%M%S+0000")


def facts_on(case: Referral) -> list[tuple[str, datetime, dict[str, Any]]]:
    """The facts of a case as they were stored, in the order of arrival."""
    return list(Event.objects.filter(referral=case).order_by("id").values_list("kind", "occurred_at", "data"))


def _resources(person: dict[str, Any]) -> list[dict[str, Any]]:
    at = {"referrer": {"name": "", "role": "", "organisation_ods": "RXX01", "callback_number": ""}}
    made = {"patient": person, "location": {"kind": "home"}, "presentation": {}, **at}
    return [entry["resource"] for entry in transaction(made)["entry"]]


DOORS = {"web": ByWeb, "rest": ByRest, "fhir": ByFhir, "v2": ByV2}
