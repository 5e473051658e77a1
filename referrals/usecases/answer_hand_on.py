"""A colleague accepts or declines a request to take a case, on the case or by the link in their page."""

from datetime import datetime

from accounts.act import Act
from accounts.models import User
from accounts.service import Service
from kernel.actors import Actor
from kernel.refusals import Denied, OutOfTurn
from ledger.append import append
from ledger.kinds import Kind
from ledger.transaction import one_transaction
from oncall import clocks, owners
from oncall.clocks import colleague_asked
from oncall.kinds import ClockKind, Stopped
from oncall.line_facts import PageAnswered
from oncall.models import Page
from oncall.page_links import page_of
from referrals.case.claims import HandOnRequest, hand_on_request_of, holder_of, lease
from referrals.case.line_facts import HandOnAccepted, HandOnDeclined
from referrals.case.models import Referral
from referrals.case.move import move
from referrals.case.notes import words
from referrals.case.queries import find_and_lock
from referrals.case.states import Action
from referrals.correspondence.acknowledgement import acting_for
from referrals.correspondence.notices import write_notice
from referrals.promises.obligations import start_obligation

READ_WITHIN = 0.5  # hours within which the person who asked reads that it was declined


@one_transaction()
def accept_hand_on(reference: str, *, act: Act) -> Referral:
    """Accept a request to take a case: its next pages go to the person who accepts."""
    case = find_and_lock(reference, by=act.by)
    _accept(case, act=act)
    return case


@one_transaction()
def decline_hand_on(reference: str, *, text: str, act: Act) -> Referral:
    """Decline a request with a reason: the case stays with the person who asked, and they are paged."""
    case = find_and_lock(reference, by=act.by)
    _decline(case, text, act=act)
    return case


@one_transaction()
def answer_hand_on_page(
    token: str, *, accepts: bool, text: str = "", at: datetime, service: Service
) -> Referral:
    """Accept or decline by the link in the page, in the name of the paged colleague. A link works once."""
    page = page_of(token)
    if page.clock is None or colleague_asked(page.clock) != page.recipient_id:
        raise OutOfTurn("This page is not answered by its link. Sign in and open the case")
    act = Act(by=acting_for(page.recipient.actor), at=at, service=service)
    case = find_and_lock(page.clock.reference, by=act.by)
    if _request_to(case, by=act.by).obligation != page.clock.subject:
        raise OutOfTurn("This link is for an earlier request, which was answered. Sign in and open the case")
    page = Page.objects.select_for_update(of=("self",)).get(pk=page.pk)
    facts = PageAnswered(client_reference=str(page.client_reference), somebody_else=False)
    append(Kind.PAGE_ANSWERED, by=act.by, at=at, case=case.pk, facts=facts)
    if accepts:
        _accept(case, act=act)
    else:
        _decline(case, text, act=act)
    page.answered_at = at
    page.save(update_fields=["answered_at"])
    return case


def _accept(case: Referral, *, act: Act) -> None:
    request = _request_to(case, by=act.by)
    if holder_of(case, at=act.at) not in ("", request.by_key, act.by.key):
        raise OutOfTurn(
            f"{case.claimed_by_name} has claimed this case meanwhile: ask them, or take it over with a reason"
        )
    claim = lease(act=act)
    facts = HandOnAccepted(of=request.by_key, until=claim["claimed_until"])
    line = move(case, Action.ACCEPT_HAND_ON, by=act.by, at=act.at, facts=facts, changes=claim)
    _stop(case, request, by=act.by, at=act.at)
    owners.give(case.pk, request.person, at=act.at)
    write_notice(case, "claimed", about=line, at=act.at)


def _decline(case: Referral, text: str, *, act: Act) -> None:
    request = _request_to(case, by=act.by)
    note = words("hand_on", text, required=True, path="text", ask="Write why, in a few words")
    facts = HandOnDeclined(of=request.by_key, **note.bound)
    line = move(case, Action.DECLINE_HAND_ON, by=act.by, at=act.at, facts=facts)
    _stop(case, request, by=act.by, at=act.at)
    start_obligation(
        case,
        ClockKind.REVIEW,
        owed_by=request.by_key,
        person=User.objects.get(pk=request.by_key.removeprefix("user:")),
        note=note,
        hours=READ_WITHIN,
        about=f"{act.by.name} declines this case: it stays with {request.by}",
        line=line,
        act=act,
    )


def _request_to(case: Referral, *, by: Actor) -> HandOnRequest:
    """The open request to this colleague to take the case; refused when there is none."""
    request = hand_on_request_of(case)
    if request is None:
        raise OutOfTurn("There is no open request to take this case: it was answered or withdrawn")
    if request.person != by.user_id:
        raise Denied(f"{request.colleague} was asked to take this case, and answers")
    return request


def _stop(case: Referral, request: HandOnRequest, *, by: Actor, at: datetime) -> None:
    clock = next(clock for clock in clocks.hold(case.pk) if clock.subject == request.obligation)
    clocks.stop_clock(clock, because=Stopped.MET, stopped_at=at, by=by, at=at)
