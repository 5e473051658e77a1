"""A clean whole-spine result: the plan and the decision to treat are no longer needed."""

from datetime import datetime

from django.db import transaction

from kernel.actors import Actor
from kernel.refusals import OutOfTurn
from oncall import clocks
from oncall.kinds import ClockKind, Stopped
from referrals.assessing import is_clean
from referrals.models import Referral
from referrals.move import move
from referrals.queries import find_and_lock
from referrals.states import Action

OFFERED = (ClockKind.TREATMENT_PLAN, ClockKind.DECISION_TO_TREAT)


@transaction.atomic(durable=True)
def end_treatment_clocks(reference: str, *, by: Actor, at: datetime) -> Referral:
    """End the clocks that a clean whole spine makes pointless, as not needed."""
    case = find_and_lock(reference, by=by)
    if not is_clean(case):
        raise OutOfTurn(
            "These clocks end only when the whole spine was imaged and shows no malignant disease"
        )
    move(case, Action.END_CLOCKS, by=by, at=at)
    clocks.stop(case.pk, OFFERED, because=Stopped.NOT_NEEDED, stopped_at=at, by=by, at=at)
    return case
