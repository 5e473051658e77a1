"""A fact from a standard: recorded on the sender's own case, or kept until a coordinator links it."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, cast

from accounts.act import Act
from api.exchange.models import SentIdentifier
from kernel.actors import Actor
from kernel.refusals import Invalid
from ledger.append import canonical
from referrals.case.episodes import matches_of, person_of
from referrals.case.idempotency import LIFE
from referrals.case.identity import Identity, MatchVerdict, match
from referrals.case.models import Event, IdempotencyKey, Referral, UnmatchedFact
from referrals.case.queries import find, main_case_of, visible_to
from referrals.evidence.event_data import KeptData
from referrals.evidence.events import parse_event
from referrals.evidence.facts import Fact
from referrals.evidence.scans import REPORTED, UNREADABLE
from referrals.intake.codes import REPORT_UNREAD
from referrals.intake.fields import plain
from referrals.usecases.keep_unmatched_fact import (
    IDENTIFIERS,
    is_urgent,
    keep_unmatched_fact,
    read_identifiers,
)
from referrals.usecases.record_event import record_event

MOST_WORDS = 100
ANOTHER_PERSON = (
    "The message names a different person from this referral: find out who it is about before you act on it"
)
OWN_KEYS = ("v2:", "fhir:")  # beginnings of the keys that a door makes of the content
# The diagnostic sections of HL7 table 0074 whose reports may be of a scan of the spine; MR and IMG are often sent beside them.
SCAN_SECTIONS = frozenset({"NMR", "MR", "CT", "RAD", "IMG", "RX", "NMS", "OTH"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SentFact:
    """A fact as a mapping reads it: a kind of the REST API with its data, and the case or the person it is about.

    `occurred_at` is RFC 3339. `reference` is empty where the sender named a person only.
    """

    kind: str
    occurred_at: str
    data: Mapping[str, Any]
    reference: str = ""
    request: tuple[str, str] | None = None  # system and value under which the sender referred
    person: Mapping[str, Any] | None = None

    @property
    def body(self) -> dict[str, Any]:
        return {"kind": self.kind, "occurred_at": self.occurred_at, "data": dict(self.data)}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedFact:
    """What became of a fact: an event of a case, or a kept fact without one; the codes of its notices."""

    fact: Fact
    is_new: bool
    notices: tuple[str, ...]
    case: Referral | None = None
    event: Event | None = None
    kept: UnmatchedFact | None = None


def receive_fact(sent: SentFact, *, key: str, act: Act) -> ReceivedFact:
    """Record a fact on the case that is named, or on the one open case of the sender's that is surely this person's.

    Every other fact is kept with the person's identifiers for a coordinator, and so is a report without a result that is
    known here. A fact that names one case and another person can raise the case; whatever could reassure waits for a
    coordinator. Invalid with every problem at once.
    """
    if sent.kind == REPORT_UNREAD:
        return _keep_unread(sent, key=key, by=act.by, at=act.at)
    if sent.reference:
        # NotFound for another organisation's case, before the content is read.
        find(sent.reference, by=act.by)
        return _on_named_case(sent.reference, sent, key=key, act=act)
    if (before := _received_before(sent, key=key, act=act)) is not None:
        return before
    if sent.request and (reference := _sent_as(sent.request, by=act.by)):
        return _on_named_case(reference, sent, key=key, act=act)
    fact, person = read_fact_and_person(sent, at=act.at)
    if reference := own_case_of(person, by=act.by):
        return _on_case(reference, fact, key=key, act=act)
    row, is_new = keep_unmatched_fact(person, fact, key=key, by=act.by, at=act.at)
    return ReceivedFact(fact=fact, is_new=is_new, notices=("kept_unmatched",), kept=row)


def _received_before(sent: SentFact, *, key: str, act: Act) -> ReceivedFact | None:
    """What this fact became when it was sent before: it may have been kept before its referral came, or be on a case that has ended."""
    use = IdempotencyKey.objects.filter(
        owner=act.by.key, key=key, used_at__gte=act.at - LIFE, result__isnull=False
    ).first()
    if use is None or use.result is None:
        return None
    fact = parse_event(sent.body, at=act.at)
    content = (fact.kind, fact.occurred_at, dict(fact.data))
    row = UnmatchedFact.objects.filter(pk=use.result, by=act.by.key).first()
    is_kept = row is not None and content == (row.kind, row.occurred_at, row.data)
    if row is not None and is_kept and sent.person and read_identifiers(sent.person) == row.patient:
        return ReceivedFact(fact=fact, is_new=False, notices=("kept_unmatched",), kept=row)
    event = Event.objects.filter(pk=use.result, by=act.by.key).select_related("referral").first()
    # A key that a door made from the content includes the person; one that a sender chose does not.
    if (
        event is not None
        and key.startswith(OWN_KEYS)
        and content == (event.kind, event.occurred_at, event.data)
    ):
        return ReceivedFact(
            fact=fact, is_new=False, notices=(), case=main_case_of(event.referral), event=event
        )
    return None


def _keep_unread(sent: SentFact, *, key: str, by: Actor, at: datetime) -> ReceivedFact:
    """Keep a report for a coordinator to read, under the case that the sender named if it named one.

    Its person is then that of the case. It says nothing about anybody, so it never reassures.
    """
    reference = find(sent.reference, by=by).reference if sent.reference else ""
    reference = reference or (_sent_as(sent.request, by=by) if sent.request else "")
    if reference:
        fact, patient = parse_unread(sent, at=at), find(reference, by=by).patient
        person = {name: plain(value) for name in IDENTIFIERS if (value := getattr(patient, name))}
        named = cast("KeptData", dict(fact.data))
        named["reference"] = reference
        fact = replace(fact, data=named)
        key = "unread:" + hashlib.sha256(canonical([key, person])).hexdigest()
    else:
        fact, person = read_fact_and_person(sent, at=at)
    row, is_new = keep_unmatched_fact(person, fact, key=key, by=by, at=at)
    return ReceivedFact(fact=fact, is_new=is_new, notices=("kept_unread",), kept=row)


def _sent_as(request: tuple[str, str], *, by: Actor) -> str:
    """The reference of the referral that this organisation sent under its own identifier; empty without one."""
    system, value = request
    rows = SentIdentifier.objects.filter(organisation=by.organisation, system=system, value=value)
    return rows.values_list("referral__reference", flat=True).first() or ""


def read_fact_and_person(sent: SentFact, *, at: datetime) -> tuple[Fact, dict[str, Any]]:
    """The fact and the identifiers of its person; Invalid with the problems of both."""
    errors: dict[str, Any] = {}
    fact, person = None, None
    try:
        fact = parse_unread(sent, at=at) if sent.kind == REPORT_UNREAD else parse_event(sent.body, at=at)
    except Invalid as invalid:
        errors |= invalid.errors
    try:
        person = read_identifiers(sent.person)
    except Invalid as invalid:
        errors |= invalid.errors
    if fact is None or person is None:
        raise Invalid("Some of what was sent cannot be accepted", errors=errors)
    return fact, person


def parse_unread(sent: SentFact, *, at: datetime) -> Fact:
    """A report without its result, through the check of a report: `examination` is what the sender calls it."""
    data = {name: value for name, value in sent.data.items() if name not in ("examination", "result")}
    body = {"kind": REPORTED, "occurred_at": sent.occurred_at, "data": {**data, "result": UNREADABLE}}
    fact = parse_event(body, at=at)
    unread = cast("KeptData", dict(fact.data))
    del unread["result"]
    words = "".join(c for c in str(sent.data.get("examination", "")) if c.isprintable()).strip()[:MOST_WORDS]
    if words:
        unread["examination"] = words
    return replace(fact, kind=REPORT_UNREAD, data=unread)


def own_case_of(person: Mapping[str, Any], *, by: Actor) -> str:
    """The reference of the sender's one open case that is surely about this person; empty where there is no such case.

    A number alone joins nobody: the names and the date of birth must agree with it.
    """
    same = [row.case for row in matches_of(_identity(person)) if row.match.answer == MatchVerdict.SAME]
    own = visible_to(by).filter(pk__in=[case.pk for case in same]).select_related("merged_into")
    references = {main_case_of(case).reference for case in own}
    return references.pop() if len(references) == 1 else ""


def _identity(person: Mapping[str, Any]) -> Identity:
    born = person.get("date_of_birth")
    return Identity(
        nhs_number=person.get("nhs_number"),
        family_name=person.get("family_name", ""),
        given_name=person.get("given_name", ""),
        date_of_birth=date.fromisoformat(born) if born else None,
        sex=person.get("sex", "unknown"),
        local_id=person.get("local_id"),
    )


def _on_named_case(reference: str, sent: SentFact, *, key: str, act: Act) -> ReceivedFact:
    """Record a fact on the case that its sender named, unless it is about another person and could reassure."""
    fact = parse_event(sent.body, at=act.at)
    person = _other_person(reference, sent.person, by=act.by)
    if person is None:
        return _on_case(reference, fact, key=key, act=act)
    if is_urgent(fact.kind, fact.data):
        received = _on_case(reference, fact, key=key, text=ANOTHER_PERSON, act=act)
        return replace(received, notices=(*received.notices, "another_person"))
    row, is_new = keep_unmatched_fact(person, fact, key=key, by=act.by, at=act.at)
    return ReceivedFact(fact=fact, is_new=is_new, notices=("another_person", "kept_unmatched"), kept=row)


def _other_person(reference: str, sent: Mapping[str, Any] | None, *, by: Actor) -> Mapping[str, Any] | None:
    """The person in a message, if that is surely not the patient of the case that it names; None otherwise."""
    try:
        person = read_identifiers(sent)
    except Invalid:  # too little to tell, or not readable
        return None
    patient = person_of(find(reference, by=by).patient)
    is_other = match(patient, _identity(person)).answer == MatchVerdict.OTHER
    return person if is_other else None


def _on_case(reference: str, fact: Fact, *, key: str, text: str = "", act: Act) -> ReceivedFact:
    event, is_new, notices = record_event(reference, fact, act=act, key=key, text=text)
    case = main_case_of(find(reference, by=act.by))
    return ReceivedFact(fact=fact, is_new=is_new, notices=notices, case=case, event=event)
