"""A coordinator says: I have seen this, it is mine to answer."""

from datetime import datetime

from django.db import transaction

from accounts import service as services
from kernel.actors import Actor
from oncall import clocks
from oncall.kinds import ClockKind, Stopped
from referrals.assessing import start_lease
from referrals.models import Referral
from referrals.move import move
from referrals.queries import find_and_lock
from referrals.seen import refuse_if_answered, seen_by
from referrals.states import Action


@transaction.atomic(durable=True)
def acknowledge_referral(reference: str, *, by: Actor, at: datetime) -> Referral:
    """Acknowledge a case and stop the pages that ask for it. Whoever comes second is told who was first."""
    case = find_and_lock(reference, by=by)
    refuse_if_answered(case)
    move(case, Action.ACKNOWLEDGE, by=by, at=at, changes=seen_by(by, at=at))
    clocks.stop(case.pk, [ClockKind.ACKNOWLEDGE], because=Stopped.MET, stopped_at=at, by=by, at=at)
    start_lease(case, service=services.current(), by=by, at=at)
    return case
