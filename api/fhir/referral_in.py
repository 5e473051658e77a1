"""A FHIR ServiceRequest, with what came along, as the body of a referral. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from api.exchange.referral_in import Identifier
from api.fhir import systems
from api.fhir.bundle_in import Resource, Sent, words_of
from api.fhir.facts_in import FACTS, dexamethasone_of
from api.fhir.findings_in import Findings, read_answers, read_condition, read_observation
from api.fhir.outcomes import NotFhir
from api.fhir.person_in import is_dead, location_of, patient_of, referrer_of
from api.rest.representations import DEATH_UNREAD
from kernel.refusals import Invalid

_READERS = {
    "Observation": read_observation,
    "Condition": read_condition,
    "QuestionnaireResponse": read_answers,
}
_CONTEXT = (
    "Patient",
    "Practitioner",
    "PractitionerRole",
    "Organization",
    "Location",
    "ServiceRequest",
    "MessageHeader",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SentReferral:
    """The body of the REST API, the sender's identifiers, the facts that came along, and the warnings for the sender."""

    body: dict[str, Any]
    identifiers: tuple[Identifier, ...]
    facts: tuple[Resource, ...]
    warnings: tuple[tuple[str, str], ...]


def referral_of(request: Resource, sent: Sent) -> SentReferral:
    """Read a referral; Invalid for a request that is not an active order, NotFhir without its one patient."""
    if request["status"] != "active" or request["intent"] not in ("order", "original-order"):
        where = "ServiceRequest.status" if request["status"] != "active" else "ServiceRequest.intent"
        raise Invalid(
            "Send an active order", errors={where: ["A referral is sent as status active, intent order"]}
        )
    if request.get("doNotPerform"):
        raise Invalid(
            "This asks for nothing",
            errors={"ServiceRequest.doNotPerform": ["A request not to act is not a referral"]},
        )
    patient = _patient(request, sent)
    _refuse_other_subjects(sent)
    findings = Findings(warnings=[("Patient.deceased", DEATH_UNREAD)] if is_dead(patient) else [])
    for number, row in enumerate(sent.resources):
        kind = row.get("resourceType")
        if kind in _READERS:
            _READERS[kind](row, findings, at=kind)
        elif kind == "MedicationAdministration":
            for name, value in dexamethasone_of(row).items():
                findings.put(f"clinical.dexamethasone.{name}", value, at=kind)
        elif kind not in _CONTEXT and kind not in FACTS:
            findings.warnings.append((f"Bundle.entry[{number}]", f"{kind} is not read with a referral"))
    if findings.errors:
        raise Invalid("Some of what was sent cannot be accepted", errors=findings.errors)
    body = _body(request, sent, patient, findings)
    facts = tuple(sent.of_kind(*(kind for kind in FACTS if kind != "MedicationAdministration")))
    return SentReferral(
        body=body,
        identifiers=tuple(identifiers_of(request)),
        facts=facts,
        warnings=tuple(findings.warnings),
    )


def _patient(request: Resource, sent: Sent) -> Resource:
    """The one person of a referral. Findings of a second would be taken for the first one's."""
    patient = sent.person(request["subject"])
    if patient is None:
        raise NotFhir(
            "The patient is missing",
            errors={"ServiceRequest.subject": ["Send the Patient that it names in the Bundle, or contained"]},
        )
    if any(patient_of(other) != patient_of(patient) for other in sent.of_kind("Patient")):
        raise NotFhir(
            "Several people", errors={"Bundle.entry": ["A referral is of one person: send one Patient"]}
        )
    return patient


def _refuse_other_subjects(sent: Sent) -> None:
    """Refuse a resource about a person who was not sent: it is a finding of another person."""
    for row in sent.resources:
        kind, subject = str(row.get("resourceType")), row.get("subject", {})
        is_read = kind in _READERS or kind in FACTS
        if is_read and "reference" in subject and sent.person(subject) is None:
            words = "This names a different person from the referral"
            raise NotFhir("Several people", errors={f"{kind}.subject": [words]})


def identifiers_of(request: Mapping[str, Any]) -> list[Identifier]:
    """The sender's identifiers of a request, each once."""
    rows = [row for row in request.get("identifier", ()) if row.get("value")]
    named = [Identifier(row.get("system", ""), row["value"]) for row in rows]
    too_long = [
        name
        for name in named
        if len(name.system) > 200 or len(name.value) > 200 or not (name.system + name.value).isprintable()
    ]
    if too_long:
        raise Invalid(
            "An identifier cannot be stored",
            errors={"ServiceRequest.identifier": ["Use at most 200 printable characters"]},
        )
    own = systems.own_id("mscc-referral")
    return sorted({name for name in named if name.system != own})


def _body(request: Resource, sent: Sent, patient: Resource, findings: Findings) -> dict[str, Any]:
    body: dict[str, Any] = {
        "patient": patient_of(patient),
        "referrer": referrer_of(request, sent),
        "location": location_of(request, sent),
        "referrer_concern": "emergency" if request.get("priority") == "stat" else "as_guideline",
        "presentation": {},
    }
    notes = [
        *(words_of(reason) for reason in request.get("reasonCode", ())),
        *(row["text"] for row in request.get("note", ()) if row.get("text")),
        *(request[name] for name in ("patientInstruction",) if name in request),
        *findings.notes,
    ]
    values = dict(findings.values)
    if written := values.get("clinical.notes"):
        notes = [str(written), *notes]
    if any(notes):
        values["clinical.notes"] = "\n".join(dict.fromkeys(note for note in notes if note))
    for path, value in values.items():
        _put(body, path, value)
    return body


def _put(body: dict[str, Any], path: str, value: Any) -> None:
    place, steps = body, path.split(".")
    for step in steps[:-1]:
        place = place.setdefault(step, {})
    place[steps[-1]] = value
