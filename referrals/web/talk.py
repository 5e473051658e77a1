"""Messages, files, receipts and letters of a case, ready to print for either side."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.urls import reverse

from kernel.time import near
from oncall.clocks import remaining_time, time_left
from oncall.kinds import ClockKind
from oncall.models import Clock
from oncall.queries import running_clocks
from referrals.case.models import Attachment, Letter, Message, Notice, Referral
from referrals.case.reads import questions_to_referrer
from referrals.correspondence.files import has_scanner
from referrals.correspondence.notice_delivery import ATTEMPTS, SEEN
from referrals.intake import codes


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageLine:
    """One message; a question carries its answers, and by when it is to be answered."""

    number: int
    words: str
    by: str
    to_referrer: bool
    asks: str
    open: bool
    answer_by: str = ""
    answers: Sequence["MessageLine"] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionLine:
    """A question to the referrer that is open: what is asked, and by when the answer is due."""

    number: int
    words: str
    due: str
    overdue: bool
    answered: bool  # there is a reply, and the person who asked has not settled the question


@dataclass(frozen=True, slots=True, kw_only=True)
class FileLine:
    name: str
    address: str
    standing: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterLine:
    number: int
    name: str
    address: str
    standing: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """The messages, files, letters and notices between the two sides of a case."""

    messages: Sequence[MessageLine]
    files: Sequence[FileLine]
    letters: Sequence[LetterLine]
    notices: Sequence[str]

    def questions(self, *, to_referrer: bool) -> list[MessageLine]:
        """The questions to one side that wait for an answer."""
        every = [line for message in self.messages for line in (message, *message.answers)]
        return [line for line in every if line.open and line.to_referrer == to_referrer]


def talk(case: Referral, every_clock: Iterable[Clock], *, for_referrer: bool, at: datetime) -> Talk:
    """The talk of a case: a constant number of queries."""
    questions = (clock for clock in every_clock if clock.kind == ClockKind.QUESTION)
    waiting = {clock.subject: clock for clock in questions if not clock.stopped_at}
    messages = list(case.messages.select_related("note", "question").order_by("id"))
    lines = {row.pk: _message(row, waiting.get(row.question_id or 0), at=at) for row in messages}
    letters = case.letters.prefetch_related("readings").order_by("kind", "-version")
    if for_referrer:
        letters = letters.filter(kind="advice")
    files = case.attachments.defer("content").order_by("id")
    return Talk(
        messages=_with_answers(messages, lines),
        files=tuple(_file(row, case, at=at) for row in files),
        letters=_letters(list(letters), case, at=at),
        notices=tuple(_notice_line(row, at=at) for row in case.notices.order_by("id")),
    )


def _with_answers(rows: Sequence[Message], lines: Mapping[int, MessageLine]) -> tuple[MessageLine, ...]:
    """The messages in their order; an answer is beside its question, and a reply to an answer is by itself."""
    answers: dict[int, list[MessageLine]] = {}
    for row in rows:
        if row.answers_id in answers:
            answers[row.answers_id].append(lines[row.pk])
        else:
            answers[row.pk] = []
    return tuple(replace(lines[number], answers=tuple(replies)) for number, replies in answers.items())


def open_questions(cases: Iterable[int], *, at: datetime) -> dict[int, tuple[QuestionLine, ...]]:
    """The open questions to the referrer of each of these cases, the first due first: two queries."""
    clocks = running_clocks(ClockKind.QUESTION).filter(case__in=list(cases))
    by_subject = {clock.subject: clock for clock in clocks}
    questions = questions_to_referrer(by_subject)
    by_case: dict[int, list[QuestionLine]] = {}
    for subject, clock in by_subject.items():
        if subject in questions:
            by_case.setdefault(clock.case, []).append(_question(*questions[subject], clock, at=at))
    return {case: tuple(lines) for case, lines in by_case.items()}


def _question(row: Message, is_answered: bool, clock: Clock, *, at: datetime) -> QuestionLine:
    return QuestionLine(
        number=row.pk,
        words=words_of(row),
        due=f"Answer by {near(clock.due_at, at=at)}: {remaining_time(clock, at=at)}",
        overdue=clock.due_at < at,
        answered=is_answered,
    )


def _message(row: Message, clock: Clock | None, *, at: datetime) -> MessageLine:
    asks = ""
    if row.question_id:
        asks = f"Answer needed: {time_left(clock, at=at)}" if clock else "Answered"
    return MessageLine(
        number=row.pk,
        words=words_of(row),
        by=f"{row.by_name}, {near(row.at, at=at)}",
        to_referrer=row.to_referrer,
        asks=asks,
        open=clock is not None,
        answer_by=near(clock.due_at, at=at) if clock else "",
    )


def words_of(row: Message) -> str:
    """A message with why it was asked."""
    reason = f"{codes.INFORMATION_REASONS[row.reason]}: " if row.reason else ""
    return reason + row.note.text


def _file(row: Attachment, case: Referral, *, at: datetime) -> FileLine:
    standing = {
        Attachment.CLEAN: "scanned, no virus found",
        Attachment.INFECTED: "removed: the scanner found a virus",
        Attachment.UNREADABLE: "removed: this picture is damaged. Send it again, or send it another way",
        Attachment.HELD: "held until it is scanned"
        if has_scanner()
        else "held: no virus scanner is set up here, so nobody can open it. Ring, or send it another way",
    }[row.state]
    return FileLine(
        name=f"{row.name}, from {row.by_name} {near(row.at, at=at)}",
        address=reverse("attachment", args=[case.reference, row.pk]) if row.state == Attachment.CLEAN else "",
        standing=standing,
    )


def _letters(rows: list[Letter], case: Referral, *, at: datetime) -> tuple[LetterLine, ...]:
    newest = {row.kind: row.version for row in reversed(rows)}
    for row in rows:
        newest[row.kind] = max(newest[row.kind], row.version)
    return tuple(
        LetterLine(
            number=row.pk,
            name=f"{codes.LETTER_WORDS[row.kind]}, version {row.version}, to {row.recipient}, {near(row.at, at=at)}",
            address=reverse("letter", args=[case.reference, row.pk]),
            standing=_standing(row, superseded=row.version < newest[row.kind], at=at),
        )
        for row in rows
    )


def _standing(row: Letter, *, superseded: bool, at: datetime) -> str:
    readings = [f"read by {reading.person} {near(reading.at, at=at)}" for reading in row.readings.all()]
    words = "; ".join(readings) or "not read yet"
    return f"replaced by a newer version; {words}" if superseded else words


def _notice_line(row: Notice, *, at: datetime) -> str:
    what = NOTICE_WORDS[row.kind]
    by = "e-mail" if row.channel == "email" else "text message"
    if row.sent_at:
        return f"{what}: by {by} {near(row.sent_at, at=at)}"
    if row.failure == SEEN:
        return f"{what}: not sent, {SEEN}"
    if row.failed_at:
        return f"{what}: could not be sent by {by}"
    return f"{what}: {'not sent yet, tried again' if row.attempts >= ATTEMPTS else 'on its way'} by {by}"


NOTICE_WORDS = {
    "submitted": "Sent and on the worklist",
    "seen": "Seen by a human",
    "claimed": "Somebody is working on it",
    "decided": "Decided",
    "accepted": "The patient was accepted",
    "not_seen": "Nobody has seen it: ring",
    "message": "A message",
    "letter": "A letter",
    "merged": "Merged with another referral",
    "unmerged": "A separate case again",
    "correction": "Entered in error",
}
