"""A fact about a person without a referral is kept until a coordinator links it to a case or dismisses it."""

import uuid
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, cast

from accounts.act import Act
from kernel.actors import Actor
from kernel.refusals import Invalid, NotFound, OutOfTurn
from ledger.append import append, bind
from ledger.keep import keep
from ledger.kinds import Kind
from ledger.transaction import one_transaction
from oncall.alarms import raise_alarm
from referrals.arrival.consequences import ArrivedFact, arrive
from referrals.case.idempotency import settle, use_key
from referrals.case.identity import Identity
from referrals.case.line_facts import FactKeptUnmatched, UnmatchedFactSettled
from referrals.case.models import UnmatchedFact
from referrals.case.notes import words
from referrals.case.queries import find_and_lock
from referrals.evidence.facts import Fact
from referrals.evidence.scans import FINDING_OF_RESULT
from referrals.intake.codes import KEPT_WORDS, REPORT_UNREAD
from referrals.intake.fields import FIELD_AT, NotAllowed, Unreadable, plain
from referrals.intake.stored import StoredIdentifiers

IDENTIFIERS = ("nhs_number", "family_name", "given_name", "date_of_birth", "local_id", "sex")


def read_identifiers(body: Any) -> dict[str, Any]:
    """The identifiers of the person a fact is about, in JSON form; Invalid when they are too few to find anybody."""
    if not isinstance(body, dict):
        raise Invalid(
            "Some of what was sent cannot be accepted", errors={"patient": ["Send this as an object"]}
        )
    errors = {f"patient.{key}": ["There is no such field"] for key in body if key not in IDENTIFIERS}
    identifiers: dict[str, Any] = {}
    for name in IDENTIFIERS:
        if body.get(name) is None:
            continue
        try:
            identifiers[name] = plain(FIELD_AT[f"patient.{name}"].read(body[name]))
        except (NotAllowed, Unreadable) as problem:
            errors[f"patient.{name}"] = [str(problem)]
    has_name = identifiers.get("family_name") and identifiers.get("date_of_birth")
    if not errors and not (identifiers.get("nhs_number") or identifiers.get("local_id") or has_name):
        errors["patient"] = ["Send the NHS number, the hospital number, or family name and date of birth"]
    if errors:
        raise Invalid("Some of what was sent cannot be accepted", errors=errors)
    return identifiers


@one_transaction()
def keep_unmatched_fact(
    patient: Mapping[str, Any], fact: Fact, *, key: str, by: Actor, at: datetime
) -> tuple[UnmatchedFact, bool]:
    """Keep a fact with the identifiers of its person, and say whether it is new. An urgent fact pages.

    No case is looked up, so that the sender of an identifier does not learn who is in the service.
    """
    content = ["unmatched", dict(patient), fact.kind, fact.occurred_at, dict(fact.data)]
    use = use_key(key, content=content, by=by, at=at)
    if use.result is not None:
        return UnmatchedFact.objects.get(pk=use.result), False
    salt = uuid.uuid4()
    facts = FactKeptUnmatched(
        event=fact.kind,
        occurred_at=fact.occurred_at,
        bound={
            "unmatched": bind([dict(patient), dict(fact.data)], salt=str(salt)),
            "sender": bind(by.name, salt=str(salt)),
        },
    )
    line = append(Kind.FACT_KEPT_UNMATCHED, by=by, at=at, facts=facts)
    row = UnmatchedFact(
        organisation=by.organisation,
        by=by.key,
        by_name=by.name,
        received_at=at,
        patient=cast(StoredIdentifiers, dict(patient)),
        kind=fact.kind,
        occurred_at=fact.occurred_at,
        data=fact.data,
        salt=salt,
        ledger_line=line,
    )
    keep(row, line=line, by=by, at=at)
    settle(use, result=row.pk)
    if is_urgent(fact.kind, fact.data):
        _raise(row, at=at)
    return row, True


@one_transaction()
def page_about_unmatched(*, at: datetime) -> None:
    """Page again, every quarter of an hour, about urgent facts that nobody has linked or dismissed."""
    for row in UnmatchedFact.objects.filter(settled_at=None).order_by("id"):
        if is_urgent(row.kind, row.data):
            _raise(row, at=at)


