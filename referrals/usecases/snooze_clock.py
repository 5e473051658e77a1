"""A clock that can wait is snoozed with a reason. Its deadline and its breach do not change."""

from datetime import datetime, timedelta

from kernel.actors import Actor
from kernel.refusals import Invalid, OutOfTurn
from ledger.transaction import one_transaction
from oncall import clocks
from oncall.kinds import SNOOZED
from referrals.case.line_facts import Snoozed
from referrals.case.models import Referral
from referrals.case.move import move
from referrals.case.queries import find_and_lock
from referrals.case.states import Action
from referrals.intake.codes import SNOOZE_MINUTES, SNOOZE_REASONS


@one_transaction()
def snooze_clock(
    reference: str, number: int, *, minutes: str, reason: str, by: Actor, at: datetime
) -> Referral:
    """Snooze a clock for at most an hour and never past its deadline; clocks that need a human now cannot be snoozed."""
    case = find_and_lock(reference, by=by)
    clock = next((c for c in clocks.hold(case.pk) if c.pk == number and c.kind in SNOOZED), None)
    errors: dict[str, list[str]] = {}
    if clock is None:
        errors["clock"] = ["Choose a clock that is running"]
    if minutes not in SNOOZE_MINUTES:
        errors["minutes"] = ["Choose for how long"]
    if reason not in SNOOZE_REASONS:
        errors["reason"] = ["Choose why it can wait"]
    if errors or clock is None:
        raise Invalid("This is not complete", errors=errors)
    if clock.due_at <= at:
        raise OutOfTurn("Its limit has passed: it cannot be kept quiet")
    until = min(at + timedelta(minutes=int(minutes)), clock.due_at)
    facts = Snoozed(clock=clock.kind, reason=reason, until=until)
    move(case, Action.SNOOZE, by=by, at=at, facts=facts)
    clocks.snooze(clock, until=until, reason=reason, by=by, at=at)
    return case
