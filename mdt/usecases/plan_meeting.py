"""A meeting is planned, moved, and ended once every case on its list has its decision."""

from datetime import datetime

from kernel.actors import Actor, Role
from kernel.refusals import Denied, Invalid, NotFound, OutOfTurn
from kernel.text import fault, tidy
from ledger.append import append
from ledger.keep import keep
from ledger.kinds import Kind
from ledger.transaction import one_transaction
from mdt.endings import endings
from mdt.line_facts import MeetingEnded, MeetingPlanned
from mdt.models import Item, Meeting

MDT = (Role.COORDINATOR, Role.MDT_MEMBER)


def find_meeting(number: int, *, lock: bool = False) -> Meeting:
    """A meeting by its number; NotFound where there is none."""
    meetings = Meeting.objects.select_for_update() if lock else Meeting.objects.all()
    meeting = meetings.filter(pk=number).first()
    if meeting is None:
        raise NotFound("There is no such meeting")
    return meeting


def refuse_if_ended(meeting: Meeting) -> None:
    """OutOfTurn, with the name of the person who ended it, when the meeting is over."""
    if meeting.ended_at is not None:
        raise OutOfTurn(f"This meeting was ended by {meeting.ended_by_name}: put the case on the next one")


@one_transaction()
def plan_meeting(
    *, starts_at: datetime, cut_off_at: datetime, place: str, number: int = 0, by: Actor, at: datetime
) -> Meeting:
    """Plan a meeting, or with its number move one that has not ended."""
    if by.role != Role.COORDINATOR:
        raise Denied("Only a coordinator may plan a meeting")
    errors: dict[str, list[str]] = {}
    if starts_at <= at:
        errors["starts_at"] = ["This has passed: enter when the meeting starts"]
    if cut_off_at > starts_at:
        errors["cut_off_at"] = ["The list closes before the meeting starts: enter an earlier time"]
    if problem := fault(place):
        errors["place"] = [problem]
    elif not tidy(place):
        errors["place"] = ["Enter the room or the link"]
    elif Meeting.objects.filter(starts_at=starts_at, place=tidy(place)).exclude(pk=number).exists():
        errors["starts_at"] = ["This meeting is planned already"]
    if errors:
        raise Invalid("The meeting is not complete", errors=errors)
    meeting = find_meeting(number, lock=True) if number else Meeting()
    refuse_if_ended(meeting)
    meeting.starts_at, meeting.cut_off_at, meeting.place = starts_at, cut_off_at, tidy(place)
    facts = MeetingPlanned(starts_at=starts_at, cut_off_at=cut_off_at, moved=bool(number))
    line = append(Kind.MEETING_PLANNED, by=by, at=at, facts=facts)
    row: Meeting = keep(meeting, line=line, by=by, at=at)
    return row


@one_transaction()
def end_meeting(number: int, *, by: Actor, at: datetime) -> Meeting:
    """End a meeting; a case that is neither decided, nor over, nor taken off is named."""
    if by.role not in MDT:
        raise Denied("Only a coordinator or a member of the MDT may end a meeting")
    meeting = find_meeting(number, lock=True)
    refuse_if_ended(meeting)
    ended = endings(meeting)
    on_list = (
        Item.objects.filter(meeting=meeting, off_at=None).select_related("referral").order_by("position")
    )
    open_cases = [item.referral.reference for item in on_list if item.referral_id not in ended]
    if open_cases:
        raise OutOfTurn(
            f"Not decided yet: {', '.join(open_cases)}. Record a decision on each (“No action” is one), or take it off the list"
        )
    meeting.ended_at, meeting.ended_by_name = at, by.name
    decided = sum(ending.decision is not None for ending in ended.values())
    line = append(Kind.MEETING_ENDED, by=by, at=at, facts=MeetingEnded(meeting=meeting.pk, decided=decided))
    row: Meeting = keep(meeting, line=line, by=by, at=at)
    return row
