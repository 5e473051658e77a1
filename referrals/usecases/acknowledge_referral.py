"""A coordinator acknowledges a referral."""

from datetime import datetime

from kernel.actors import Actor
from ledger.transaction import one_transaction
from referrals.case.models import Referral
from referrals.case.queries import find_and_lock
from referrals.correspondence.acknowledgement import acknowledge, refuse_if_answered


@one_transaction()
def acknowledge_referral(reference: str, *, by: Actor, at: datetime) -> Referral:
    """Acknowledge a case and stop its pages. A second acknowledgement is refused with the name of the first person."""
    case = find_and_lock(reference, by=by)
    refuse_if_answered(case)
    acknowledge(case, by=by, at=at)
    return case
