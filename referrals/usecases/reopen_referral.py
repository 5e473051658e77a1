"""A coordinator reopens an ended case, which goes on as if it had not ended."""

from accounts.act import Act
from kernel.refusals import OutOfTurn
from ledger.kinds import Kind
from ledger.read import Search, entries
from ledger.transaction import one_transaction
from oncall import clocks
from oncall.kinds import ClockKind, Stopped
from oncall.start import start_again
from referrals.arrival.resumption import resume
from referrals.case.case_facts import of_case
from referrals.case.episodes import open_episode_again
from referrals.case.models import Event, Referral
from referrals.case.move import move
from referrals.case.notes import words
from referrals.case.queries import find_and_lock, refuse_if_changed
from referrals.case.states import Action

ENDINGS = frozenset({Kind.REFERRAL_CLOSED, Kind.REFERRAL_REDIRECTED, Kind.REFERRAL_WITHDRAWN})


@one_transaction()
def reopen_referral(reference: str, *, text: str, act: Act, version: int | None = None) -> Referral:
    """Reopen a closed or withdrawn case; the clocks that ended with it run again from their original start.

    Facts that arrived after the end count from their true instants.
    """
    case = find_and_lock(reference, by=act.by)
    if case.merged_into is not None:
        raise OutOfTurn(
            f"This was merged: go on with {case.merged_into.reference}, or undo the merge there if they are two people"
        )
    refuse_if_changed(case, version=version)
    note = words("reopening", text, required=True, path="text")
    changes = {"outcome": "", "arrived_since": None, "withdrawal_asked_at": None}
    line = move(case, Action.REOPEN, by=act.by, at=act.at, facts=note.bound, changes=changes)
    note.write(case, line=line, by=act.by, at=act.at)
    open_episode_again(case, line=line, by=act.by, at=act.at)
    if case.died_at is None:
        clocks.stop(
            case.pk, [ClockKind.ACKNOWLEDGE], because=Stopped.MET, stopped_at=act.at, by=act.by, at=act.at
        )
        start_again(case.pk, by=act.by, at=act.at)
        resume(case, _since_the_end(case), line=line, act=act)
    return case


def _since_the_end(case: Referral) -> list[Event]:
    """The facts that came since the case last ended, in order of arrival."""
    endings = entries(Search(case=case.pk, only=ENDINGS), limit=1)
    events = Event.objects.filter(of_case(case), ledger_line__gt=endings[0].number if endings else 0)
    return list(events.order_by("id"))
