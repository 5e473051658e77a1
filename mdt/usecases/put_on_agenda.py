"""Cases come on the list of a meeting: by rule until its cut-off, by hand at any time, late ones with approval."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import F, Max, Q

from kernel.actors import SERVICE, Actor
from kernel.refusals import OutOfTurn
from ledger.append import append
from ledger.keep import keep, save_before_its_line
from ledger.kinds import Kind
from ledger.transaction import one_transaction
from mdt.agenda import BY_HAND, reasons_for
from mdt.agenda_facts import agenda_standings, open_cases
from mdt.line_facts import PutOnAgenda
from mdt.models import Item, Meeting
from mdt.usecases.plan_meeting import find_meeting, refuse_if_ended
from referrals.case.models import Referral
from referrals.case.move import move
from referrals.case.notes import NoteText, authorship, words
from referrals.case.queries import find_and_lock
from referrals.case.states import Action


def assemble(meeting: Meeting, *, at: datetime) -> int:
    """Put every case that a rule asks for on the list, emergencies first, each in its own transaction; safe to repeat.

    Says how many were added. After the cut-off nothing comes by rule.
    """
    if meeting.ended_at is not None or (meeting.assembled_at and meeting.assembled_at >= meeting.cut_off_at):
        return 0
    cases = sorted(open_cases(), key=lambda case: not case.is_emergency)
    standings = agenda_standings(cases)
    on_list = {item.referral_id: item for item in meeting.items.all()}
    added = 0
    for case in cases:
        reasons = reasons_for(standings[case.pk])
        item = on_list.get(case.pk)
        if set(reasons) - set(item.reasons if item else ()):
            added += put_by_rule(meeting.pk, case.reference, reasons=reasons, at=at)
    _note_assembly(meeting.pk, at=at)
    return added


@one_transaction()
def put_by_rule(number: int, reference: str, *, reasons: Sequence[str], at: datetime) -> bool:
    """Put one case on the list with its reasons, or add reasons to what is there. Whether it was not on it."""
    case = find_and_lock(reference, by=SERVICE)
    meeting = find_meeting(number, lock=True)
    if case.is_over or meeting.ended_at is not None:
        return False
    item = meeting.items.filter(referral=case).first()
    if item is not None and item.off_at is not None:  # something has happened since it was taken off
        note = NoteText(about="agenda", text="")
        _put(case, meeting, reasons=reasons, note=note, late=False, before=item, by=SERVICE, at=at)
        return True
    if item is not None:
        item.reasons = [*item.reasons, *(reason for reason in reasons if reason not in item.reasons)]
        facts = PutOnAgenda(meeting=meeting.pk, reasons=list(reasons))
        line = append(Kind.PUT_ON_AGENDA, by=SERVICE, at=at, case=case.pk, facts=facts)
        keep(item, line=line, by=SERVICE, at=at)
        return False
    _put(
        case, meeting, reasons=reasons, note=NoteText(about="agenda", text=""), late=False, by=SERVICE, at=at
    )
    return True


@one_transaction()
def put_by_hand(number: int, reference: str, *, text: str, by: Actor, at: datetime) -> Item:
    """Put a case on the list oneself. After the cut-off it needs a reason, and the approval of somebody else."""
    case = find_and_lock(reference, by=by)
    meeting = find_meeting(number, lock=True)
    refuse_if_ended(meeting)
    late = at > meeting.cut_off_at
    ask = "The list is closed: write why this cannot wait for the next meeting"
    note = words("agenda", text, required=late, path="text", ask=ask)
    before = meeting.items.filter(referral=case).first()
    if before is not None and before.off_at is None:
        raise OutOfTurn("This case is on the list of this meeting already")
    return _put(case, meeting, reasons=(BY_HAND,), note=note, late=late, before=before, by=by, at=at)


def _put(
    case: Referral,
    meeting: Meeting,
    *,
    reasons: Sequence[str],
    note: NoteText,
    late: bool,
    before: Item | None = None,
    by: Actor,
    at: datetime,
) -> Item:
    line = move(
        case,
        Action.PUT_ON_AGENDA,
        by=by,
        at=at,
        facts=PutOnAgenda(meeting=meeting.pk, reasons=list(reasons), late=late, **note.bound),
        changes={"listed_for_mdt_at": case.listed_for_mdt_at or at},
    )
    last = meeting.items.aggregate(last=Max("position"))["last"] or 0
    item = before or Item(referral=case, meeting=meeting)
    values = {
        "position": last + 1,
        "reasons": list(reasons),
        "note": note.write(case, line=line, by=by, at=at),
        "late": late,
        "approved_at": None,
        "approved_by_name": "",
        "off_at": None,
        "off_because": "",
        "ledger_line": line,
        **authorship(by, at=at),
    }
    for name, value in values.items():
        setattr(item, name, value)
    row: Item = keep(item, line=line, by=by, at=at)
    return row


@one_transaction()
def _note_assembly(number: int, *, at: datetime) -> None:
    meeting = find_meeting(number, lock=True)
    meeting.assembled_at = at
    save_before_its_line(meeting, fields=["assembled_at"])


def assemble_due(*, at: datetime) -> None:
    """Every meeting whose list is still made by rule, and once more when its cut-off has passed."""
    due = Meeting.objects.filter(ended_at=None).filter(
        Q(cut_off_at__gt=at) | Q(assembled_at=None) | Q(assembled_at__lt=F("cut_off_at"))
    )
    for meeting in due.order_by("starts_at"):
        assemble(meeting, at=at)
