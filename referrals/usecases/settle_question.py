"""A coordinator settles a question to the referrer, which stays open with its clock until then."""

from datetime import datetime

from kernel.actors import Actor
from kernel.refusals import Invalid, OutOfTurn
from ledger.transaction import one_transaction
from oncall import clocks
from oncall.kinds import ClockKind, Stopped
from referrals.case.line_facts import ObligationSettled
from referrals.case.models import Referral
from referrals.case.move import move
from referrals.case.notes import words
from referrals.case.queries import find_and_lock
from referrals.case.states import Action


@one_transaction()
def settle_question(reference: str, number: int, *, text: str = "", by: Actor, at: datetime) -> Referral:
    """Settle a question to the referrer, by the number of its message. `text` is an answer that came another way.

    Its clock stops at the instant of the newest answer on the case; with `text` or without an answer, now.
    """
    case = find_and_lock(reference, by=by)
    message = (
        case.messages.filter(pk=number, to_referrer=True, question__isnull=False)
        .select_related("question")
        .first()
    )
    if message is None or message.question is None:
        raise Invalid("Choose the question", errors={"question": ["Choose which question is answered"]})
    questions = (c for c in clocks.hold(case.pk) if c.kind == ClockKind.QUESTION)
    clock = next((c for c in questions if c.subject == message.question_id), None)
    if clock is None:
        raise OutOfTurn("This question is settled already, or the case has ended")
    answer = message.answered_by.order_by("-id").first()
    note = words("answer", text, path="text")
    if answer is None and not note.text:
        reason = "No answer is on the case: write who answered, and what they said"
        raise Invalid(reason, errors={"text": [reason]})
    done_at = answer.at if answer is not None and not note.text else at
    facts = ObligationSettled(
        obligation=message.question.kind, owed_by=message.question.owed_by, done_at=done_at
    )
    if note.text:
        facts["bound"] = note.bound["bound"]
    if answer is not None:
        facts["answer"] = answer.ledger_line
    line = move(case, Action.SETTLE, by=by, at=at, facts=facts)
    note.write(case, line=line, by=by, at=at)
    clocks.stop_clock(clock, because=Stopped.MET, stopped_at=done_at, by=by, at=at)
    return case
