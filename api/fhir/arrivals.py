"""Referrals and facts that arrive by FHIR, alone or in a Bundle."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from accounts.act import Act
from api.exchange.fact_in import ReceivedFact, SentFact, parse_unread, receive_fact
from api.exchange.referral_in import Identifier, receive_referral
from api.fhir import systems
from api.fhir.bundle_in import Resource, Sent
from api.fhir.facts_in import ALONE, FACTS, fhir_path
from api.fhir.outcomes import NotSupported, issue, outcome
from api.fhir.person_in import is_dead
from api.fhir.referral_in import SentReferral, referral_of
from api.fhir.referral_out import etag
from api.rest.representations import notices_json
from kernel.refusals import Invalid, Refusal
from ledger.append import canonical
from referrals.case.models import Referral
from referrals.evidence.events import parse_event
from referrals.evidence.facts import Fact
from referrals.intake.codes import REPORT_UNREAD


class KeyMissing(Refusal):
    status, code, title = 428, "required", "Nothing says whether this is a repeat"


def arrive_referral(
    request: Resource, sent: Sent, *, key: str, condition: str = "", act: Act
) -> tuple[Referral, bool, list[dict[str, Any]]]:
    """Store a referral, and say whether it is new, with the issues for its sender.

    A repeat is known by the request's own identifier, by If-None-Exist, or by an Idempotency-Key: each works beside the others.
    """
    referral = referral_of(request, sent)
    identifiers = sorted({*referral.identifiers, *_condition(condition)})
    if not identifiers and not key:
        raise KeyMissing(
            "Send an identifier of the ServiceRequest, If-None-Exist, or Idempotency-Key, so that a repeat is known as one"
        )
    facts, unread = _facts_of(referral, sent, at=act.at)
    name = canonical([[name.system, name.value] for name in identifiers[:1]])
    own_key = "fhir:" + hashlib.sha256(name).hexdigest()
    case, is_new, notices = receive_referral(
        referral.body, identifiers, facts=facts, key=key or own_key, act=act
    )
    issues = [issue("warning", "incomplete", text, at=path) for path, text in referral.warnings]
    issues += [issue("warning", "business-rule", text) for text in notices]
    for fact in unread:
        named = replace(fact, reference=case.reference, request=None, person=None)
        content = "fhir:" + hashlib.sha256(canonical([case.reference, *_content(fact)])).hexdigest()
        received = receive_fact(named, key=content, act=act)
        issues += [issue("warning", "business-rule", row["text"]) for row in notices_json(received.notices)]
    return case, is_new, issues


def _condition(text: str) -> list[Identifier]:
    """The identifier in an If-None-Exist."""
    if not text:
        return []
    name, _, value = text.removeprefix("?").partition("=")
    system, mark, number = unquote(value).partition("|")
    if (
        name != "identifier"
        or not mark
        or not number
        or "&" in value
        or not (system + number).isprintable()
        or len(system) > 200
        or len(number) > 200
    ):
        raise NotSupported("If-None-Exist is read as identifier=system|value")
    return [Identifier(system, number)]


def _facts_of(referral: SentReferral, sent: Sent, *, at: datetime) -> tuple[list[Fact], list[SentFact]]:
    """The facts that came with a referral, and the reports that a coordinator has to read: checked before anything is stored."""
    facts: list[Fact] = []
    unread: list[SentFact] = []
    for row in referral.facts:
        kind = row["resourceType"]
        try:
            fact = FACTS[kind](row, sent)
            if fact.kind == REPORT_UNREAD:
                parse_unread(fact, at=at)
                unread.append(fact)
            else:
                facts.append(parse_event(fact.body, at=at))
        except Invalid as invalid:
            raise _by_fhir_path(invalid, kind) from None
    return facts, unread


def _content(fact: SentFact) -> list[Any]:
    """What makes a fact the same when it is sent again."""
    content = [fact.kind, fact.occurred_at, dict(fact.data), fact.reference, list(fact.request or ())]
    return [*content, dict(fact.person or {})]


def arrive_fact(row: Resource, sent: Sent, *, key: str, act: Act) -> ReceivedFact:
    """Record a fact, or keep it for a coordinator. The same content again, without a key, is the same fact."""
    kind = row["resourceType"]
    if kind not in ALONE:
        raise NotSupported(f"{kind} cannot be created here")
    try:
        fact = ALONE[kind](row, sent)
        content = "fhir:" + hashlib.sha256(canonical(_content(fact))).hexdigest()
        received = receive_fact(fact, key=key or content, act=act)
    except Invalid as invalid:
        raise _by_fhir_path(invalid, kind) from None
    if kind != "Patient" and any(is_dead(person) for person in sent.of_kind("Patient")):
        return replace(received, notices=(*received.notices, "death_unread"))
    return received


def _by_fhir_path(invalid: Invalid, kind: str) -> Invalid:
    errors: dict[str, Any] = {fhir_path(kind, path): texts for path, texts in invalid.errors.items()}
    return Invalid(invalid.sentence, errors=errors)


def outcome_of(received: ReceivedFact) -> Resource:
    """What became of a fact, with the notices for its sender."""
    rows = [issue("information", "informational", row["text"]) for row in notices_json(received.notices)]
    return outcome(rows or [issue("information", "informational", "Recorded")])


def location_of(received: ReceivedFact, kind: str) -> str:
    """The address under which a recorded fact can be read; empty for one that waits for a coordinator."""
    if received.case is None or received.event is None:
        return ""
    if kind in ("Patient", "MedicationAdministration", "Observation"):
        return f"{systems.base()}/ServiceRequest/{received.case.reference}"
    return f"{systems.base()}/{kind}/{received.event.referral.reference}.{received.event.pk}"


def created(case: Referral, *, is_new: bool) -> Mapping[str, str]:
    """The headers of a referral that was created, or found."""
    place = f"{systems.base()}/ServiceRequest/{case.reference}/_history/{case.version}"
    return {"ETag": etag(case), **({"Location": place} if is_new else {"Content-Location": place})}
