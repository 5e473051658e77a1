"""A referral was entered in error, such as on the wrong person."""

from datetime import datetime

from kernel.actors import Actor
from kernel.refusals import OutOfTurn
from ledger.transaction import one_transaction
from oncall import clocks
from oncall.kinds import Stopped
from referrals.case.episodes import close_episode_if_over
from referrals.case.models import Referral
from referrals.case.move import move
from referrals.case.notes import words
from referrals.case.queries import find_and_lock, refuse_if_changed
from referrals.case.states import Action
from referrals.correspondence.acknowledgement import acknowledgement_columns
from referrals.correspondence.notices import write_notice


@one_transaction()
def mark_entered_in_error(
    reference: str, *, text: str, by: Actor, at: datetime, version: int | None = None
) -> Referral:
    """End a referral that was entered in error. It stays in the record but not in the measures.

    Refused while it is merged with another: that would end the other too, or leave its facts on the other's record.
    """
    case = find_and_lock(reference, by=by)
    refuse_if_changed(case, version=version)
    _refuse_if_merged(case)
    note = words("error", text, required=True, path="text")
    acknowledgement = {} if case.acknowledged_at else acknowledgement_columns(by, at=at)
    line = move(
        case,
        Action.MARK_ERROR,
        by=by,
        at=at,
        facts=note.bound,
        changes={"outcome": "entered_in_error", "provisional": False, **acknowledgement},
    )
    note.write(case, line=line, by=by, at=at)
    clocks.end_all(case.pk, because=Stopped.ENDED, stopped_at=at, by=by, at=at)
    write_notice(case, "correction", about=line, at=at)
    close_episode_if_over(case, line=line, by=by, at=at)
    return case


def _refuse_if_merged(case: Referral) -> None:
    if case.merged_into is not None:
        raise OutOfTurn(
            f"This was merged into {case.merged_into.reference}: undo the merge first, so that nothing of it stays there"
        )
    merged = Referral.objects.filter(merged_into=case).order_by("id").first()
    if merged is not None:
        raise OutOfTurn(
            f"{merged.reference} was merged into this: undo the merge first, so that it runs again"
        )
