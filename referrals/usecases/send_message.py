"""A message on a case, to the referrer or to the coordinator; a question carries the clock of its answer."""

from datetime import datetime, timedelta

from accounts.act import Act
from kernel.actors import Actor, Role
from kernel.refusals import Invalid, OutOfTurn
from ledger.append import append
from ledger.keep import keep
from ledger.kinds import Kind
from ledger.transaction import one_transaction
from oncall import clocks
from oncall.escalation import REFERRER
from oncall.kinds import ClockKind, Stopped
from referrals.case.idempotency import settle, use_key
from referrals.case.line_facts import MessageSent, ObligationSettled
from referrals.case.models import Message, Note, Obligation, Referral
from referrals.case.move import move
from referrals.case.notes import authorship, words
from referrals.case.queries import find_and_lock, refuse_if_changed
from referrals.case.states import Action
from referrals.correspondence.news import news
from referrals.correspondence.notices import write_notice
from referrals.intake.codes import DUE_WITHIN, INFORMATION_REASONS
from referrals.promises.obligations import name_of, owed_by_words
from referrals.promises.reassessment import promise


@one_transaction()
def send_message(
    reference: str,
    text: str,
    *,
    within: str = "",
    reason: str = "",
    answers: int = 0,
    act: Act,
    version: int | None = None,
    key: str | None = None,
) -> tuple[Message, bool]:
    """Send a message to the other side, and say whether it is new. With a key, the same message again returns the first.

    `within` hours makes it a question whose clock waits for the answer. No clinical clock stops for a question. `answers` is the message it answers. An answer settles a question from the
    referrer; a question to the referrer stays open, with its clock, until the coordinator settles it.
    """
    case = find_and_lock(reference, by=act.by)
    use = None
    if key is not None:
        content = ["message", case.reference, text, within, reason, answers]
        use = use_key(key, content=content, by=act.by, at=act.at)
        if use.result is not None:
            return Message.objects.select_related("note", "question").get(pk=use.result), False
    refuse_if_changed(case, version=version)
    to_referrer = act.by.role == Role.COORDINATOR
    question = _question_for(case, answers, to_referrer=to_referrer)
    _check(case, within=within, reason=reason)
    note = words("message", text, required=True, path="text", ask="Write the message")
    facts = MessageSent(to_referrer=to_referrer, reason=reason, within=within, **note.bound)
    line = move(
        case, Action.SEND_MESSAGE, by=act.by, at=act.at, facts=facts, changes=news(case, by=act.by, at=act.at)
    )
    body = note.write(case, line=line, by=act.by, at=act.at)
    assert body is not None  # it was required
    message = Message(
        referral=case,
        to_referrer=to_referrer,
        reason=reason,
        note=body,
        question=_ask(case, body, within, to_referrer=to_referrer, act=act),
        answers=question,
        ledger_line=line,
        **authorship(act.by, at=act.at),
    )
    keep(message, line=line, by=act.by, at=act.at)
    if question is not None and to_referrer:
        _settle(case, question, by=act.by, at=act.at)
    if to_referrer:
        write_notice(case, "message", about=line, at=act.at)
    if use is not None:
        settle(use, result=message.pk)
    return message, True


def _question_for(case: Referral, number: int, *, to_referrer: bool) -> Message | None:
    """The message to answer, from the other side; None when it answers none."""
    if not number:
        return None
    question = case.messages.filter(pk=number, to_referrer=not to_referrer).select_related("question").first()
    if question is None:
        raise Invalid("Choose what you answer", errors={"answers": ["This is not a message to you"]})
    return question


def _check(case: Referral, *, within: str, reason: str) -> None:
    errors: dict[str, list[str]] = {}
    if within and within not in DUE_WITHIN:
        errors["within"] = ["Choose by when you need the answer"]
    if reason and reason not in INFORMATION_REASONS:
        errors["reason"] = ["Choose why you ask"]
    if reason and not within:
        errors["within"] = ["Choose by when you need the answer"]
    if errors:
        raise Invalid("The message is not complete", errors=errors)
    if within and (case.is_over or case.died_at is not None):
        raise OutOfTurn("This case has ended: a message can be sent, and no clock waits for its answer")


def _ask(case: Referral, note: Note, within: str, *, to_referrer: bool, act: Act) -> Obligation | None:
    if not within:
        return None
    owed_by = REFERRER if to_referrer else "coordinator"
    question = Obligation(
        referral=case,
        kind=ClockKind.QUESTION.value,
        owed_by=owed_by,
        due_at=act.at + timedelta(hours=float(within)),
        note=note,
        ledger_line=note.ledger_line,
        **authorship(act.by, at=act.at),
    )
    keep(question, line=note.ledger_line, by=act.by, at=act.at)
    promise(
        case,
        ClockKind.QUESTION,
        limit_hours=float(within),
        started_at=act.at,
        subject=question.pk,
        owed_by=owed_by,
        about=name_of(ClockKind.QUESTION, name=owed_by_words(owed_by), by=act.by),
        act=act,
    )
    return question


def _settle(case: Referral, message: Message, *, by: Actor, at: datetime) -> None:
    """Stop the clock of an answered question. A second answer changes nothing."""
    if message.question is None:
        return
    questions = (c for c in clocks.hold(case.pk) if c.kind == ClockKind.QUESTION)
    clock = next((c for c in questions if c.subject == message.question_id), None)
    if clock is not None:
        facts = ObligationSettled(
            obligation=message.question.kind, owed_by=message.question.owed_by, done_at=at
        )
        append(Kind.OBLIGATION_SETTLED, by=by, at=at, case=case.pk, facts=facts)
        clocks.stop_clock(clock, because=Stopped.MET, stopped_at=at, by=by, at=at)
