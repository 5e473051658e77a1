"""A question to the referrer is answered: whoever asked says so, and until then it stays open with its clock."""

from datetime import datetime

from django.db import transaction

from kernel.actors import Actor
from kernel.refusals import Invalid, OutOfTurn
from oncall import clocks
from oncall.kinds import ClockKind, Stopped
from referrals.case.models import Referral
from referrals.case.move import move
from referrals.case.notes import words
from referrals.case.queries import find_and_lock
from referrals.case.states import Action


@transaction.atomic(durable=True)
def settle_question(reference: str, number: int, *, text: str = "", by: Actor, at: datetime) -> Referral:
    """Say that a question to the referrer is answered, by its message. `text` names the answer that came another way.

    Its clock stops at the instant of the newest answer on the case, else now.
    """
    case = find_and_lock(reference, by=by)
    asked = (
        case.messages.filter(pk=number, to_referrer=True, question__isnull=False)
        .select_related("question")
        .first()
    )
    if asked is None or asked.question is None:
        raise Invalid("Choose the question", errors={"question": ["Choose which question is answered"]})
    running = (c for c in clocks.hold(case.pk) if c.kind == ClockKind.QUESTION)
    clock = next((c for c in running if c.subject == asked.question_id), None)
    if clock is None:
        raise OutOfTurn("This question is settled already, or the case has ended")
    answered = asked.answered_by.order_by("-id").first()
    note = words("answer", text, path="text")
    if answered is None and not note.text:
        why = "No answer is on the case: write who answered, and what they said"
        raise Invalid(why, errors={"text": [why]})
    done_at = answered.at if answered is not None and not note.text else at
    facts = {
        "obligation": asked.question.kind, "owed_by": asked.question.owed_by, "done_at": done_at,
        **({"answer": answered.ledger_line} if answered is not None else {}), **note.bound,
    }  # fmt: skip
    line = move(case, Action.SETTLE, by=by, at=at, facts=facts)
    note.write(case, line=line, by=by, at=at)
    clocks.stop_one(clock, because=Stopped.MET, stopped_at=done_at, by=by, at=at)
    return case
