"""$process-message in the pattern of BaRS: a message asks for a referral, or cancels one. Mapping to the same use cases."""

import re
import uuid
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from api.exchange.models import SentIdentifier
from api.fhir import arrivals, systems
from api.fhir.bundle_in import Resource, Sent, identifier_in, sent_in
from api.fhir.cancellation import CANCELLED, why_of
from api.fhir.door import FhirDoor, answer, only_known, resource_of
from api.fhir.outcomes import HTTP_CODES, NotFhir, NotSupported, Stale, outcome, outcome_response
from api.fhir.referral_in import identifiers_of
from api.fhir.transactions import MOST_ENTRIES, need_scopes
from api.fhir.views import request_json
from kernel.refusals import NotFound, OutOfTurn, Refusal
from kernel.time import now
from referrals.case.access_log import record_view
from referrals.case.models import Referral
from referrals.case.queries import find
from referrals.usecases.withdraw_referral import withdraw_referral

EVENTS = "https://fhir.nhs.uk/CodeSystem/message-events-bars"
REASONS = "https://fhir.nhs.uk/CodeSystem/message-reason-bars"
BARS_HTTP_CODES = "https://fhir.nhs.uk/Codesystem/http-error-codes"  # in the spelling of that API
NAMED = ("X-Request-Id", "X-Correlation-Id")


class Duplicate(Refusal):
    """This message was processed before."""

    status, code, title = 409, "duplicate", "Processed before"


class MessageView(FhirDoor):
    def get_exception_handler(self) -> Any:
        return _in_bars_spelling

    def post(self, request: Request) -> Response:
        """Process a message: servicerequest-request with the reason new or update. A repeat is 409, as in BaRS."""
        only_known(request.query_params, ("_format",))
        names = [_name_of(request, header) for header in NAMED]
        bundle = resource_of(request, "Bundle")
        header = _header_of(bundle)
        sent = sent_in(bundle)
        focus = next(iter(header.get("focus", ())), None)
        row = sent.at(focus, "ServiceRequest")
        if row is None:
            raise NotFhir(
                "The request is missing",
                errors={"MessageHeader.focus": ["Name the ServiceRequest of the Bundle"]},
            )
        if row["status"] in CANCELLED:
            case, issues = self._cancel(row)
        else:
            case, issues = self._refer(row, sent, is_new=_reason_of(header) == "new", key=f"bars:{names[0]}")
        return answer(_reply(case, header=header, request_id=names[0], issues=issues))

    def _refer(self, row: Resource, sent: Sent, *, is_new: bool, key: str) -> tuple[Referral, list[Any]]:
        if not is_new:
            raise NotSupported(
                "An update cancels, and does nothing else: report what is new as a fact of the referral"
            )
        need_scopes(self, sent)
        case, created, issues = arrivals.arrive_referral(row, sent, key=key, act=self.act())
        if not created:
            raise Duplicate(f"This message was processed before, as {case.reference}")
        return case, issues

    def _cancel(self, row: Resource) -> tuple[Referral, list[Any]]:
        self.need("referrals:write")
        by, at = self.actor(), now()
        case = find(_reference_of(row, organisation=by.organisation), by=by)
        seen = row.get("meta", {}).get("versionId", str(case.version))
        if seen != str(case.version):
            raise Stale(f"The referral has changed: read it again. Its version is {case.version}")
        if case.is_over:
            raise OutOfTurn("This referral has ended and cannot be cancelled")
        case, is_withdrawn = withdraw_referral(
            case.reference, text=why_of(row), by=by, at=at, version=case.version
        )
        record_view(case, by=by, at=at, part="fhir ServiceRequest")
        waits = "An emergency, or somebody has seen it: the referral goes on until a coordinator has confirmed this"
        return case, [] if is_withdrawn else [_note(waits)]


def _name_of(request: Request, header: str) -> str:
    """The number of a request or of a course of requests, which BaRS asks for."""
    sent = request.headers.get(header, "")
    try:
        return str(uuid.UUID(sent))
    except ValueError:
        raise NotFhir(
            f"{header} is missing", errors={header: ["Send a UUID, the same one when you send again"]}
        ) from None


