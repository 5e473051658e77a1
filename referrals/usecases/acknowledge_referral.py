"""A coordinator acknowledges a referral."""

from accounts.act import Act
from ledger.transaction import one_transaction
from referrals.case.models import Referral
from referrals.case.queries import find_and_lock
from referrals.correspondence.acknowledgement import acknowledge, refuse_if_answered


@one_transaction()
def acknowledge_referral(reference: str, *, act: Act) -> Referral:
    """Acknowledge a case and stop its pages. A second acknowledgement is refused with the name of the first person."""
    case = find_and_lock(reference, by=act.by)
    refuse_if_answered(case)
    acknowledge(case, act=act)
    return case
