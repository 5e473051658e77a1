"""The answer to a prompt of the guideline: what was done, or why not."""

from datetime import datetime

from kernel.actors import Actor
from kernel.refusals import Invalid
from ledger.keep import keep
from ledger.transaction import one_transaction
from referrals.case.line_facts import CareAnswered
from referrals.case.models import CareAnswer
from referrals.case.move import move
from referrals.case.notes import authorship, words
from referrals.case.queries import find_and_lock
from referrals.case.states import Action
from referrals.intake.codes import CARE_ANSWERS
from triage.guideline.advice import ADVICE_AT
from triage.guideline.care import CARE_AT

NEED_A_REASON = frozenset({"not_applicable", "declined", "decided_otherwise"})


@one_transaction()
def answer_care(reference: str, *, code: str, answer: str, text: str, by: Actor, at: datetime) -> CareAnswer:
    """Record the answer to one advice code of the case; advice that is not followed needs a reason."""
    case = find_and_lock(reference, by=by)
    errors: dict[str, list[str]] = {}
    if code not in ADVICE_AT and code not in CARE_AT:
        errors["code"] = ["Choose which advice this is about"]
    if answer not in CARE_ANSWERS:
        errors["answer"] = ["Say what was done"]
    if answer in NEED_A_REASON and not text.strip():
        errors["text"] = ["Write why, in a few words"]
    if errors:
        raise Invalid("This is not complete", errors=errors)
    note = words("care", text, path="text")
    line = move(
        case, Action.ANSWER_CARE, by=by, at=at, facts=CareAnswered(code=code, answer=answer, **note.bound)
    )
    row = CareAnswer(
        referral=case,
        code=code,
        answer=answer,
        note=note.write(case, line=line, by=by, at=at),
        ledger_line=line,
        **authorship(by, at=at),
    )
    care_answer: CareAnswer = keep(row, line=line, by=by, at=at)
    return care_answer