def _raise(row: UnmatchedFact, *, at: datetime) -> None:
    quarter = at.replace(minute=at.minute // 15 * 15)
    kind = "unread" if row.kind == REPORT_UNREAD else "unmatched"
    raise_alarm(kind, f"{row.pk}, {quarter:%Y-%m-%d %H:%M} UTC", also=("coordinator",), at=at)


def is_urgent(kind: str, data: Mapping[str, Any]) -> bool:
    """Whether a fact is urgent: a positive report that is not withdrawn, one that nobody has read, or a worsening."""
    if kind == REPORT_UNREAD:
        return True
    answers = {**data, **data.get("neurology", {})}
    worse = kind == "neurology_changed" and (
        "yes" in answers.values() or "worse" in answers or "walking_now" in answers
    )
    return worse or (
        answers.get("status") != "withdrawn" and bool(FINDING_OF_RESULT.get(answers.get("result", "")))
    )


def identity_of(row: UnmatchedFact) -> Identity:
    """The identity of the person a kept fact is about, for comparison with the cases."""
    born = row.patient.get("date_of_birth")
    return Identity(
        nhs_number=row.patient.get("nhs_number"),
        family_name=row.patient.get("family_name", ""),
        given_name=row.patient.get("given_name", ""),
        date_of_birth=date.fromisoformat(born) if born else None,
        sex=row.patient.get("sex", "unknown"),
        local_id=row.patient.get("local_id"),
    )


@one_transaction()
def link_unmatched_fact(number: int, *, reference: str, act: Act) -> ArrivedFact:
    """Link a kept fact to the case of its person, where it counts from its true instant."""
    row = open_fact(number)
    if row.kind in KEPT_WORDS:
        raise OutOfTurn("This fact cannot be linked: read it, and say what you did")
    case = find_and_lock(reference, by=act.by)
    if case.merged_into_id is not None:
        raise OutOfTurn("That referral is merged: choose its main case")
    fact = Fact(kind=row.kind, occurred_at=row.occurred_at, data=row.data)
    arrived = arrive(case, fact, act=act, text=f"Sent before the referral by {row.by_name}")
    row.settled_at, row.settled_by_name, row.linked_to = act.at, act.by.name, case
    facts = UnmatchedFactSettled(
        unmatched=row.pk, event=row.kind, bound={"settled": settlement_as_bound(row)}
    )
    line = append(Kind.UNMATCHED_FACT_SETTLED, by=act.by, at=act.at, case=case.pk, facts=facts)
    keep(row, line=line, by=act.by, at=act.at)
    return arrived


@one_transaction()
def dismiss_unmatched_fact(number: int, *, text: str, by: Actor, at: datetime) -> UnmatchedFact:
    """Dismiss a kept fact that belongs to no case, with a reason."""
    row = open_fact(number)
    note = words(
        "unmatched",
        text,
        required=True,
        path="text",
        ask="Write why it belongs to no case here, or what you did",
    )
    row.settled_at, row.settled_by_name, row.settled_because = at, by.name, note.text
    facts = UnmatchedFactSettled(unmatched=row.pk, bound={"settled": settlement_as_bound(row)})
    line = append(Kind.UNMATCHED_FACT_SETTLED, by=by, at=at, facts=facts)
    dismissed: UnmatchedFact = keep(row, line=line, by=by, at=at)
    return dismissed


def settlement_as_bound(row: UnmatchedFact) -> str:
    """The settlement of a kept fact as the ledger binds it: by whom, why, and on which case."""
    return bind([row.settled_by_name, row.settled_because, row.linked_to_id], salt=str(row.salt))


def open_fact(number: int) -> UnmatchedFact:
    """The kept fact with this number, locked; OutOfTurn once somebody has settled it."""
    row = UnmatchedFact.objects.select_for_update().filter(pk=number).first()
    if row is None:
        raise NotFound("There is no such fact")
    if row.settled_at is not None:
        raise OutOfTurn(f"{row.settled_by_name} has settled this already")
    return row
