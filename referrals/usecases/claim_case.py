"""A coordinator takes a case in hand, gives it back, hands it on or takes it over."""

from datetime import datetime

from django.db import transaction

from accounts.models import User
from accounts.service import Service
from kernel.actors import Actor, Role
from kernel.refusals import Invalid, OutOfTurn
from referrals.claims import NOBODY, holder_of, lease, refuse_if_claimed
from referrals.models import Referral
from referrals.move import move
from referrals.notes import words
from referrals.notices import tell
from referrals.queries import find_and_lock
from referrals.states import Action


@transaction.atomic(durable=True)
def claim_case(reference: str, *, by: Actor, at: datetime, service: Service) -> Referral:
    """Claim a case, or go on with one's own claim. Of two at once one has it and the other is told who."""
    case = find_and_lock(reference, by=by)
    refuse_if_claimed(case, by=by, at=at)
    first = not case.claimed_by
    held = lease(by, at=at, service=service)
    line = move(case, Action.CLAIM, by=by, at=at, facts={"until": held["claimed_until"]}, changes=held)
    if first:
        tell(case, "claimed", about=line, at=at)
    return case


@transaction.atomic(durable=True)
def release_case(reference: str, *, by: Actor, at: datetime) -> Referral:
    """Give one's own claim back."""
    case = find_and_lock(reference, by=by)
    if holder_of(case, at=at) != by.key:
        raise OutOfTurn("You do not hold this case now")
    move(case, Action.RELEASE, by=by, at=at, changes=NOBODY)
    return case


@transaction.atomic(durable=True)
def hand_on_case(reference: str, *, to: str, by: Actor, at: datetime, service: Service) -> Referral:
    """Hand a case that one holds, or that nobody holds, to a named colleague."""
    case = find_and_lock(reference, by=by)
    refuse_if_claimed(case, by=by, at=at)
    colleague = User.objects.filter(username=to, role=Role.COORDINATOR.value, is_active=True).first()
    if colleague is None or colleague.pk == by.user_id:
        raise Invalid("Choose a colleague", errors={"to": ["Choose to whom you hand it"]})
    held = lease(colleague.actor, at=at, service=service)
    facts = {"to": colleague.actor.key, "until": held["claimed_until"]}
    move(case, Action.HAND_ON, by=by, at=at, facts=facts, changes=held)
    return case


@transaction.atomic(durable=True)
def take_over_case(reference: str, *, text: str, by: Actor, at: datetime, service: Service) -> Referral:
    """Take a case over from whoever holds it, with a reason that stands on the record."""
    case = find_and_lock(reference, by=by)
    holder = holder_of(case, at=at)
    if holder in ("", by.key):
        raise OutOfTurn("Nobody else holds this case now: claim it")
    note = words("take_over", text, required=True, path="text")
    held = lease(by, at=at, service=service)
    facts = {"from": holder, "until": held["claimed_until"], **note.bound}
    line = move(case, Action.TAKE_OVER, by=by, at=at, facts=facts, changes=held)
    note.write(case, line=line, by=by, at=at)
    return case
