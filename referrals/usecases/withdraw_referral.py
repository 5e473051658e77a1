"""A referral is withdrawn, by its referrer or by a coordinator."""

from datetime import datetime

from kernel.actors import Actor, Role
from ledger.transaction import one_transaction
from oncall import clocks
from oncall.kinds import Stopped
from referrals.case import policy
from referrals.case.episodes import close_episode_if_over
from referrals.case.models import Referral
from referrals.case.move import move
from referrals.case.notes import words
from referrals.case.queries import find_and_lock, refuse_if_changed
from referrals.case.states import Action
from referrals.correspondence.acknowledgement import acknowledgement_columns


@one_transaction()
def withdraw_referral(
    reference: str, *, text: str, by: Actor, at: datetime, version: int | None = None
) -> tuple[Referral, bool]:
    """Withdraw a referral, and say whether it is withdrawn. An emergency or an acknowledged case waits for a coordinator."""
    case = find_and_lock(reference, by=by)
    refuse_if_changed(case, version=version)
    note = words("withdrawal", text, required=True, path="reason")
    waits = (
        by.role != Role.COORDINATOR
        and not case.is_over
        and policy.why_not(by, Action.WITHDRAW, case) is not None
    )
    if waits:
        line = move(
            case, Action.ASK_WITHDRAWAL, by=by, at=at, facts=note.bound, changes={"withdrawal_asked_at": at}
        )
        note.write(case, line=line, by=by, at=at)
        return case, False
    acknowledgement = (
        acknowledgement_columns(by, at=at)
        if by.role == Role.COORDINATOR and case.acknowledged_at is None
        else {}
    )
    line = move(
        case,
        Action.WITHDRAW,
        by=by,
        at=at,
        facts=note.bound,
        changes={"outcome": "withdrawn", "provisional": False, **acknowledgement},
    )
    note.write(case, line=line, by=by, at=at)
    clocks.end_all(case.pk, because=Stopped.ENDED, stopped_at=at, by=by, at=at)
    close_episode_if_over(case, line=line, by=by, at=at)
    return case, True
