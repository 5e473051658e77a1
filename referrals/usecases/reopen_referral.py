"""A coordinator reopens an ended case, which goes on as if it had not ended."""

from datetime import datetime

from accounts import service as services
from accounts.act import Act
from kernel.actors import Actor
from kernel.refusals import OutOfTurn
from ledger.transaction import one_transaction
from oncall import clocks
from oncall.kinds import ClockKind, Stopped
from oncall.start import start_again
from referrals.arrival.resumption import resume
from referrals.case.episodes import open_episode_again
from referrals.case.models import Referral
from referrals.case.move import move
from referrals.case.notes import words
from referrals.case.queries import find_and_lock, refuse_if_changed
from referrals.case.states import Action


@one_transaction()
def reopen_referral(
    reference: str, *, text: str, by: Actor, at: datetime, version: int | None = None
) -> Referral:
    """Reopen a closed or withdrawn case; the clocks that ended with it run again from their original start.

    Facts that arrived after the end count from their true instants.
    """
    case = find_and_lock(reference, by=by)
    if case.merged_into is not None:
        raise OutOfTurn(
            f"This was merged: go on with {case.merged_into.reference}, or undo the merge there if they are two people"
        )
    refuse_if_changed(case, version=version, at=at)
    note = words("reopening", text, required=True, path="text")
    changes = {"outcome": "", "arrived_since": None}
    line = move(case, Action.REOPEN, by=by, at=at, facts=note.bound, changes=changes)
    note.write(case, line=line, by=by, at=at)
    open_episode_again(case, line=line, by=by, at=at)
    if case.died_at is None:
        clocks.stop(case.pk, [ClockKind.ACKNOWLEDGE], because=Stopped.MET, stopped_at=at, by=by, at=at)
        start_again(case.pk, by=by, at=at)
        resume(case, act=Act(by=by, at=at, service=services.current()))
    return case
