"""A letter is issued, read, or issued again as a new version."""

import uuid
from datetime import datetime, timedelta

from django.db import transaction

from accounts.service import Service
from kernel.actors import Actor
from kernel.refusals import Invalid, NotFound
from ledger.append import append, bind
from ledger.keep import keep
from ledger.kinds import Kind
from oncall import clocks
from oncall.escalation import REFERRER
from oncall.kinds import ClockKind, Stopped
from referrals import codes, policy
from referrals.assessing import promise
from referrals.letters import content_of, new_code
from referrals.models import Letter, LetterRead, Obligation, Referral
from referrals.move import move
from referrals.notes import Words, signed, words
from referrals.notices import tell
from referrals.queries import find_and_lock, refuse_if_changed
from referrals.states import Action

READ_WITHIN = {"advice": 24, "gp": 72, "transfer": 24}  # hours


@transaction.atomic(durable=True)
def issue_letter(
    reference: str,
    kind: str,
    *,
    recipient: str,
    text: str = "",
    by: Actor,
    at: datetime,
    service: Service,
    seen: int | None = None,
) -> Letter:
    """Issue a letter from the decision record as it stands, as the next version. It is awaited until it is read."""
    case = find_and_lock(reference, by=by)
    refuse_if_changed(case, seen=seen, at=at)
    errors: dict[str, list[str]] = {}
    if kind not in codes.LETTERS:
        errors["kind"] = ["Choose the letter"]
    to, said = words("recipient", recipient, path="recipient"), words("letter", text, path="text")
    if not to.text or len(to.text) > 200:
        errors["recipient"] = ["Enter who it is to, in a line"]
    if errors:
        raise Invalid("The letter is not complete", errors=errors)
    before = case.letters.filter(kind=kind).order_by("-version").select_related("awaited").first()
    content = content_of(case, kind, recipient=to.text, words=said.text, service=service, at=at)
    version = before.version + 1 if before else 1
    salt = uuid.uuid4()
    facts = {
        "letter": kind,
        "version": version,
        "bound": {"letter": bind(content, salt=str(salt))},
    }
    line = move(case, Action.ISSUE_LETTER, by=by, at=at, facts=facts)
    letter = Letter(
        referral=case,
        kind=kind,
        version=version,
        recipient=to.text,
        content=content,
        salt=salt,
        code=new_code(),
        awaited=_await(case, kind, version, line=line, by=by, at=at, service=service),
        ledger_line=line,
        **signed(by, at=at),
    )
    keep(letter, line=line, by=by, at=at)
    if before is not None:
        _stop_waiting(before, because=Stopped.SUPERSEDED, by=by, at=at)
    if kind == "advice":
        tell(case, "letter", about=line, at=at)
    return letter


def _await(
    case: Referral, kind: str, version: int, *, line: int, by: Actor, at: datetime, service: Service
) -> Obligation | None:
    """A clock waits until the letter is read; the coordinator asks when it was not."""
    if case.is_over or case.died_at is not None:
        return None
    hours = READ_WITHIN[kind]
    note = Words(about="obligation", text=f"{codes.LETTERS[kind]}, version {version}: has it been read?")
    owed_by = REFERRER if kind == "advice" else "coordinator"
    awaited = Obligation(
        referral=case,
        kind=ClockKind.TASK.value,
        owed_by=owed_by,
        due_at=at + timedelta(hours=hours),
        note=note.write(case, line=line, by=by, at=at),
        ledger_line=line,
        **signed(by, at=at),
    )
    keep(awaited, line=line, by=by, at=at)
    # Nobody is paged at once for a letter: who owes the reading is asked when it is late.
    promise(
        case, ClockKind.TASK, limit_hours=hours, started_at=at, subject=awaited.pk, owed_by=REFERRER,
        service=service, by=by, at=at,
    )  # fmt: skip
    return awaited


def _stop_waiting(letter: Letter, *, because: Stopped, by: Actor, at: datetime) -> None:
    clock = next(
        (c for c in clocks.hold(letter.referral_id) if letter.awaited_id and c.subject == letter.awaited_id),
        None,
    )
    if clock is not None:
        clocks.stop_one(clock, because=because, stopped_at=at, by=by, at=at)


@transaction.atomic(durable=True)
def record_reading(reference: str, number: int, *, person: str = "", by: Actor, at: datetime) -> Letter:
    """Record that a letter was read, by whoever opens it or by a named person. The first reading counts."""
    case = find_and_lock(reference, by=by)
    letter = case.letters.filter(pk=number).first()
    if letter is None:
        raise NotFound("There is no such letter on this case")
    reader = words("reader", person or by.name, required=True, path="person").text
    if letter.readings.filter(person=reader).exists():
        return letter
    policy.refuse_unless_allowed(by, Action.RECORD_READING, case)
    facts = {"letter": letter.kind, "version": letter.version}
    line = append(Kind.LETTER_READ, by=by, at=at, case=case.pk, facts=facts)
    row = LetterRead(referral=case, letter=letter, person=reader, ledger_line=line, **signed(by, at=at))
    keep(row, line=line, by=by, at=at)
    _stop_waiting(letter, because=Stopped.MET, by=by, at=at)
    return letter
