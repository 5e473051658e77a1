"""The issue of a letter, in the transaction of its act, and the wait until it is read."""

import uuid
from datetime import datetime

from accounts.act import Act
from kernel.actors import Actor
from ledger.append import bind
from ledger.keep import keep
from oncall import clocks
from oncall.escalation import REFERRER
from oncall.kinds import ClockKind, Stopped
from referrals.case.line_facts import LetterIssued
from referrals.case.models import Letter, Obligation, Referral
from referrals.case.move import move
from referrals.case.notes import NoteText, authorship
from referrals.case.states import Action
from referrals.case.stored import StoredLetter
from referrals.correspondence.letters import new_code
from referrals.intake import codes
from referrals.promises.obligations import start_obligation

READ_WITHIN = {
    "advice": 24,
    "gp": 72,
    "transfer": 24,
    "plan_gp": 72,
}  # hours; the person's own copy is not awaited


def issue(case: Referral, kind: str, content: StoredLetter, *, recipient: str, act: Act) -> Letter:
    """Issue the next version of a letter on a locked case, and stop the wait for the earlier version."""
    previous = case.letters.filter(kind=kind).order_by("-version").select_related("awaited").first()
    version = previous.version + 1 if previous else 1
    salt = uuid.uuid4()
    facts = LetterIssued(letter=kind, version=version, bound={"letter": bind(content, salt=str(salt))})
    line = move(case, Action.ISSUE_LETTER, by=act.by, at=act.at, facts=facts)
    letter = Letter(
        referral=case,
        kind=kind,
        version=version,
        recipient=recipient,
        content=content,
        salt=salt,
        code=new_code(),
        awaited=_await(case, kind, version, act=act),
        ledger_line=line,
        **authorship(act.by, at=act.at),
    )
    keep(letter, line=line, by=act.by, at=act.at)
    if previous is not None:
        stop_waiting(previous, because=Stopped.SUPERSEDED, by=act.by, at=act.at)
    return letter


def _await(case: Referral, kind: str, version: int, *, act: Act) -> Obligation | None:
    """The obligation to read a letter; the coordinator asks when it is late."""
    hours = READ_WITHIN.get(kind)
    if hours is None or case.is_over or case.died_at is not None:
        return None
    note = NoteText(
        about="obligation", text=f"{codes.LETTER_WORDS[kind]}, version {version}: has it been read?"
    )
    owed_by = REFERRER if kind == "advice" else "coordinator"
    # A letter pages nobody at once; its reader is asked when the reading is late.
    return start_obligation(
        case,
        ClockKind.TASK,
        owed_by=owed_by,
        paged=REFERRER,
        note=note,
        hours=hours,
        act=act,
        label=f"reading of the letter “{codes.LETTER_WORDS[kind]}”",
    )


def stop_waiting(letter: Letter, *, because: Stopped, by: Actor, at: datetime) -> None:
    """Stop the wait for a letter to be read."""
    clock = next(
        (
            c
            for c in clocks.hold(letter.referral_id)
            if c.kind == ClockKind.TASK and c.subject == letter.awaited_id
        ),
        None,
    )
    if clock is not None:
        clocks.stop_clock(clock, because=because, stopped_at=at, by=by, at=at)
