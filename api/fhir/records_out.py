"""The record of a case as FHIR: reports, scans, treatment, stays, findings, advice, the plan, and who looked."""

from collections.abc import Callable, Mapping
from typing import Any

from accounts.names import names_of
from api.exchange.referral_in import identifiers_of
from api.fhir import systems
from api.fhir.outcomes import printable
from api.fhir.referral_out import (
    Resource,
    answers,
    concept,
    patient,
    practitioner,
    practitioner_role,
    service_request,
    task,
    to,
)
from kernel.time import rfc3339
from ledger.read import Entry, of_case
from mdt.content import lines
from mdt.management_plan import PARTS
from mdt.queries import plans_of
from oncall import clocks
from referrals.case.models import Event, Message, Referral
from referrals.intake.codes import EVENT_WORDS, MRI_RESULTS
from triage.guideline.findings import QUESTIONS, Answer

_REPORT = {"final": "final", "amended": "amended", "withdrawn": "entered-in-error"}
_TREATED = ("radiotherapy_started", "surgery_started")
_STAYS = {"admitted": "in-progress", "discharged": "finished"}


def _based(kind: str, case: Referral, number: object) -> Resource:
    return {
        "resourceType": kind,
        "id": f"{case.reference}.{number}",
        "meta": {"profile": [systems.uk_core(kind)]},
    }


def _events(case: Referral, *kinds: str) -> list[Event]:
    return list(case.events.filter(kind__in=kinds).order_by("id"))


def reports(case: Referral) -> list[Resource]:
    """Every report of a scan, as it was sent."""
    return [_report(case, event) for event in _events(case, "mri_reported")]


def _report(case: Referral, event: Event) -> Resource:
    data = event.data
    verified = "final" if data.get("verified") else "provisional"
    body = {
        **_based("DiagnosticReport", case, event.pk),
        "basedOn": [to("ServiceRequest", case)],
        "status": _REPORT.get(data.get("status", verified), "preliminary"),
        "code": {
            "coding": [_region(name) for name in data["regions"]],
            "text": "Report of a scan of the spine",
        }
        if data.get("regions")
        else concept("Report of a scan of the spine"),
        "subject": to("Patient", case),
        "issued": rfc3339(event.occurred_at),
    }
    if data.get("report"):
        body["identifier"] = [{"system": systems.own_id("report"), "value": data["report"]}]
    if data.get("scan"):
        named = {"system": systems.own_id("scan"), "value": data["scan"]}
        body["imagingStudy"] = [{"type": "ImagingStudy", "identifier": named}]
    if code := data.get("result"):
        body["conclusionCode"] = [
            concept(MRI_RESULTS.get(code, code), system=systems.own_codes("mri-result"), code=code)
        ]
    return body


def _region(name: str) -> Resource:
    return {"system": systems.own_codes("spine-region"), "code": name}


def scans(case: Referral) -> list[Resource]:
    """Every scan that was performed."""
    return [_scan(case, event) for event in _events(case, "mri_performed")]


def _scan(case: Referral, event: Event) -> Resource:
    modality = {"system": systems.DICOM, "code": "CT" if event.data.get("modality") == "ct" else "MR"}
    series = [
        {"uid": f"{event.pk}.{number}", "modality": modality, "bodySite": _region(name)}
        for number, name in enumerate(event.data.get("regions", ()))
    ]
    body = {
        **_based("ImagingStudy", case, event.pk),
        "basedOn": [to("ServiceRequest", case)],
        "status": "available",
        "modality": [modality],
        "subject": to("Patient", case),
        "started": rfc3339(event.occurred_at),
        "series": series,
    }
    if event.data.get("scan"):
        body["identifier"] = [{"system": systems.own_id("scan"), "value": event.data["scan"]}]
    return body


def treatments(case: Referral) -> list[Resource]:
    """Every treatment that was started."""
    return [
        {
            **_based("Procedure", case, event.pk),
            "basedOn": [to("ServiceRequest", case)],
            "status": "in-progress",
            "code": concept(EVENT_WORDS[event.kind], system=systems.own_codes("event-kind"), code=event.kind),
            "subject": to("Patient", case),
            "performedDateTime": rfc3339(event.occurred_at),
        }
        for event in _events(case, *_TREATED)
    ]


def stays(case: Referral) -> list[Resource]:
    """Every admission and discharge, as it was reported."""
    ends = {"admitted": "start", "discharged": "end"}
    return [
        {
            **_based("Encounter", case, event.pk),
            "basedOn": [to("ServiceRequest", case)],
            "status": _STAYS[event.kind],
            "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "IMP"},
            "subject": to("Patient", case),
            "period": {ends[event.kind]: rfc3339(event.occurred_at)},
        }
        for event in _events(case, *_STAYS)
    ]


def findings(case: Referral) -> list[Resource]:
    """What is known now, question by question, as evidence reads it."""
    return [
        _finding(case, question.path, question.label, value)
        for question in QUESTIONS
        if (value := _at(case.presentation, question.path)) is not None
    ]


def _at(body: Mapping[str, Any], path: str) -> Any:
    group, _, name = path.rpartition(".")
    place = body.get(group, {}) if group else body
    return place.get(name)


