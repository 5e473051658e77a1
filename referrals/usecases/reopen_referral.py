"""Undoing the end of a case: it goes on as if it had not ended."""

from datetime import datetime

from django.db import transaction

from accounts import service as services
from accounts.service import Service
from kernel.actors import Actor
from kernel.refusals import OutOfTurn
from oncall import clocks
from oncall.kinds import ClockKind, Stopped
from oncall.starting import start_again
from referrals.assessing import (
    reassess,
    settle_clocks_of_scans,
    start_clinical_clocks,
    start_from_deterioration,
)
from referrals.episodes import open_episode_again
from referrals.gathering import evidence_of
from referrals.models import Referral
from referrals.move import move
from referrals.notes import words
from referrals.queries import find_and_lock
from referrals.settling import settle_event_clocks
from referrals.states import Action


@transaction.atomic(durable=True)
def reopen_referral(reference: str, *, text: str, by: Actor, at: datetime) -> Referral:
    """Open a closed or withdrawn case again; the clocks that ended with it run on from where they began.

    What arrived after the end counts from its true instants.
    """
    case = find_and_lock(reference, by=by)
    if case.merged_into is not None:
        raise OutOfTurn(
            f"This was merged: go on with {case.merged_into.reference}, or undo the merge there if they are two people"
        )
    note = words("reopening", text, required=True, path="text")
    changes = {"outcome": "", "arrived_since": None}
    line = move(case, Action.REOPEN, by=by, at=at, facts=note.bound, changes=changes)
    note.write(case, line=line, by=by, at=at)
    open_episode_again(case, line=line, by=by, at=at)
    if case.died_at is None:
        clocks.stop(case.pk, [ClockKind.ACKNOWLEDGE], because=Stopped.MET, stopped_at=at, by=by, at=at)
        start_again(case.pk, by=by, at=at)
        _take_up(case, by=by, at=at, service=services.current())
    return case


def _take_up(case: Referral, *, by: Actor, at: datetime, service: Service) -> None:
    """What was told after the end starts what it asks for."""
    reassess(case, service=service, by=by, at=at)
    start_clinical_clocks(case, only_new=True, service=service, by=by, at=at)
    worse_at = evidence_of(case, service=service).deteriorated_at
    if worse_at and not case.provisional:
        ran = {clock.started_at for clock in clocks.of_case(case.pk) if clock.kind == ClockKind.MRI}
        if worse_at[-1] not in ran:
            start_from_deterioration(case, since=worse_at[-1], service=service, by=by, at=at)
    settle_clocks_of_scans(case, service=service, by=by, at=at)
    settle_event_clocks(case, service=service, by=by, at=at)
