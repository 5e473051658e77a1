"""Undoing the end of a case: it goes on as if it had not ended."""

from datetime import datetime

from django.db import transaction

from kernel.actors import Actor
from kernel.refusals import OutOfTurn
from oncall.starting import start_again
from referrals.episodes import open_episode_again
from referrals.models import Referral
from referrals.move import move
from referrals.notes import words
from referrals.queries import find_and_lock
from referrals.states import Action


@transaction.atomic(durable=True)
def reopen_referral(reference: str, *, text: str, by: Actor, at: datetime) -> Referral:
    """Open a closed or withdrawn case again; the clocks that ended with it run on from where they began."""
    case = find_and_lock(reference, by=by)
    if case.merged_into is not None:
        raise OutOfTurn(f"This was merged: go on with {case.merged_into.reference}")
    note = words("reopening", text, required=True, path="text")
    line = move(case, Action.REOPEN, by=by, at=at, facts=note.bound, changes={"outcome": ""})
    note.write(case, line=line, by=by, at=at)
    open_episode_again(case, line=line, by=by, at=at)
    if case.died_at is None:
        start_again(case.pk, by=by, at=at)
    return case
