"""A coordinator has read the facts that arrived after the end of a case, and leaves it closed with a reason."""

from datetime import datetime

from kernel.actors import Actor
from kernel.refusals import OutOfTurn
from ledger.transaction import one_transaction
from oncall import clocks
from oncall.kinds import ClockKind, Stopped
from referrals.case.models import Referral
from referrals.case.move import move
from referrals.case.notes import words
from referrals.case.queries import find_and_lock
from referrals.case.states import Action


@one_transaction()
def settle_arrival(reference: str, *, text: str, by: Actor, at: datetime) -> Referral:
    """Record why a case stays closed despite new facts; the alternative is to reopen it."""
    case = find_and_lock(reference, by=by)
    if case.arrived_since is None:
        raise OutOfTurn("There are no unread facts on this case")
    note = words("arrival", text, required=True, path="text", ask="Write why the case stays closed")
    changes = {"arrived_since": None, "news_since": None}
    line = move(case, Action.SETTLE_ARRIVAL, by=by, at=at, facts=note.bound, changes=changes)
    note.write(case, line=line, by=by, at=at)
    clocks.stop(case.pk, [ClockKind.ACKNOWLEDGE], because=Stopped.MET, stopped_at=at, by=by, at=at)
    return case
