"""A coordinator closes a case."""

from datetime import datetime

from kernel.actors import Actor
from kernel.refusals import Invalid
from ledger.transaction import one_transaction
from oncall import clocks
from oncall.kinds import ClockKind, Stopped
from referrals.case.claims import refuse_if_claimed
from referrals.case.episodes import close_episode_if_over
from referrals.case.line_facts import ReferralClosed
from referrals.case.models import Referral
from referrals.case.move import move
from referrals.case.notes import ASK, words
from referrals.case.queries import find_and_lock, refuse_if_changed
from referrals.case.states import Action
from referrals.intake.codes import CLOSE_OUTCOMES
from triage.guideline.rule import Stream

SENT_NOWHERE = frozenset({"died", "duplicate"})


@one_transaction()
def close_referral(
    reference: str, *, outcome: str, text: str = "", by: Actor, at: datetime, version: int | None = None
) -> Referral:
    """Close a case with its outcome. Its clocks end with it; while a NICE limit runs, a reason is required.

    An urgent cancer referral is made by others and has no clock here: the note says who confirmed it (A9).
    """
    case = find_and_lock(reference, by=by)
    refuse_if_changed(case, version=version)
    refuse_if_claimed(case, by=by, at=at)
    if outcome not in CLOSE_OUTCOMES:
        raise Invalid("Choose the outcome", errors={"outcome": ["Choose the outcome"]})
    is_formal = outcome != "died" and any(clock.formal for clock in clocks.hold(case.pk))
    goes_on = case.stream == Stream.URGENT_ONCOLOGY and outcome not in SENT_NOWHERE
    ask = "Write who confirmed that the urgent cancer referral was made, and when" if goes_on else ASK
    note = words("closure", text, required=is_formal or goes_on, path="text", ask=ask)
    line = move(
        case,
        Action.CLOSE,
        by=by,
        at=at,
        facts=ReferralClosed(outcome=outcome, **note.bound),
        changes={"outcome": outcome, "provisional": False},
    )
    note.write(case, line=line, by=by, at=at)
    if case.died_at is not None:  # the person who closes it has seen the page about the death
        clocks.stop(case.pk, [ClockKind.ACKNOWLEDGE], because=Stopped.MET, stopped_at=at, by=by, at=at)
    alive = outcome != "died" and case.died_at is None
    clocks.end_all(case.pk, because=Stopped.ENDED, stopped_at=at, followed_up=alive, by=by, at=at)
    close_episode_if_over(case, line=line, by=by, at=at)
    return case
