"""A Bundle of type transaction, which is all or nothing, or batch, whose entries are independent."""

from collections.abc import Mapping
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from api.fhir import arrivals
from api.fhir.allowance import Allowance
from api.fhir.bundle_in import Resource, Sent, sent_alone, sent_in
from api.fhir.door import FhirDoor, answer, key_of
from api.fhir.facts_in import ALONE, FACTS
from api.fhir.outcomes import NotFhir, NotSupported, outcome, refused
from api.fhir.referral_out import etag
from kernel.refusals import Refusal
from referrals.case.access_log import record_view
from referrals.case.models import Referral

MOST_ENTRIES = 100
_WORDS = {
    200: "200 OK",
    201: "201 Created",
    400: "400 Bad Request",
    403: "403 Forbidden",
    404: "404 Not Found",
    409: "409 Conflict",
    422: "422 Unprocessable Entity",
    428: "428 Precondition Required",
    503: "503 Service Unavailable",
}


def answer_bundle(door: FhirDoor, request: Request, bundle: Resource) -> Response:
    """The answer to a transaction or a batch."""
    entries = bundle.get("entry", [])
    _refuse_wrong_entries(bundle, entries)
    if bundle["type"] == "batch":
        allowance = Allowance()
        done = [_one(door, entry, allowance) for entry in entries]
        return answer({"resourceType": "Bundle", "type": "batch-response", "entry": done})
    requests = [entry for entry in entries if entry["resource"]["resourceType"] == "ServiceRequest"]
    if len(requests) == 1:
        return _referral(door, request, requests[0], bundle)
    facts = [entry for entry in entries if entry["resource"]["resourceType"] in ALONE]
    main = [entry for entry in facts if entry["resource"]["resourceType"] != "Patient"] or facts
    if requests or len(main) != 1:
        raise NotSupported(
            "A transaction is one referral with what belongs to it, or one fact with its patient. Send several facts as a batch"
        )
    return _fact(door, request, main[0]["resource"], bundle)


def _refuse_wrong_entries(bundle: Resource, entries: list[Resource]) -> None:
    if bundle["type"] not in ("transaction", "batch"):
        raise NotSupported("Send a Bundle of type transaction or batch")
    errors: dict[str, list[str]] = {}
    if not entries or len(entries) > MOST_ENTRIES:
        errors["Bundle.entry"] = [f"Send 1 to {MOST_ENTRIES} entries"]
    addresses = [entry["fullUrl"] for entry in entries if "fullUrl" in entry]
    if len(set(addresses)) < len(addresses):
        errors["Bundle.entry.fullUrl"] = ["Each entry has its own fullUrl"]
    for number, entry in enumerate(entries):
        place = f"Bundle.entry[{number}]"
        asked = entry.get("request", {})
        kind = entry.get("resource", {}).get("resourceType")
        if kind is None or asked.get("method") != "POST":
            errors[place] = ["Each entry has a resource and the request POST"]
        elif asked["url"].strip("/") != kind:
            errors[f"{place}.request.url"] = [f"A {kind} is posted to {kind}"]
    if errors:
        raise NotFhir("The Bundle cannot be read", errors=errors)


def need_scopes(door: FhirDoor, sent: Sent) -> None:
    """Denied without the scope to refer, and without that for facts where scans, reports or treatment came along."""
    door.need("referrals:write")
    if any(row.get("resourceType") in FACTS_APART for row in sent.resources):
        door.need("events:write")


FACTS_APART = frozenset(FACTS) - {"MedicationAdministration"}  # a dose is a part of the referral itself


def _referral(door: FhirDoor, request: Request, entry: Resource, bundle: Resource) -> Response:
    sent, act = sent_in(bundle), door.act()
    need_scopes(door, sent)
    sent_key = request.headers.get("Idempotency-Key", "").strip()
    condition = entry["request"].get("ifNoneExist", "") or request.headers.get("If-None-Exist", "")
    case, is_new, issues = arrivals.arrive_referral(
        entry["resource"], sent, key=key_of(request, bundle) if sent_key else "", condition=condition, act=act
    )
    if not is_new:
        record_view(case, by=act.by, at=act.at, part="fhir ServiceRequest")
    case.refresh_from_db(fields=["version"])
    rows = [_stored(case, row["resource"], sent, is_new=is_new) for row in bundle["entry"]]
    if issues:
        rows[bundle["entry"].index(entry)]["response"]["outcome"] = outcome(issues)
    return answer({"resourceType": "Bundle", "type": "transaction-response", "entry": rows})


_OWN = ("ServiceRequest", "Patient", "Practitioner", "PractitionerRole", "QuestionnaireResponse")


def _stored(case: Referral, row: Resource, sent: Sent, *, is_new: bool) -> dict[str, Any]:
    """Where a resource of a referral can be read: by itself, or as a part of the referral."""
    kind = row["resourceType"] if row["resourceType"] in _OWN else "ServiceRequest"
    place = f"{kind}/{case.reference}/_history/{case.version}"
    return {"response": {"status": _WORDS[201 if is_new else 200], "location": place, "etag": etag(case)}}


def _fact(door: FhirDoor, request: Request, row: Resource, bundle: Resource) -> Response:
    door.need("events:write")
    sent_key = request.headers.get("Idempotency-Key", "").strip()
    received = arrivals.arrive_fact(
        row, sent_in(bundle), key=key_of(request, bundle) if sent_key else "", act=door.act()
    )
    status = _WORDS[201 if received.is_new else 200]
    place = arrivals.location_of(received, row["resourceType"])
    response: dict[str, Any] = {"status": status, "outcome": arrivals.outcome_of(received)}
    if place:
        response["location"] = place
    entries = [
        {"response": response if entry["resource"] is row else {"status": status}}
        for entry in bundle["entry"]
    ]
    return answer({"resourceType": "Bundle", "type": "transaction-response", "entry": entries})


def _one(door: FhirDoor, entry: Mapping[str, Any], allowance: Allowance) -> dict[str, Any]:
    """One entry of a batch: its refusal is its own."""
    row = entry["resource"]
    try:
        allowance.begin()
        return {"response": _done(door, row, entry["request"].get("ifNoneExist", ""))}
    except Refusal as refusal:
        status = _WORDS.get(refusal.status, f"{refusal.status} Refused")
        return {"response": {"status": status, "outcome": refused(refusal)}}


def _done(door: FhirDoor, row: Resource, condition: str) -> dict[str, Any]:
    act = door.act()
    if row["resourceType"] == "ServiceRequest":
        need_scopes(door, sent_alone(row))
        case, is_new, _ = arrivals.arrive_referral(row, sent_alone(row), key="", condition=condition, act=act)
        if not is_new:
            record_view(case, by=act.by, at=act.at, part="fhir ServiceRequest")
        return dict(_stored(case, row, sent_alone(row), is_new=is_new)["response"])
    door.need("events:write")
    received = arrivals.arrive_fact(row, sent_alone(row), key="", act=act)
    place = arrivals.location_of(received, row["resourceType"])
    answer = {
        "status": _WORDS[201 if received.is_new else 200],
        "outcome": arrivals.outcome_of(received),
    }
    return {**answer, "location": place} if place else answer
