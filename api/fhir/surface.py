"""The abilities of this door: one table, from which the addresses, the refusals and the CapabilityStatement are made."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from api.fhir import systems
from kernel.time import rfc3339


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What can be done with one kind of resource. `by` are the search parameters that name a case, `filters` the others."""

    name: str
    read: bool = True
    create: bool = False
    cancel: bool = False
    by: tuple[str, ...] = ()
    filters: dict[str, str] = field(default_factory=dict)
    scope: str = "referrals:read"

    @property
    def interactions(self) -> tuple[str, ...]:
        can = {
            "read": self.read,
            "create": self.create,
            "update": self.cancel,
            "search-type": bool(self.by or self.filters),
        }
        return tuple(name for name, holds in can.items() if holds)


AUDIT = "audit:read"
KINDS: tuple[Kind, ...] = (
    Kind(
        name="ServiceRequest",
        create=True,
        cancel=True,
        filters={
            "_id": "token",
            "identifier": "token",
            "subject": "reference",
            "patient": "reference",
            "status": "token",
            "authored": "date",
            "_lastUpdated": "date",
            "patient.identifier": "token",
            "subject.identifier": "token",
        },
    ),
    Kind(name="Patient", create=True, filters={"_id": "token", "identifier": "token"}),
    Kind(name="Practitioner", filters={"_id": "token", "identifier": "token"}),
    Kind(name="PractitionerRole", filters={"_id": "token"}),
    Kind(name="Organization", filters={"_id": "token", "identifier": "token"}),
    Kind(name="Task", by=("focus", "based-on", "patient")),
    Kind(name="QuestionnaireResponse", by=("based-on", "subject", "patient")),
    Kind(name="Questionnaire", filters={"_id": "token"}),
    Kind(name="Observation", create=True, by=("based-on", "subject", "patient")),
    Kind(name="DiagnosticReport", create=True, by=("based-on", "subject", "patient")),
    Kind(name="ImagingStudy", create=True, by=("basedon", "subject", "patient")),
    Kind(name="Procedure", create=True, by=("based-on", "subject", "patient")),
    Kind(name="Encounter", create=True, by=("based-on", "subject", "patient")),
    Kind(name="MedicationAdministration", create=True, read=False),
    Kind(name="CarePlan", by=("based-on", "subject", "patient")),
    Kind(name="Communication", by=("based-on", "subject", "patient")),
    Kind(name="Flag", by=("subject", "patient")),
    Kind(name="AuditEvent", by=("entity",), scope=AUDIT),
    Kind(name="Provenance", by=("target",), scope=AUDIT),
)
NOTHING = Kind(name="", read=False)
KIND_AT = {kind.name: kind for kind in KINDS}
RESULTS = ("_count", "_format", "_cursor", "_sort", "_summary")


def capability(*, at: datetime) -> dict[str, Any]:
    """The CapabilityStatement."""
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": rfc3339(at),
        "kind": "instance",
        "software": {"name": "MSCC Coordinator"},
        "implementation": {
            "description": "Referral, triage and events of suspected metastatic spinal cord compression. Shaped after UK Core; "
            "conformance is not claimed",
            "url": systems.base(),
        },
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json", "json"],
        "rest": [
            {
                "mode": "server",
                "security": {
                    "service": [
                        {
                            "coding": [
                                {
                                    "system": "http://terminology.hl7.org/CodeSystem/restful-security-service",
                                    "code": "OAuth",
                                }
                            ]
                        }
                    ],
                    "description": "OAuth 2.0 client credentials at /oauth/token/",
                },
                "resource": [_of_kind(kind) for kind in KINDS],
                "interaction": [{"code": "transaction"}, {"code": "batch"}],
                "operation": [
                    {
                        "name": "process-message",
                        "definition": "http://hl7.org/fhir/OperationDefinition/MessageHeader-process-message",
                        "documentation": "servicerequest-request: new refers; update with status revoked or "
                        "entered-in-error cancels. After the pattern of BaRS; conformance is not claimed",
                    }
                ],
            }
        ],
    }


def _of_kind(kind: Kind) -> dict[str, Any]:
    row: dict[str, Any] = {
        "type": kind.name,
        "supportedProfile": [systems.uk_core(kind.name)],
        "interaction": [{"code": code} for code in kind.interactions],
    }
    if kind.name == "ServiceRequest":
        row |= {"versioning": "versioned-update", "conditionalCreate": True}
        row["documentation"] = "An update cancels: status revoked or entered-in-error, with If-Match"
    params = [
        *({"name": name, "type": "reference"} for name in kind.by),
        *({"name": name, "type": of} for name, of in kind.filters.items()),
    ]
    if params:
        row["searchParam"] = params
    return row
