"""A reported death was wrong: the case and its clocks run on."""

from accounts.act import Act
from kernel.refusals import OutOfTurn
from ledger.transaction import one_transaction
from oncall import clocks
from oncall.kinds import ClockKind, Stopped
from oncall.start import start_again
from referrals.arrival.resumption import page_for_missed_facts, resume
from referrals.case.models import Referral
from referrals.case.move import move
from referrals.case.notes import words
from referrals.case.queries import find_and_lock
from referrals.case.states import Action


@one_transaction()
def deny_death(reference: str, *, text: str, act: Act) -> Referral:
    """Reject a report of death; the clocks that it ended run again from their original start."""
    case = find_and_lock(reference, by=act.by)
    told_at = case.events.filter(kind="died").order_by("-id").values_list("id", flat=True).first()
    if case.died_at is None:
        raise OutOfTurn("No death is reported on this case")
    note = words("death_denied", text, required=True, path="text")
    line = move(case, Action.DENY_DEATH, by=act.by, at=act.at, facts=note.bound, changes={"died_at": None})
    note.write(case, line=line, by=act.by, at=act.at)
    clocks.stop(
        case.pk, [ClockKind.ACKNOWLEDGE], because=Stopped.NOT_NEEDED, stopped_at=act.at, by=act.by, at=act.at
    )
    start_again(case.pk, by=act.by, at=act.at)
    resume(case, act=act)  # facts reported in the meantime start their clocks
    since = list(case.events.filter(id__gt=told_at or 0))
    page_for_missed_facts(case, since, act=act)
    return case