def _header_of(bundle: Resource) -> Resource:
    """The MessageHeader, which is the first entry; NotFhir or NotSupported for another message."""
    entries = bundle.get("entry", [])
    first = entries[0].get("resource", {}) if entries else {}
    if bundle["type"] != "message" or first.get("resourceType") != "MessageHeader":
        words = ["Send a Bundle of type message that begins with its MessageHeader"]
        raise NotFhir("This is not a message", errors={"Bundle.entry": words})
    if len(entries) > MOST_ENTRIES:
        raise NotFhir("Too much at once", errors={"Bundle.entry": [f"Send at most {MOST_ENTRIES} entries"]})
    event = first.get("eventCoding", {})
    is_ours = systems.same_system(event.get("system", ""), EVENTS)
    if not is_ours or event.get("code") != "servicerequest-request":
        raise NotSupported("The event servicerequest-request is read here")
    if _reason_of(first) not in ("new", "update"):
        raise NotFhir("The reason is missing", errors={"MessageHeader.reason": ["Send new or update"]})
    header: Resource = first
    return header


def _reason_of(header: Resource) -> str:
    codings = header.get("reason", {}).get("coding", ())
    return next(
        (str(row.get("code", "")) for row in codings if systems.same_system(row.get("system", ""), REASONS)),
        "",
    )


def _reference_of(row: Resource, *, organisation: str) -> str:
    """The case that a request cancels: by our identifier, by the sender's own, or by the id under which it was read."""
    own = identifier_in(row, systems.own_id("mscc-referral"))
    if own:
        return own
    for name in identifiers_of(row):
        rows = SentIdentifier.objects.filter(organisation=organisation, system=name.system, value=name.value)
        if reference := rows.values_list("referral__reference", flat=True).first():
            return str(reference)
    if re.fullmatch(r"MSCC-[0-9A-Z-]{1,10}", row.get("id", "")):
        return str(row["id"])
    raise NotFound("You have no referral with one of these identifiers")


def _note(text: str) -> Resource:
    return {"severity": "warning", "code": "business-rule", "details": {"text": text}}


def _reply(case: Referral, *, header: Resource, request_id: str, issues: list[Any]) -> Resource:
    """The message that answers: the referral as it is now, and what the sender has to know."""
    request = request_json(case)
    place = f"{systems.base()}/ServiceRequest/{case.reference}"
    told = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{request_id} outcome"))
    response: Resource = {"identifier": header.get("id", request_id), "code": "ok"}
    if issues:
        response["details"] = {"reference": f"urn:uuid:{told}"}
    number = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{request_id} reply"))
    head = {
        "resourceType": "MessageHeader",
        "id": number,
        "eventCoding": {"system": EVENTS, "code": "servicerequest-response"},
        "destination": [{"endpoint": header["source"]["endpoint"]}],
        "source": {"name": "MSCC Coordinator", "endpoint": f"{systems.base()}/$process-message"},
        "response": response,
        "focus": [{"reference": place}],
    }
    entries = [{"fullUrl": f"urn:uuid:{number}", "resource": head}, {"fullUrl": place, "resource": request}]
    if issues:
        entries.append({"fullUrl": f"urn:uuid:{told}", "resource": outcome(issues)})
    return {"resourceType": "Bundle", "type": "message", "entry": entries}


def _in_bars_spelling(exception: Exception, context: Any) -> Response | None:
    """A refusal with the code system as the BaRS API spells it."""
    response = outcome_response(exception, context)
    for row in (response.data or {}).get("issue", ()) if response is not None else ():
        for coding in row.get("details", {}).get("coding", ()):
            if coding["system"] == HTTP_CODES:
                coding["system"] = BARS_HTTP_CODES
        if isinstance(exception, Duplicate) and row["severity"] == "error":
            row["code"] = "duplicate"
    return response
