"""A coordinator says: I have seen this, it is mine to answer."""

from datetime import datetime

from django.db import transaction

from kernel.actors import Actor
from referrals.case.models import Referral
from referrals.case.queries import find_and_lock
from referrals.correspondence.acknowledgement import acknowledge, refuse_if_answered


@transaction.atomic(durable=True)
def acknowledge_referral(reference: str, *, by: Actor, at: datetime) -> Referral:
    """Acknowledge a case and stop the pages that ask for it. Whoever comes second is told who was first."""
    case = find_and_lock(reference, by=by)
    refuse_if_answered(case)
    acknowledge(case, by=by, at=at)
    return case