def _finding(case: Referral, path: str, label: str, value: Any) -> Resource:
    body = {
        **_based("Observation", case, path.replace("_", "-")),
        "basedOn": [to("ServiceRequest", case)],
        "status": "final",
        "code": concept(label, system=systems.own_codes("referral-field"), code=path),
        "subject": to("Patient", case),
        "effectiveDateTime": rfc3339(case.updated_at),
    }
    if isinstance(value, int):
        return {**body, "valueInteger": value}
    if value == Answer.NOT_ASSESSED:
        system = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
        return {**body, "dataAbsentReason": concept("Not asked", system=system, code="not-asked")}
    return {
        **body,
        "valueCodeableConcept": concept(str(value), system=systems.own_codes("answer"), code=str(value)),
    }


def flags(case: Referral) -> list[Resource]:
    """The flag that the person is on spinal precautions, once somebody has immobilised them."""
    event = next(iter(_events(case, "immobilised")), None)
    since = rfc3339(event.occurred_at) if event else (case.clinical or {}).get("immobilised_since")
    if not since:
        return []
    return [
        {
            **_based("Flag", case, "immobilised"),
            "status": "inactive" if case.is_over else "active",
            "code": concept("Spinal precautions: immobilised until spinal stability is known"),
            "subject": to("Patient", case),
            "period": {"start": since},
        }
    ]


def messages(case: Referral) -> list[Resource]:
    """The messages between the service and the referring side."""
    rows = Message.objects.filter(referral=case).select_related("note").order_by("id")
    return [
        {
            **_based("Communication", case, row.pk),
            "basedOn": [to("ServiceRequest", case)],
            "status": "completed",
            "subject": to("Patient", case),
            "sent": rfc3339(row.at),
            "sender": {"display": printable(row.by_name)},
            "payload": [{"contentString": printable(row.note.text)}],
        }
        for row in rows
    ]


def plans(case: Referral) -> list[Resource]:
    """The newest management plan that is signed."""
    plan = next((row for row in plans_of(case) if row.signed), None)
    if plan is None:
        return []
    lines = [
        f"{label}: {words}" for part in PARTS for label, words in lines(part.fields, plan.content) if words
    ]
    return [
        {
            **_based("CarePlan", case, plan.version),
            "basedOn": [to("ServiceRequest", case)],
            "status": "active",
            "intent": "plan",
            "title": "Management plan",
            "subject": to("Patient", case),
            "created": rfc3339(plan.at),
            "author": {"display": printable(plan.by_name)},
            "note": [{"text": printable(line)} for line in lines] or [{"text": "Signed"}],
        }
    ]


def audit(case: Referral) -> list[Resource]:
    """Every line of the ledger about a case, views among them, with who did it. For the privacy officer."""
    entries = list(of_case(case.pk, with_views=True))
    names = names_of({entry.actor for entry in entries})
    return [_audit(case, entry, names[entry.actor]) for entry in entries]


def _audit(case: Referral, entry: Entry, name: str) -> Resource:
    read = "viewed" in str(entry.kind)
    return {
        **_based("AuditEvent", case, entry.number),
        "type": {
            "system": "http://terminology.hl7.org/CodeSystem/audit-event-type",
            "code": "rest",
            "display": "RESTful Operation",
        },
        "subtype": [
            {
                "system": systems.own_codes("ledger-kind"),
                "code": str(entry.kind),
                "display": printable(entry.words),
            }
        ],
        "action": "R" if read else "C" if str(entry.kind) == "referral_submitted" else "U",
        "recorded": rfc3339(entry.witnessed_at),
        "outcome": "0",
        "agent": [
            {
                "who": {
                    "identifier": {"system": systems.own_id("actor"), "value": entry.actor},
                    "display": printable(name),
                },
                "requestor": True,
                **(
                    {
                        "location": {
                            "identifier": {"system": systems.ODS, "value": entry.organisation},
                            "type": "Location",
                        }
                    }
                    if entry.organisation
                    else {}
                ),
            }
        ],
        "source": {"observer": {"display": "MSCC Coordinator"}},
        "entity": [{"what": to("ServiceRequest", case)}],
    }


def provenance(case: Referral) -> list[Resource]:
    """For every act on the case: who, for which organisation, when it happened and when it was recorded."""
    entries = list(of_case(case.pk))
    names = names_of({entry.actor for entry in entries})
    return [
        {
            **_based("Provenance", case, entry.number),
            "target": [to("ServiceRequest", case)],
            "occurredDateTime": rfc3339(entry.at),
            "recorded": rfc3339(entry.witnessed_at),
            "activity": concept(entry.words, system=systems.own_codes("ledger-kind"), code=str(entry.kind)),
            "agent": [
                {
                    "who": {
                        "identifier": {"system": systems.own_id("actor"), "value": entry.actor},
                        "display": printable(names[entry.actor]),
                    }
                }
            ],
        }
        for entry in entries
    ]


def _requests(case: Referral) -> list[Resource]:
    return [service_request(case, sent_as=identifiers_of([case])[case.pk])]


OF_CASE: dict[str, Callable[[Referral], list[Resource]]] = {
    "ServiceRequest": _requests,
    "Patient": lambda case: [patient(case, case.patient)],
    "Practitioner": lambda case: [practitioner(case)],
    "PractitionerRole": lambda case: [practitioner_role(case)],
    "Task": lambda case: [task(case, clocks.of_case(case.pk))],
    "QuestionnaireResponse": lambda case: [answers(case)],
    "DiagnosticReport": reports,
    "ImagingStudy": scans,
    "Procedure": treatments,
    "Encounter": stays,
    "Observation": findings,
    "Flag": flags,
    "Communication": messages,
    "CarePlan": plans,
    "AuditEvent": audit,
    "Provenance": provenance,
}
