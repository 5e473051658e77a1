"""Every answer that is not a resource, as an OperationOutcome: FHIRPath, sentence, and the number to ring."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response

from accounts import service as services
from kernel.refusals import Denied, NotFound, Refusal
from referrals.case.policy import Merged

CONTENT_TYPE = "application/fhir+json"
HTTP_CODES = "https://fhir.nhs.uk/CodeSystem/http-error-codes"
# Per HTTP status: the issue type of FHIR, and the code of the NHS for a receiver.
ISSUES = {
    400: ("structure", "REC_BAD_REQUEST"),
    401: ("login", "REC_UNAUTHORIZED"),
    403: ("forbidden", "REC_FORBIDDEN"),
    404: ("not-found", "REC_NOT_FOUND"),
    405: ("not-supported", "REC_METHOD_NOT_ALLOWED"),
    406: ("not-supported", "REC_NOT_ACCEPTABLE"),
    409: ("conflict", "REC_CONFLICT"),
    412: ("conflict", "REC_CONFLICT"),
    413: ("too-long", "REC_BAD_REQUEST"),
    415: ("not-supported", "REC_BAD_REQUEST"),
    422: ("invalid", "REC_UNPROCESSABLE_ENTITY"),
    428: ("required", "REC_BAD_REQUEST"),
    429: ("throttled", "REC_TOO_MANY_REQUESTS"),
    503: ("transient", "REC_SERVICE_UNAVAILABLE"),
}


class NotFhir(Refusal):
    """The body is JSON but not FHIR R4; `errors` has the faults by FHIRPath."""

    status, code, title = 400, "structure", "What was sent is not FHIR R4"


class NotSupported(Refusal):
    """A part of FHIR that this door does not have."""

    status, code, title = 400, "not-supported", "Not supported"


class Stale(Refusal):
    """The resource has changed since the sender read it."""

    status, code, title = 412, "conflict", "Changed since"


class VersionMissing(Refusal):
    """A change without If-Match."""

    status, code, title = 428, "required", "If-Match is missing"


def outcome(issues: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """An OperationOutcome of these issues."""
    return {"resourceType": "OperationOutcome", "issue": list(issues)}


def issue(severity: str, code: str, text: str, *, at: str = "", field: str = "") -> dict[str, Any]:
    """One issue; `at` is the FHIRPath, `field` the name of the same field in the REST API."""
    row: dict[str, Any] = {"severity": severity, "code": code, "details": {"text": printable(text)}}
    if field:
        row["diagnostics"] = printable(field)
    return {**row, "expression": [printable(at)]} if at else row


def outcome_response(exception: Exception, context: Any) -> Response | None:
    """The answer to an exception; None lets Django answer 500."""
    if isinstance(exception, Http404):
        exception = NotFound("There is nothing here that you can see")
    elif isinstance(exception, PermissionDenied):
        exception = Denied("You cannot do this")
    if isinstance(exception, Refusal):
        return Response(
            refused(exception), status=exception.status, content_type=CONTENT_TYPE, headers=_retry(exception)
        )
    if not isinstance(exception, exceptions.APIException):
        return None
    body = outcome([*_of_status(exception.status_code, str(exception.detail)), ring()])
    answer = Response(body, status=exception.status_code, content_type=CONTENT_TYPE)
    if (header := getattr(exception, "auth_header", None)) is not None:
        answer["WWW-Authenticate"] = header
    if (wait := getattr(exception, "wait", None)) is not None:
        answer["Retry-After"] = str(round(wait))
    return answer


def _retry(refusal: Refusal) -> dict[str, str]:
    return {"X-Merged-Into": refusal.reference} if isinstance(refusal, Merged) else {}


def refused(refusal: Refusal) -> dict[str, Any]:
    """A refusal with one issue for each fault."""
    kind = (
        refusal.code
        if refusal.code in ("not-supported", "structure")
        else ISSUES.get(refusal.status, ("processing", ""))[0]
    )
    issues = [
        issue("error", kind, text, at=_path(path), field=path)
        for path, texts in refusal.errors.items()
        for text in texts
    ]
    if not issues:
        issues = _of_status(refusal.status, refusal.sentence, kind=kind)
    return outcome([*issues, ring()])


def _of_status(status: int, text: str, *, kind: str = "") -> list[dict[str, Any]]:
    of_fhir, of_nhs = ISSUES.get(status, ("processing", "REC_BAD_REQUEST"))
    row = issue("error", kind or of_fhir, text)
    row["details"]["coding"] = [{"system": HTTP_CODES, "code": of_nhs}]
    return [row]


def ring() -> dict[str, Any]:
    """The issue that says whom to ring."""
    return issue(
        "information", "informational", f"MSCC coordinator, day and night: {services.telephone_now()}"
    )


_PATHS = {
    "patient.nhs_number": "Patient.identifier",
    "patient.nhs_number_unknown_reason": "Patient.identifier",
    "patient.local_id": "Patient.identifier",
    "patient.family_name": "Patient.name.family",
    "patient.given_name": "Patient.name.given",
    "patient.date_of_birth": "Patient.birthDate",
    "patient.sex": "Patient.gender",
    "patient.phone": "Patient.telecom",
    "patient.postcode": "Patient.address.postalCode",
    "patient.ethnic_category": "Patient.extension",
    "patient": "Patient",
    "referrer": "ServiceRequest.requester",
    "referrer.name": "Practitioner.name",
    "referrer.role": "PractitionerRole.code",
    "referrer.organisation_ods": "PractitionerRole.organization",
    "referrer.callback_number": "PractitionerRole.telecom",
    "referrer.email": "PractitionerRole.telecom",
    "location": "ServiceRequest.locationCode",
    "location.kind": "ServiceRequest.locationCode",
    "location.detail": "Location.name",
    "location.organisation_ods": "Location.managingOrganization",
    "referrer_concern": "ServiceRequest.priority",
}


def _path(field: str) -> str:
    """The FHIRPath of a field of the REST API; a FHIRPath is left as it is."""
    if field in _PATHS or field[:1].isupper():
        return _PATHS.get(field, field)
    name = field.removeprefix("presentation.")
    is_field = field.startswith(("presentation.", "clinical.")) or field.endswith("_at")
    return f"Observation.where(code.coding.code='{name}').value" if is_field and _is_plain(name) else ""


def _is_plain(name: str) -> bool:
    return name.replace(".", "").replace("_", "").isascii() and "'" not in name and len(name) < 100


def printable(text: str) -> str:
    """A text as FHIR can carry it: no half characters, no control characters, never empty."""
    readable = text.encode("utf-8", "backslashreplace").decode("utf-8")
    return "".join(c if c.isprintable() or c == "\n" else " " for c in readable).strip()[:2000] or "-"
