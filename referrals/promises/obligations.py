"""How an obligation starts on a case: a row that describes it, and a clock."""

from datetime import timedelta

from accounts.act import Act
from accounts.models import User
from accounts.people import DUTY_WORDS, Duty
from kernel.actors import Actor, Role
from ledger.append import append
from ledger.keep import keep
from ledger.kinds import Kind
from oncall.escalation import REFERRER
from referrals.case.line_facts import ObligationAsked
from referrals.case.models import Obligation, Referral
from referrals.case.notes import NoteText, authorship
from referrals.promises.reassessment import promise


def start_obligation(
    case: Referral,
    kind: str,
    *,
    owed_by: str,
    note: NoteText,
    hours: float,
    line: int | None = None,
    act: Act,
    paged: str = "",
    person: User | None = None,
    label: str = "",
    about: str = "",
) -> Obligation:
    """Record what a duty, or a named person, has to do within some hours, and start its clock.

    `line` is the ledger line that records it and binds the note; without it, the line is written here. `paged` is
    the duty whose ladder the clock climbs, where it differs from `owed_by`. `label` names the obligation for pages
    and lists, in standard words, where its kind is not enough; `about` replaces the whole description.
    """
    due_at = act.at + timedelta(hours=hours)
    if line is None:
        facts = ObligationAsked(obligation=kind, owed_by=owed_by, due_at=due_at, **note.bound)
        line = append(Kind.OBLIGATION_ASKED, by=act.by, at=act.at, case=case.pk, facts=facts)
    obligation = Obligation(
        referral=case,
        kind=kind,
        owed_by=owed_by,
        due_at=due_at,
        note=note.write(case, line=line, by=act.by, at=act.at),
        ledger_line=line,
        **authorship(act.by, at=act.at),
    )
    keep(obligation, line=line, by=act.by, at=act.at)
    promise(
        case,
        kind,
        limit_hours=hours,
        started_at=act.at,
        subject=obligation.pk,
        owed_by=paged or owed_by,
        person=person.pk if person else 0,
        about=about[:200]
        or name_of(kind, name=person.name if person else owed_by_words(owed_by), by=act.by, label=label),
        act=act,
    )
    return obligation


OBLIGATION_WORDS = {"question": "answer", "task": "task", "review": "review", "specialist_opinion": "opinion"}


def name_of(kind: str, *, name: str, by: Actor, label: str = "") -> str:
    """An obligation in words for a page, a clock and a list: who has to do what for whom, without patient or free text."""
    asks = f" for {by.name}" if by.role != Role.SYSTEM else ""
    return f"{name}: {label or OBLIGATION_WORDS[kind]}{asks}"[:200]


def owed_by_words(owed_by: str) -> str:
    """The duty that has to act, at the start of a sentence and without the word contact, or the referrer."""
    return "Referrer" if owed_by == REFERRER else DUTY_WORDS[Duty(owed_by)].removesuffix(" contact")
