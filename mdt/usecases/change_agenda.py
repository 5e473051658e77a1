"""The list of a meeting is changed: a late case approved, one taken off, the order set."""

from datetime import datetime

from kernel.actors import Actor
from kernel.refusals import Invalid, NotFound, OutOfTurn
from ledger.append import append
from ledger.keep import keep
from ledger.kinds import Kind
from ledger.transaction import one_transaction
from mdt.codes import OFF_REASONS
from mdt.endings import endings
from mdt.line_facts import AgendaApproved, AgendaOrdered, TakenOffAgenda
from mdt.models import Decision, Item, Listing, Opinion
from mdt.usecases.plan_meeting import find_meeting, refuse_if_ended
from referrals.case.models import Referral
from referrals.case.move import move
from referrals.case.queries import find_and_lock
from referrals.case.states import Action


def _item(number: int, case: Referral) -> Item:
    """The case on the list of a meeting, with that meeting locked."""
    meeting = find_meeting(number, lock=True)
    refuse_if_ended(meeting)
    item = meeting.items.filter(referral=case, off_at=None).first()
    if item is None:
        raise NotFound("This case is not on the list of this meeting")
    return item


@one_transaction()
def approve(number: int, reference: str, *, by: Actor, at: datetime) -> Item:
    """Approve a late addition. The person who added it cannot approve it."""
    case = find_and_lock(reference, by=by)
    item = _item(number, case)
    if not item.late or item.approved_at is not None:
        raise OutOfTurn("This case needs no approval")
    if item.by == by.key:
        raise OutOfTurn("You added this case: somebody else has to approve it")
    line = move(case, Action.APPROVE_ON_AGENDA, by=by, at=at, facts=AgendaApproved(meeting=item.meeting_id))
    item.approved_at, item.approved_by_name = at, by.name
    row: Item = keep(item, line=line, by=by, at=at)
    return row


@one_transaction()
def take_off(number: int, reference: str, *, reason: str, by: Actor, at: datetime) -> Item:
    """Take a case off the list, with the reason. A case that was only on this list is then hidden from the MDT."""
    case = find_and_lock(reference, by=by)
    item = _item(number, case)
    if reason not in OFF_REASONS:
        raise Invalid("Choose why it is taken off", errors={"reason": ["Choose why it is taken off"]})
    item.off_at, item.off_because = at, reason
    concerns_mdt = (
        Listing.objects.filter(referral=case).exists()
        or Decision.objects.filter(referral=case).exists()
        or Opinion.objects.filter(referral=case).exists()
        or Item.objects.filter(referral=case, off_at=None).exclude(pk=item.pk).exists()
    )
    line = move(
        case,
        Action.TAKE_OFF_AGENDA,
        by=by,
        at=at,
        facts=TakenOffAgenda(meeting=item.meeting_id, reason=reason),
        changes={} if concerns_mdt else {"listed_for_mdt_at": None},
    )
    row: Item = keep(item, line=line, by=by, at=at)
    return row


@one_transaction()
def move_up(number: int, reference: str, *, by: Actor, at: datetime) -> None:
    """Discuss a case one place earlier among those that have not ended."""
    case = find_and_lock(reference, by=by)
    item = _item(number, case)
    above = (
        Item.objects.filter(meeting=item.meeting_id, off_at=None, position__lt=item.position)
        .exclude(referral__in=endings(item.meeting))
        .order_by("-position")
        .first()
    )
    if above is None:
        return
    facts = AgendaOrdered(meeting=item.meeting_id, position=above.position)
    line = append(Kind.AGENDA_ORDERED, by=by, at=at, case=case.pk, facts=facts)
    item.position, above.position = above.position, item.position
    keep(item, line=line, by=by, at=at)
    keep(above, line=line, by=by, at=at)
