"""A second clinician reviews the lowering of an emergency."""

from datetime import datetime

from kernel.actors import Actor
from kernel.refusals import Denied, NotFound, OutOfTurn
from ledger.keep import keep
from ledger.transaction import one_transaction
from referrals.case.line_facts import ReviewDone
from referrals.case.models import Referral
from referrals.case.move import move
from referrals.case.notes import words
from referrals.case.queries import find_and_lock
from referrals.case.states import Action


@one_transaction()
def review_decision(
    reference: str, review: int, *, agreed: bool, text: str, by: Actor, at: datetime
) -> Referral:
    """Record agreement or disagreement. Nobody reviews their own decision; a disagreement needs a reason."""
    case = find_and_lock(reference, by=by)
    row = case.reviews.select_for_update().filter(pk=review).first()
    if row is None:
        raise NotFound("There is no such review on this case")
    if row.done_at is not None:
        raise OutOfTurn(f"{row.done_by_name} has done this review already")
    if row.by == by.key:
        raise Denied("A second clinician reviews this decision, not the one who made it")
    note = words("review", text, required=not agreed, path="text")
    line = move(
        case, Action.REVIEW, by=by, at=at, facts=ReviewDone(review=review, agreed=agreed, **note.bound)
    )
    row.done_at, row.done_by, row.done_by_name, row.agreed = at, by.key, by.name, agreed
    row.note = note.write(case, line=line, by=by, at=at)
    keep(row, line=line, by=by, at=at)
    return case
