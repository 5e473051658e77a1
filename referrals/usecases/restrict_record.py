"""A record is restricted to those in charge of it and to named people, for instance because staff know the patient.

It covers every referral of the person, so that a new one is never open to everybody.
"""

from datetime import datetime

from accounts.models import User
from kernel.actors import Actor, Role
from kernel.refusals import Denied, Invalid, OutOfTurn
from ledger.append import append
from ledger.keep import keep
from ledger.kinds import Kind
from ledger.transaction import one_transaction
from referrals.case.line_facts import RestrictionChanged
from referrals.case.models import Referral, Restriction
from referrals.case.notes import authorship, words
from referrals.case.openings import is_closed_to, restriction_of
from referrals.case.queries import find_and_lock

WHO = frozenset({Role.COORDINATOR, Role.LEAD})


@one_transaction()
def restrict_record(reference: str, *, text: str, by: Actor, at: datetime) -> Restriction:
    """Restrict a record, with a reason. The person who does it is the first of the named people."""
    case = _of_those_who_may(reference, by=by)
    if restriction_of(case) is not None:
        raise OutOfTurn(
            "This record is restricted already, or another of the same person is, which covers it"
        )
    note = words("restriction", text, required=True, path="text", ask="Write why it is restricted")
    line = append(Kind.RECORD_RESTRICTED, by=by, at=at, case=case.pk, facts=note.bound)
    row = Restriction(
        referral=case,
        note=note.write(case, line=line, by=by, at=at),
        named=[by.key],
        ledger_line=line,
        **authorship(by, at=at),
    )
    restriction: Restriction = keep(row, line=line, by=by, at=at)
    return restriction


@one_transaction()
def name_person(reference: str, *, username: str, by: Actor, at: datetime) -> Restriction:
    """Let one more person see a restricted record. Safe to repeat."""
    row = _restricted(reference, by=by)
    person = User.objects.filter(username=username.strip(), is_active=True).first()
    if person is None:
        problem = "There is no user with this name"
        raise Invalid(problem, errors={"username": [problem]})
    return _with_named(row, [*row.named, person.actor.key], "named", person.actor.key, by=by, at=at)


@one_transaction()
def unname_person(reference: str, *, key: str, by: Actor, at: datetime) -> Restriction:
    """Take a named person off a restricted record. Safe to repeat."""
    row = _restricted(reference, by=by)
    return _with_named(row, [known for known in row.named if known != key], "unnamed", key, by=by, at=at)


@one_transaction()
def lift_restriction(reference: str, *, text: str, by: Actor, at: datetime) -> Restriction:
    """End the restriction of a record, with a reason. The lead may, once they have opened it."""
    row = _restricted(reference, by=by, or_lead=True)
    note = words("lifted", text, required=True, path="text", ask="Write why it is no longer restricted")
    line = append(Kind.RESTRICTION_LIFTED, by=by, at=at, case=row.referral_id, facts=note.bound)
    note.write(row.referral, line=line, by=by, at=at)
    row.lifted_at, row.lifted_by, row.lifted_by_name = at, by.key, by.name
    lifted: Restriction = keep(row, line=line, by=by, at=at)
    return lifted


def _with_named(
    row: Restriction, named: list[str], change: str, key: str, *, by: Actor, at: datetime
) -> Restriction:
    if set(named) == set(row.named):
        return row
    facts = RestrictionChanged(change=change)
    facts["to" if change == "named" else "of"] = key
    line = append(Kind.RESTRICTION_CHANGED, by=by, at=at, case=row.referral_id, facts=facts)
    row.named = named
    changed: Restriction = keep(row, line=line, by=by, at=at)
    return changed


def _restricted(reference: str, *, by: Actor, or_lead: bool = False) -> Restriction:
    """The restriction, for those in charge: who opened the record with a reason sees it for an hour and no longer.

    Where it is that of another referral of the person, they have to be in charge of that one too: whoever sends a
    referral is in charge of it, and could otherwise let themself in.
    """
    case = _of_those_who_may(reference, by=by)
    row = restriction_of(case)
    if row is None:
        raise OutOfTurn("This record is not restricted")
    may_anyway = or_lead and by.role == Role.LEAD
    if not may_anyway and any(is_closed_to(number, by=by) for number in (case.pk, row.referral_id)):
        raise Denied("Only those in charge of a restricted record say who sees it")
    return row


def _of_those_who_may(reference: str, *, by: Actor) -> Referral:
    if by.role not in WHO:
        raise Denied("Only a coordinator or the lead may restrict a record")
    return find_and_lock(reference, by=by)
