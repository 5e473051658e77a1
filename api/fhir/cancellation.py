"""A referral is cancelled by its sender: an update that changes its status and nothing else."""

import re
from datetime import datetime
from typing import Any

from api.exchange.referral_in import identifiers_of
from api.fhir.outcomes import Stale, VersionMissing
from api.fhir.referral_out import service_request
from kernel.actors import Actor
from kernel.refusals import Invalid, OutOfTurn
from referrals.case.models import Referral
from referrals.case.queries import find
from referrals.usecases.withdraw_referral import withdraw_referral

CANCELLED = {"revoked": "Revoked by the sender", "entered-in-error": "Sent in error, says the sender"}
# Elements that the sender may leave out, or send in its own words.
_FREE = {
    "resourceType",
    "id",
    "meta",
    "status",
    "note",
    "text",
    "contained",
    "extension",
    "implicitRules",
    "language",
    "identifier",
    "supportingInfo",
    "category",
    "code",
    "requester",
    "priority",
    "authoredOn",
    "locationCode",
    "locationReference",
    "reasonCode",
}


def cancel(
    reference: str, row: dict[str, Any], *, if_match: str, by: Actor, at: datetime
) -> tuple[Referral, bool]:
    """Withdraw the referral, and say whether it is withdrawn already, or waits for a coordinator.

    VersionMissing without If-Match, Stale when the referral has changed since, OutOfTurn when it is over.
    """
    case = find(reference, by=by)
    if not if_match.strip():
        raise VersionMissing("Send If-Match with the ETag of the referral that you read")
    match = re.fullmatch(r'\s*(?:W/)?"([0-9]{1,9})"\s*', if_match)
    if match is None or int(match.group(1)) != case.version:
        raise Stale(f"The referral has changed: read it again. Its version is {case.version}")
    _refuse_other_changes(case, row)
    if case.is_over:
        raise OutOfTurn("This referral has ended and cannot be cancelled")
    try:
        return withdraw_referral(reference, text=why_of(row), by=by, at=at, version=int(match.group(1)))
    except Invalid as invalid:
        raise Invalid(
            invalid.sentence, errors={"ServiceRequest.note": next(iter(invalid.errors.values()), ["-"])}
        ) from None


def why_of(row: dict[str, Any]) -> str:
    """Why the sender cancels: its last note, else what the status says."""
    words = [str(note["text"]) for note in row.get("note", ()) if note.get("text")]
    return words[-1] if words else CANCELLED[row["status"]]


def _refuse_other_changes(case: Referral, row: dict[str, Any]) -> None:
    """Refuse an update that does more than cancel: a new fact is reported as a fact."""
    errors: dict[str, list[str]] = {}
    if row.get("id", case.reference) != case.reference:
        errors["ServiceRequest.id"] = ["This is not the id of the address"]
    if row["status"] not in CANCELLED:
        errors["ServiceRequest.status"] = [f"An update cancels: send {' or '.join(CANCELLED)}"]
    now = service_request(case, sent_as=identifiers_of([case])[case.pk])
    for name, value in row.items():
        if name in _FREE or name not in now:
            continue
        if name == "subject" and str(value.get("reference", "")).rpartition("/")[2] in ("", case.reference):
            continue
        if value != now[name]:
            errors[f"ServiceRequest.{name}"] = ["An update cancels, and changes nothing else"]
    if errors:
        raise Invalid("An update cancels a referral, and changes nothing else", errors=errors)
