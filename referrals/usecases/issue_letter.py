"""A letter is issued, as a first or a new version, or recorded as read."""

from datetime import datetime

from accounts.act import Act
from kernel.actors import Actor
from kernel.refusals import Invalid, NotFound
from ledger.append import append
from ledger.keep import keep
from ledger.kinds import Kind
from ledger.transaction import one_transaction
from oncall.kinds import Stopped
from referrals.case import line_facts, policy
from referrals.case.models import Letter, LetterRead
from referrals.case.notes import authorship, words
from referrals.case.queries import find_and_lock, refuse_if_changed
from referrals.case.states import Action
from referrals.correspondence.letter_issue import issue, stop_waiting
from referrals.correspondence.letters import content_of
from referrals.correspondence.notices import write_notice
from referrals.intake import codes


@one_transaction()
def issue_letter(
    reference: str, kind: str, *, recipient: str, text: str = "", act: Act, version: int | None = None
) -> Letter:
    """Issue a letter from the current decision record, as the next version. A clock waits until it is read."""
    case = find_and_lock(reference, by=act.by)
    refuse_if_changed(case, version=version)
    errors: dict[str, list[str]] = {}
    if kind not in codes.LETTERS:
        errors["kind"] = ["Choose the letter"]
    to, body = words("recipient", recipient, path="recipient"), words("letter", text, path="text")
    if not to.text or len(to.text) > 200:
        errors["recipient"] = ["Enter the recipient, in one line"]
    if errors:
        raise Invalid("The letter is not complete", errors=errors)
    content = content_of(case, kind, recipient=to.text, words=body.text, act=act)
    letter = issue(case, kind, content, recipient=to.text, act=act)
    if kind == "advice":
        write_notice(case, "letter", about=letter.ledger_line, at=act.at)
    return letter


@one_transaction()
def record_reading(reference: str, number: int, *, person: str = "", by: Actor, at: datetime) -> Letter:
    """Record that the actor or a named person has read a letter. The first reading counts."""
    case = find_and_lock(reference, by=by)
    letter = case.letters.filter(pk=number).first()
    if letter is None:
        raise NotFound("There is no such letter on this case")
    reader = words("reader", person or by.name, required=True, path="person").text
    if letter.readings.filter(person=reader).exists():
        return letter
    policy.refuse_unless_allowed(by, Action.RECORD_READING, case)
    facts = line_facts.LetterRead(letter=letter.kind, version=letter.version)
    line = append(Kind.LETTER_READ, by=by, at=at, case=case.pk, facts=facts)
    row = LetterRead(referral=case, letter=letter, person=reader, ledger_line=line, **authorship(by, at=at))
    keep(row, line=line, by=by, at=at)
    stop_waiting(letter, because=Stopped.MET, by=by, at=at)
    return letter
