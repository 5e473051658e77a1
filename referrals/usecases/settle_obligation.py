"""An obligation is met: by whom, when, and what they said."""

from datetime import datetime

from kernel.actors import Actor
from kernel.refusals import Invalid, OutOfTurn
from kernel.time import is_earlier, not_earlier
from ledger.transaction import one_transaction
from oncall import clocks
from oncall.clocks import colleague_asked
from oncall.kinds import Stopped
from referrals.case.line_facts import ObligationSettled
from referrals.case.models import Referral
from referrals.case.move import move
from referrals.case.notes import words
from referrals.case.queries import find_and_lock
from referrals.case.states import Action
from referrals.intake.fields import faults_of_doing


@one_transaction()
def settle_obligation(
    reference: str, number: int, *, done_by: str, text: str, done_at: datetime, by: Actor, at: datetime
) -> Referral:
    """Stop the clock of an obligation at the true instant of its answer, and record the answer."""
    case = find_and_lock(reference, by=by)
    obligation = case.obligations.filter(pk=number).first()
    errors = faults_of_doing(done_by, done_at, at=at)
    if obligation is None:
        errors["obligation"] = ["Choose what has been answered"]
    elif is_earlier(done_at, than=obligation.at):
        errors["done_at"] = ["This is before it was asked: check the time"]
    if errors or obligation is None:
        raise Invalid("This is not complete", errors=errors)
    done_at = not_earlier(done_at, than=obligation.at)
    clocks_of_kind = (c for c in clocks.hold(case.pk) if c.kind == obligation.kind)
    clock = next((c for c in clocks_of_kind if c.subject == obligation.pk), None)
    if clock is None:
        raise OutOfTurn("This has been answered already, or the case has ended")
    if colleague_asked(clock):
        raise OutOfTurn("A colleague was asked to take the case: they accept it or decline it themselves")
    note = words("answer", f"{done_by.strip()}: {text.strip()}".strip(": "), path="text")
    facts = ObligationSettled(obligation=obligation.kind, owed_by=obligation.owed_by, done_at=done_at)
    if note.text:
        facts["bound"] = note.bound["bound"]
    line = move(case, Action.SETTLE, by=by, at=at, facts=facts)
    note.write(case, line=line, by=by, at=at)
    clocks.stop_clock(clock, because=Stopped.MET, stopped_at=done_at, by=by, at=at)
    return case
