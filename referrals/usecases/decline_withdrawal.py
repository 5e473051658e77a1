"""A case goes on although its referrer asked to withdraw it."""

from accounts.act import Act
from kernel.refusals import OutOfTurn
from ledger.keep import keep
from ledger.transaction import one_transaction
from referrals.case.models import Message, Referral
from referrals.case.move import move
from referrals.case.notes import authorship, words
from referrals.case.queries import find_and_lock, refuse_if_changed
from referrals.case.states import Action
from referrals.correspondence.notices import write_notice


@one_transaction()
def decline_withdrawal(reference: str, *, text: str, act: Act, version: int | None = None) -> Referral:
    """Decline a withdrawal that was asked for; `text` goes to the referrer as a message. OutOfTurn if nobody asked."""
    case = find_and_lock(reference, by=act.by)
    refuse_if_changed(case, version=version)
    if case.withdrawal_asked_at is None:
        raise OutOfTurn("Nobody has asked to withdraw this referral")
    note = words(
        "message", text, required=True, path="text", ask="Write to the referrer why the case goes on"
    )
    line = move(
        case,
        Action.DECLINE_WITHDRAWAL,
        by=act.by,
        at=act.at,
        facts=note.bound,
        changes={"withdrawal_asked_at": None},
    )
    message = Message(
        referral=case,
        to_referrer=True,
        note=note.write(case, line=line, by=act.by, at=act.at),
        ledger_line=line,
        **authorship(act.by, at=act.at),
    )
    keep(message, line=line, by=act.by, at=act.at)
    write_notice(case, "message", about=line, at=act.at)
    return case
