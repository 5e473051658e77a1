"""The two conditions for lowering an emergency: answers to all six neurology findings, and a second clinician."""

from datetime import datetime

from kernel.actors import Actor
from kernel.refusals import OutOfTurn
from ledger.append import append
from ledger.keep import keep
from ledger.kinds import Kind
from referrals.case.line_facts import ReviewOpened
from referrals.case.models import Referral, Review, TriageDecision
from referrals.case.notes import authorship
from triage.guideline.findings import NEUROLOGY_QUESTIONS, Answer, answer_at


def open_neurology(case: Referral) -> list[str]:
    """The neurology questions that nobody has answered."""
    return [
        question.label
        for question in NEUROLOGY_QUESTIONS
        if answer_at(case.findings, question.path) == Answer.NOT_ASSESSED
    ]


def refuse_unless_neurology_answered(case: Referral) -> None:
    """Refuse to lower an emergency while a neurology finding is not answered."""
    still_open = open_neurology(case)
    if still_open:
        raise OutOfTurn(
            "An emergency can be lowered only when all six neurology findings are answered. "
            f"Still open: {'; '.join(still_open)}"
        )


def open_review(case: Referral, decision: TriageDecision, *, by: Actor, at: datetime) -> Review:
    """Ask a second clinician to review the lowering of an emergency."""
    facts = ReviewOpened(decision=decision.pk, stream=decision.stream)
    line = append(Kind.REVIEW_OPENED, by=by, at=at, case=case.pk, facts=facts)
    review = Review(referral=case, decision=decision, ledger_line=line, **authorship(by, at=at))
    return keep(review, line=line, by=by, at=at)
