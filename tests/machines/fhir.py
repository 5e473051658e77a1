"""A hospital system that speaks FHIR, and what it sends."""

import json
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from api.fhir import systems
from api.fhir.structure import faults_of
from kernel.time import now, rfc3339
from tests.builders import body
from tests.doors.machines import Machine

TYPE = "application/fhir+json"


class FhirMachine:
    """A client with a token. Every answer is checked: no 5xx, FHIR by its own rules, an outcome for every error."""

    def __init__(self, machine: Machine | None = None) -> None:
        self.machine = machine or Machine()
        self.http = self.machine.http

    def send(self, method: str, path: str, content: Any = None, *, kind: str = TYPE, **headers: str) -> Any:
        sent = {"Authorization": f"Bearer {self.machine.token}"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        data = (
            content
            if isinstance(content, str | bytes)
            else json.dumps(content)
            if content is not None
            else ""
        )
        answer = self.http.generic(method, f"/fhir/R4/{path}", data, content_type=kind, headers=sent)
        assert answer.status_code < 500, (method, path, answer.content)
        self.check(answer)
        return answer

    def check(self, answer: Any) -> None:
        """Hold an answer against FHIR."""
        checked(answer)

    def get(self, path: str, **headers: str) -> Any:
        return self.send("GET", path, **headers)

    def post(self, path: str, content: Any, **headers: str) -> Any:
        return self.send("POST", path, content, **headers)


def checked(answer: Any) -> None:
    """An answer is FHIR; an error is an OperationOutcome."""
    assert answer["Content-Type"].startswith((TYPE, "application/json")), answer["Content-Type"]
    found = json.loads(answer.content)
    if answer.status_code >= 400:
        assert found["resourceType"] == "OperationOutcome", found
        assert found["issue"]
    assert faults_of(found) == {}, faults_of(found)
    validated(found)


def validated(resource: dict[str, Any]) -> None:
    """A resource by a validator that we did not write."""
    from fhir.resources.R4B import get_fhir_model_class

    get_fhir_model_class(resource["resourceType"]).model_validate(resource)


def field(code: str, value: Any, *, at: datetime | None = None) -> dict[str, Any]:
    """An Observation with a field of ours."""
    name = (
        "valueDateTime"
        if code.endswith("_at")
        else "valueInteger"
        if isinstance(value, int)
        else "valueString"
    )
    row = {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": systems.own_codes("referral-field"), "code": code}]},
        name: value,
    }
    return row | ({"effectiveDateTime": rfc3339(at)} if at else {})


def resources_of(sent: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The body of the REST API as FHIR resources: a request, its person, its referrer and its findings."""
    person, referrer, place = sent["patient"], sent["referrer"], sent["location"]
    patient: dict[str, Any] = {"resourceType": "Patient", "gender": person.get("sex", "unknown")}
    names = {
        "family": person.get("family_name"),
        "given": [person["given_name"]] if person.get("given_name") else None,
    }
    patient["name"] = [{key: value for key, value in names.items() if value}]
    if person.get("postcode"):
        patient["address"] = [{"postalCode": person["postcode"]}]
    if person.get("date_of_birth"):
        patient["birthDate"] = person["date_of_birth"]
    if person.get("nhs_number"):
        patient["identifier"] = [{"system": systems.NHS_NUMBER, "value": person["nhs_number"]}]
    elif person.get("nhs_number_unknown_reason"):
        why = {"text": person["nhs_number_unknown_reason"]}
        patient["extension"] = [{"url": systems.UNAVAILABLE, "valueCodeableConcept": why}]
    ods = {"system": systems.ODS, "value": referrer["organisation_ods"]}
    role = (
        {"coding": [{"system": systems.own_codes("referrer-role"), "code": referrer["role"]}]}
        if referrer["role"]
        else None
    )
    telecom = (
        [{"system": "phone", "value": referrer["callback_number"]}] if referrer["callback_number"] else None
    )
    of_role = {
        "resourceType": "PractitionerRole",
        "practitioner": {"reference": "Practitioner/who"},
        "organization": {"identifier": ods},
        "code": role and [role],
        "telecom": telecom,
    }
    who = {
        "resourceType": "Practitioner",
        "id": "who",
        "name": [{"text": referrer["name"]}] if referrer["name"] else None,
        "identifier": [{"system": systems.REGISTRATIONS[0], "value": referrer["registration_number"]}]
        if referrer.get("registration_number")
        else None,
    }
    kind = {"coding": [{"system": systems.own_codes("location-kind"), "code": place["kind"]}]}
    request: dict[str, Any] = {
        "resourceType": "ServiceRequest",
        "status": "active",
        "intent": "order",
        "priority": "stat" if sent.get("referrer_concern") == "emergency" else "routine",
        "subject": {"reference": "Patient/p"},
        "requester": {"reference": "PractitionerRole/r"},
        "locationCode": [kind],
    }
    return {
        "request": request,
        "p": {**patient, "id": "p"},
        "r": {key: value for key, value in {**of_role, "id": "r"}.items() if value},
        "who": {key: value for key, value in who.items() if value},
        "answers": answers_of(sent),
    }


def answers_of(sent: dict[str, Any]) -> dict[str, Any]:
    """Presentation and clinical part as a QuestionnaireResponse."""
    items = [
        {"linkId": path, "answer": [_typed(path, value)]}
        for path, value in _flat({name: sent[name] for name in sent if name in _PARTS})
        if value is not None
    ]
    return {"resourceType": "QuestionnaireResponse", "status": "completed", "item": items}


_PARTS = ("presentation", "clinical", "clinician_suspected_at", "mscc_suspected_at", "presented_at")


def _flat(part: Any, path: str = "") -> list[tuple[str, Any]]:
    if isinstance(part, dict):
        return [row for key, value in part.items() for row in _flat(value, f"{path}.{key}".lstrip("."))]
    return [(path, part)]


def _typed(path: str, value: Any) -> dict[str, Any]:
    if isinstance(value, int):
        return {"valueInteger": value}
    if isinstance(value, float):
        return {"valueDecimal": value}
    return {"valueDateTime" if path.endswith(("_at", "_since")) else "valueString": value}


def transaction(
    sent: dict[str, Any], *, number: str = "R-1", more: tuple[dict[str, Any], ...] = ()
) -> dict[str, Any]:
    """A transaction Bundle of a referral."""
    parts = resources_of(sent)
    parts["request"]["identifier"] = [{"system": "https://epr.example/orders", "value": number}]
    rows = [*parts.values(), *more]
    return {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [
            {"resource": row, "request": {"method": "POST", "url": row["resourceType"]}} for row in rows
        ],
    }


def alone(sent: dict[str, Any], *, number: str = "R-1") -> dict[str, Any]:
    """A ServiceRequest that contains what belongs to it."""
    parts = resources_of(sent)
    request = parts.pop("request")
    request |= {
        "identifier": [{"system": "https://epr.example/orders", "value": number}],
        "contained": list(parts.values()),
        "subject": {"reference": "#p"},
        "requester": {"reference": "#r"},
    }
    parts["r"]["practitioner"] = {"reference": "#who"}
    parts["answers"]["id"] = "answers"
    return request


def referral(presentation: Any = "weakness", **changes: Any) -> dict[str, Any]:
    """A referral of the demo hospital in the form of the REST API."""
    at = now().replace(second=0, microsecond=0) - timedelta(minutes=1)
    made = {"referrer__organisation_ods": "RXX01", "clinician_suspected_at": rfc3339(at), **changes}
    return body(presentation, at=at, **made)


def report(
    result: str = "mscc", *, at: datetime, number: str = "REP-1", status: str = "final", **more: Any
) -> dict[str, Any]:
    """A report as a RIS sends it."""
    return {
        "resourceType": "DiagnosticReport",
        "status": status,
        "code": {"text": "MRI whole spine"},
        "issued": rfc3339(at),
        "identifier": [{"system": "https://ris.example/reports", "value": number}],
        "conclusionCode": [{"coding": [{"system": systems.own_codes("mri-result"), "code": result}]}],
        **more,
    }


def study(
    *,
    at: datetime,
    regions: tuple[str, ...] = ("122494005", "122495006", "122496007"),
    number: str = "ACC-1",
    **more: Any,
) -> dict[str, Any]:
    """A study as a RIS sends it, with the regions by SNOMED CT."""
    modality = {"system": systems.DICOM, "code": "MR"}
    series = [
        {"uid": f"1.2.{n}", "modality": modality, "bodySite": {"system": systems.SNOMED, "code": code}}
        for n, code in enumerate(regions)
    ]
    return {
        "resourceType": "ImagingStudy",
        "status": "available",
        "modality": [modality],
        "started": rfc3339(at),
        "series": series,
        "identifier": [{"system": "https://ris.example/accessions", "value": number}],
        "subject": {"display": "see basedOn"},
        **more,
    }


def based_on(reference: str) -> list[dict[str, str]]:
    """The referral that a resource is based on."""
    return [{"reference": f"{settings.BASE_URL}/fhir/R4/ServiceRequest/{reference}"}]
