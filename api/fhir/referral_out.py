"""A case as FHIR: the request, its person, its referrer, and the task with its state."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from api.exchange.referral_in import Identifier
from api.fhir import systems
from api.fhir.outcomes import printable
from kernel.time import rfc3339
from oncall.kinds import INTERNAL
from oncall.models import Clock
from referrals.case.models import Patient, Referral
from referrals.case.states import STATUS_WORDS, Status
from referrals.intake.fields import ETHNIC_CATEGORY, FIELDS, LOCATION_KIND, REFERRER_ROLE
from triage.guideline.findings import QUESTIONS
from triage.guideline.rule import Stream

Resource = dict[str, Any]
_REQUEST = {
    Status.CLOSED: "completed",
    Status.ADVICE_GIVEN: "completed",
    Status.WITHDRAWN: "revoked",
    Status.ENTERED_IN_ERROR: "entered-in-error",
}
REQUEST_STATUSES = {
    code: tuple(str(status) for status in Status if _REQUEST.get(status, "active") == code)
    for code in ("active", "completed", "revoked", "entered-in-error")
}
_TASK = {
    Status.SUBMITTED: "received",
    Status.ACKNOWLEDGED: "accepted",
    Status.IN_PROGRESS: "in-progress",
    Status.AWAITING_MDT: "in-progress",
    Status.IN_TREATMENT: "in-progress",
    Status.ADVICE_GIVEN: "rejected",
    Status.CLOSED: "completed",
    Status.WITHDRAWN: "cancelled",
    Status.ENTERED_IN_ERROR: "entered-in-error",
}
_PRIORITY = {
    Stream.EMERGENCY: "stat",
    Stream.ONE_WEEK: "urgent",
    Stream.INSUFFICIENT_INFORMATION: "urgent",
    Stream.URGENT_ONCOLOGY: "asap",
}
_GENDER = {"male": "male", "female": "female", "indeterminate": "other"}


def meta(case: Referral, kind: str, *, versioned: bool = True) -> Resource:
    """The version and the profile of a resource of a case."""
    version = {"versionId": str(case.version)} if versioned else {}
    return {**version, "lastUpdated": rfc3339(case.updated_at), "profile": [systems.uk_core(kind)]}


def etag(case: Referral) -> str:
    """The version of a case as an ETag."""
    return f'W/"{case.version}"'


def concept(text: str, *, system: str = "", code: str = "") -> Resource:
    """A CodeableConcept."""
    words = {"text": printable(text)}
    return (
        {"coding": [{"system": system, "code": code, "display": printable(text)}], **words} if code else words
    )


def to(kind: str, case: Referral) -> Resource:
    """A reference to a resource of a case."""
    return {"reference": f"{kind}/{case.reference}", "type": kind}


def service_request(case: Referral, *, sent_as: Iterable[Identifier] = ()) -> Resource:
    """The referral."""
    body: Resource = {
        "resourceType": "ServiceRequest",
        "id": case.reference,
        "meta": meta(case, "ServiceRequest"),
        "identifier": [
            {"system": systems.own_id("mscc-referral"), "value": case.reference},
            *(_identifier(name) for name in sent_as),
        ],
        "status": _REQUEST.get(Status(case.status), "active"),
        "intent": "order",
        "category": [concept("Patient referral", system=systems.SNOMED, code=systems.REFERRAL)],
        "priority": "stat" if case.pages_at_once else _PRIORITY.get(Stream(case.stream), "routine"),
        "code": concept("Suspected metastatic spinal cord compression: coordination"),
        "subject": to("Patient", case),
        "authoredOn": rfc3339(case.submitted_at),
        "requester": {**to("PractitionerRole", case), "display": printable(case.referrer.get("name") or "")},
        "locationCode": [_location_kind(case)],
        "supportingInfo": [to("QuestionnaireResponse", case)],
    }
    if notes := (case.clinical or {}).get("notes"):
        body["note"] = [{"text": _markdown(str(notes))}]
    if case.merged_into_id is not None and case.merged_into is not None:
        main = to("ServiceRequest", case.merged_into)
        body["extension"] = [{"url": systems.own_extension("merged-into"), "valueReference": main}]
    return body


def _identifier(name: Identifier) -> Resource:
    return {"value": name.value, **({"system": name.system} if name.system else {})}


def _markdown(text: str) -> str:
    return "\n".join(printable(line) if line.strip() else "" for line in text.splitlines()).strip() or "-"


def _location_kind(case: Referral) -> Resource:
    kind = str(case.location.get("kind") or "other")
    return concept(LOCATION_KIND.get(kind, kind), system=systems.own_codes("location-kind"), code=kind)


def patient(case: Referral, person: Patient) -> Resource:
    """The person. A number that nobody has traced is never said to be verified."""
    body: Resource = {
        "resourceType": "Patient",
        "id": case.reference,
        "meta": meta(case, "Patient", versioned=False),
        "active": True,
        "gender": _GENDER.get(person.sex, "unknown"),
    }
    if identifiers := _numbers(person):
        body["identifier"] = identifiers
    name = {
        "use": "official",
        **({"family": person.family_name} if person.family_name else {}),
        **({"given": person.given_name.split()} if person.given_name.split() else {}),
    }
    body["name"] = [name if len(name) > 1 else {"text": "Not identified"}]
    if person.date_of_birth is not None:
        year = f"{person.date_of_birth.year:04d}"
        body["birthDate"] = year if person.birth_estimated else person.date_of_birth.isoformat()
    if person.phone:
        body["telecom"] = [{"system": "phone", "value": printable(person.phone)}]
    if person.postcode:
        body["address"] = [{"postalCode": printable(person.postcode)}]
    if person.ethnic_category in ETHNIC_CATEGORY:
        code = str(person.ethnic_category)
        category = concept(ETHNIC_CATEGORY[code], system=systems.ETHNIC_CODES, code=code)
        body["extension"] = [{"url": systems.ETHNIC, "valueCodeableConcept": category}]
    if case.died_at is not None:
        body["deceasedDateTime"] = rfc3339(case.died_at)
    return body


def _numbers(person: Patient) -> list[Resource]:
    rows: list[Resource] = []
    if person.nhs_number:
        status = concept("Number present but not traced", system=systems.VERIFICATION_CODES, code="02")
        rows.append(
            {
                "extension": [{"url": systems.VERIFICATION, "valueCodeableConcept": status}],
                "system": systems.NHS_NUMBER,
                "value": person.nhs_number,
            }
        )
    if person.local_id:
        rows.append({"system": systems.own_id("local-patient"), "value": person.local_id})
    return rows


def practitioner(case: Referral) -> Resource:
    """The referrer as a person."""
    body: Resource = {
        "resourceType": "Practitioner",
        "id": case.reference,
        "meta": meta(case, "Practitioner", versioned=False),
        "name": [{"text": printable(case.referrer.get("name") or "")}],
    }
    if number := case.referrer.get("registration_number"):
        body["identifier"] = [{"system": systems.own_id("registration"), "value": printable(str(number))}]
    if telecom := _telecom(case):
        body["telecom"] = telecom
    return body


def _telecom(case: Referral) -> list[Resource]:
    sent = (("phone", case.referrer.get("callback_number")), ("email", case.referrer.get("email")))
    return [{"system": kind, "value": printable(str(value))} for kind, value in sent if value]


def practitioner_role(case: Referral) -> Resource:
    """The referrer in their role and organisation."""
    role, ods = str(case.referrer.get("role") or "other"), case.referrer_organisation
    body: Resource = {
        "resourceType": "PractitionerRole",
        "id": case.reference,
        "meta": meta(case, "PractitionerRole", versioned=False),
        "practitioner": to("Practitioner", case),
        "organization": {
            "reference": f"Organization/{ods}",
            "identifier": {"system": systems.ODS, "value": ods},
        },
        "code": [
            concept(REFERRER_ROLE.get(role, role), system=systems.own_codes("referrer-role"), code=role)
        ],
    }
    if telecom := _telecom(case):
        body["telecom"] = telecom
    return body


def organisation(ods: str, name: str) -> Resource:
    """An organisation that is known here."""
    return {
        "resourceType": "Organization",
        "id": ods,
        "meta": {"profile": [systems.uk_core("Organization")]},
        "identifier": [{"system": systems.ODS, "value": ods}],
        "active": True,
        "name": printable(name),
    }


def task(case: Referral, clocks: Iterable[Clock]) -> Resource:
    """The state of the referral. `restriction.period.end` is the next limit that is running."""
    running = sorted(
        (clock for clock in clocks if clock.stopped_at is None and clock.kind not in INTERNAL),
        key=lambda c: c.due_at,
    )
    words = STATUS_WORDS[Status(case.status)]
    body: Resource = {
        "resourceType": "Task",
        "id": case.reference,
        "meta": meta(case, "Task"),
        "basedOn": [to("ServiceRequest", case)],
        "status": _TASK[Status(case.status)],
        "businessStatus": concept(words, system=systems.own_codes("referral-status"), code=str(case.status)),
        "intent": "order",
        "priority": "stat" if case.pages_at_once else _PRIORITY.get(Stream(case.stream), "routine"),
        "code": concept("Fulfil", system="http://hl7.org/fhir/CodeSystem/task-code", code="fulfill"),
        "focus": to("ServiceRequest", case),
        "for": to("Patient", case),
        "authoredOn": rfc3339(case.submitted_at),
        "lastModified": rfc3339(case.updated_at),
        "requester": to("PractitionerRole", case),
        "owner": {"display": printable(case.responsible or "MSCC coordinator")},
    }
    if running:
        body["restriction"] = {"period": {"end": rfc3339(running[0].due_at)}}
        body["input"] = [_limit(clock) for clock in running]
    if case.status in (Status.ADVICE_GIVEN, Status.WITHDRAWN, Status.ENTERED_IN_ERROR):
        body["statusReason"] = concept(words)
    if case.outcome:
        code = concept("Outcome")
        body["output"] = [
            {
                "type": code,
                "valueCodeableConcept": concept(
                    case.outcome.replace("_", " "), system=systems.own_codes("outcome"), code=case.outcome
                ),
            }
        ]
    return body


def _limit(clock: Clock) -> Resource:
    """A running limit by its kind."""
    kind = str(clock.kind)
    return {
        "type": concept(kind.replace("_", " "), system=systems.own_codes("clock"), code=kind),
        "valueDateTime": rfc3339(clock.due_at),
    }


def answers(case: Referral) -> Resource:
    """The referral as it was sent, question by question."""
    items = [
        _answer(f"presentation.{question.path}", question.label, value)
        for question in QUESTIONS
        if (value := _at(case.presentation_sent, question.path)) not in (None, "", [])
    ]
    clinical: Mapping[str, Any] = {"clinical": dict(case.clinical_sent or {})}
    items += [
        _answer(spec.path, spec.label, value)
        for spec in FIELDS
        if spec.group.startswith("clinical") and (value := _at(clinical, spec.path)) not in (None, "", [])
    ]
    suspected = (
        ("clinician_suspected_at", case.clinician_suspected_at),
        ("mscc_suspected_at", case.mscc_suspected_at),
    )
    items += [_answer(path, path, rfc3339(at)) for path, at in suspected if isinstance(at, datetime)]
    return {
        "resourceType": "QuestionnaireResponse",
        "id": case.reference,
        "basedOn": [to("ServiceRequest", case)],
        "questionnaire": f"{systems.base()}/Questionnaire/mscc-referral",
        "status": "completed",
        "subject": to("Patient", case),
        "authored": rfc3339(case.submitted_at),
        "author": to("PractitionerRole", case),
        "item": items,
    }


def _at(body: Mapping[str, Any], path: str) -> Any:
    value: Any = body
    for step in path.split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
    return value


def _answer(path: str, label: str, value: Any) -> Resource:
    values = value if isinstance(value, list) else [value]
    return {"linkId": path, "text": printable(label), "answer": [_typed(path, one) for one in values]}


def _typed(path: str, value: Any) -> Resource:
    if isinstance(value, bool):
        return {"valueBoolean": value}
    if isinstance(value, int):
        return {"valueInteger": value}
    if isinstance(value, float):
        return {"valueDecimal": value}
    if path.endswith(("_at", "_since")):
        return {"valueDateTime": value}
    return {"valueString": _markdown(str(value))}
