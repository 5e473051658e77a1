"""A coordinator claims a case, releases it, asks a colleague to take it, or takes it over."""

from datetime import datetime

from accounts.act import Act
from accounts.models import User
from kernel.actors import Actor, Role
from kernel.refusals import Invalid, OutOfTurn
from kernel.text import tidy
from ledger.transaction import one_transaction
from oncall import clocks, owners
from oncall.clocks import colleague_asked
from oncall.kinds import ClockKind, Stopped
from referrals.case.claims import (
    NO_CLAIM,
    hand_on_request_of,
    holder_of,
    lease,
    may_release,
    refuse_if_claimed,
)
from referrals.case.line_facts import CaseClaimed, CaseHandedOn, CaseTakenOver
from referrals.case.models import Referral
from referrals.case.move import move
from referrals.case.notes import words
from referrals.case.queries import find_and_lock
from referrals.case.states import Action
from referrals.correspondence.notices import write_notice
from referrals.promises.obligations import start_obligation

ANSWERED_WITHIN = 0.5  # hours for the colleague to answer; then the person who asked is paged


@one_transaction()
def claim_case(reference: str, *, act: Act) -> Referral:
    """Claim a case, or extend one's own claim. Of two people at once, one gets it and the other is told who."""
    case = find_and_lock(reference, by=act.by)
    refuse_if_claimed(case, by=act.by, at=act.at)
    is_first = not case.claimed_by
    claim = lease(act=act)
    line = move(
        case,
        Action.CLAIM,
        by=act.by,
        at=act.at,
        facts=CaseClaimed(until=claim["claimed_until"]),
        changes=claim,
    )
    if owners.owner_of(case.pk, at=act.at) not in (None, act.by.user_id):
        owners.take_back(case.pk)
    if is_first:
        write_notice(case, "claimed", about=line, at=act.at)
    return case


@one_transaction()
def release_case(reference: str, *, by: Actor, at: datetime) -> Referral:
    """Release one's own claim, or a case accepted from a colleague, even after the claim has run out."""
    case = find_and_lock(reference, by=by)
    if not may_release(case, by=by, at=at):
        raise OutOfTurn("You do not hold this case now")
    move(case, Action.RELEASE, by=by, at=at, changes=NO_CLAIM)
    _take_back(case, by=by, at=at)
    return case


@one_transaction()
def hand_on_case(reference: str, *, to: str, text: str, act: Act) -> Referral:
    """Ask a named colleague, with a reason, to take a case that one holds or that nobody holds.

    The colleague gets a page with a link for the answer. The case stays with the person who asks until it is accepted.
    """
    case = find_and_lock(reference, by=act.by)
    refuse_if_claimed(case, by=act.by, at=act.at)
    if case.died_at is not None:
        raise OutOfTurn(
            "A death is reported on this case, so nobody is paged for it. Confirm it, or say that it is wrong, then ask"
        )
    if (request := hand_on_request_of(case)) is not None:
        raise OutOfTurn(
            f"{request.colleague} was asked already and has not answered. Ring them, or take the case back first"
        )
    colleague = User.objects.filter(username=to, role=Role.COORDINATOR.value, is_active=True).first()
    errors: dict[str, list[str]] = {}
    if colleague is None or colleague.pk == act.by.user_id:
        errors["to"] = ["Choose the colleague to hand it to"]
    if not tidy(text):
        errors["text"] = ["Write why, in a few words: your colleague reads it with the case"]
    if errors or colleague is None:
        raise Invalid("This is not complete", errors=errors)
    note = words("hand_on", text, required=True, path="text")
    claim = lease(act=act)
    facts = CaseHandedOn(to=colleague.actor.key, until=claim["claimed_until"], **note.bound)
    line = move(case, Action.HAND_ON, by=act.by, at=act.at, facts=facts, changes=claim)
    start_obligation(
        case,
        ClockKind.TASK,
        owed_by=colleague.actor.key,
        person=colleague,
        note=note,
        hours=ANSWERED_WITHIN,
        about=f"{act.by.name} hands this case to {colleague.name}",
        line=line,
        act=act,
    )
    return case


@one_transaction()
def take_over_case(reference: str, *, text: str, act: Act) -> Referral:
    """Take a case over from its holder, with a reason for the record."""
    case = find_and_lock(reference, by=act.by)
    holder = holder_of(case, at=act.at)
    if holder in ("", act.by.key):
        raise OutOfTurn("Nobody else holds this case now: claim it")
    note = words("take_over", text, required=True, path="text")
    claim = lease(act=act)
    facts: CaseTakenOver = {"from": holder, "until": claim["claimed_until"], **note.bound}
    line = move(case, Action.TAKE_OVER, by=act.by, at=act.at, facts=facts, changes=claim)
    note.write(case, line=line, by=act.by, at=act.at)
    _take_back(case, by=act.by, at=act.at)
    return case


def _take_back(case: Referral, *, by: Actor, at: datetime) -> None:
    """Withdraw any request to take the case; its pages go to the holder of the duty."""
    owners.take_back(case.pk)
    for clock in clocks.hold(case.pk):
        if colleague_asked(clock):
            clocks.stop_clock(clock, because=Stopped.SUPERSEDED, stopped_at=at, by=by, at=at)
