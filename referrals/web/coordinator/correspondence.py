"""Acts that tell somebody something or ask for it: calls, messages, letters, tasks, other organisations."""

from collections.abc import Iterable

from oncall.models import Clock
from referrals.case.states import Action
from referrals.intake import codes
from referrals.usecases.ask_for import ask_for
from referrals.usecases.issue_letter import issue_letter, record_reading
from referrals.usecases.keep_promise import keep_promise
from referrals.usecases.log_contact import Call, log_contact
from referrals.usecases.read_news import read_news
from referrals.usecases.send_message import send_message
from referrals.usecases.settle_obligation import settle_obligation
from referrals.usecases.settle_question import settle_question
from referrals.usecases.share_case import share_case
from referrals.web.coordinator import forms
from referrals.web.coordinator.act import ActGroup, CaseAct, SentAct, instant_sent
from referrals.web.coordinator.casefile import CaseFile
from webkit.fields import Area, Choice, Text
from webkit.forms import Fields


def _contact(sent: SentAct) -> str:
    call = Call(
        occurred_at=instant_sent(sent, "occurred_at"),
        with_referrer=bool(sent["with_referrer"]),
        text=sent.text(),
        **{name: sent[name] for name in ("direction", "channel", "person", "role", "number", "outcome")},
    )
    log_contact(sent.reference, call, by=sent.by, at=sent.at)
    return "The call is logged"


def _promise(sent: SentAct) -> str:
    keep_promise(
        sent.reference,
        kind=sent["kind"],
        done_by=sent["done_by"],
        text=sent.text(),
        done_at=instant_sent(sent, "done_at"),
        by=sent.by,
        at=sent.at,
    )
    return "Recorded. Its clock has stopped"


def _promises(running: Iterable[Clock]) -> tuple[str, ...]:
    """The kinds of running clocks that a recorded promise stops, the nearest deadline first."""
    return tuple(clock.kind for clock in running if clock.kind in codes.PROMISES)


def _ask(sent: SentAct) -> str:
    ask_for(
        sent.reference,
        kind=sent["kind"],
        owed_by=sent["owed_by"],
        within=sent["within"],
        text=sent.text(),
        act=sent.act,
    )
    return "Asked. The person on duty is paged"


def _settle(sent: SentAct) -> str:
    settle_obligation(
        sent.reference,
        sent.number("obligation"),
        done_by=sent["done_by"],
        text=sent.text(),
        done_at=instant_sent(sent, "done_at"),
        by=sent.by,
        at=sent.at,
    )
    return "Recorded. Nothing more is outstanding for this request"


def _open_obligations(file: CaseFile) -> dict[str, str]:
    """The open requests that anybody may record an answer to, by number."""
    return {line.number: line.words for line in file.obligations if line.open and not line.to_colleague}


def _share(sent: SentAct) -> str:
    share_case(sent.reference, organisation=sent["organisation"], by=sent.by, at=sent.at)
    return "That organisation can now read this case and report events"


def _message_inputs(file: CaseFile) -> Fields:
    open_questions = {str(line.number): line.words[:100] for line in file.talk.questions(to_referrer=False)}
    answers = Choice("What it answers", {"": "Nothing: a new message", **open_questions}, kind="select")
    reasons = {"": "No information is missing", **codes.INFORMATION_REASONS}
    return {
        "text": Area(
            "Message", hint="The referrer is told that there is a message, and signs in to read it here"
        ),
        **({"answers": answers} if open_questions else {}),
        "reason": Choice("If information is missing: why you are asking", reasons, kind="select"),
        "within": Choice(
            "An answer is needed",
            {"": "No answer is needed", **codes.DUE_WITHIN},
            kind="select",
            hint="Clinical clocks keep running",
        ),
    }


def _message(sent: SentAct) -> str:
    send_message(
        sent.reference,
        sent.text(),
        within=sent["within"],
        reason=sent["reason"],
        answers=sent.number("answers"),
        act=sent.act,
        version=sent.seen,
    )
    return "Sent. The referrer is told that there is a message"


def _open_questions(file: CaseFile) -> dict[str, str]:
    """The questions to the referrer that are open, by number."""
    return {str(line.number): line.words[:100] for line in file.talk.questions(to_referrer=True)}


def _answered_inputs(file: CaseFile) -> Fields:
    questions = _open_questions(file)
    return {
        "question": Choice("Question", questions, initial=next(iter(questions), "")),
        "text": Area(
            "If the answer came another way: who gave it, and what they said",
            hint="Until you settle it, the question stays open and its clock runs, even if the referrer has replied",
        ),
    }


def _answered(sent: SentAct) -> str:
    settle_question(sent.reference, sent.number("question"), text=sent.text(), by=sent.by, at=sent.at)
    return "The question is settled. Its clock has stopped"


def _letter(sent: SentAct) -> str:
    letter = issue_letter(
        sent.reference,
        sent["kind"],
        recipient=sent["recipient"],
        text=sent.text(),
        act=sent.act,
        version=sent.seen,
    )
    follow_up = (
        "The service follows it up until it is read"
        if letter.awaited_id
        else "Nobody will be asked whether it was read"
    )
    sentences = [
        f"Issued: {codes.LETTER_WORDS[letter.kind].lower()}, version {letter.version}",
        follow_up,
        letter.content["unprinted"],
    ]
    return ". ".join(part for part in sentences if part)


def _letter_inputs(file: CaseFile) -> Fields:
    return {
        "kind": Choice("Letter", codes.LETTERS),
        "recipient": Text(
            "To", initial=file.case.referrer["name"], hint="Name and place, as they appear on the letter"
        ),
        "text": Area("In your words", hint="Decision, advice and limits are filled in from the record"),
    }


def _read_inputs(file: CaseFile) -> Fields:
    letters = {str(line.number): line.name for line in file.talk.letters}
    return {
        "letter": Choice("Letter", letters, initial=next(iter(letters), "")),
        "person": Text("Who confirmed that they have read it"),
    }


def _letter_read(sent: SentAct) -> str:
    record_reading(sent.reference, sent.number("letter"), person=sent["person"], by=sent.by, at=sent.at)
    return "Recorded as read"


def _news(sent: SentAct) -> str:
    read_news(sent.reference, version=sent.seen, by=sent.by, at=sent.at)
    return "Marked as read"


CORRESPONDENCE_ACTS = (
    CaseAct(
        name="contact",
        title="Log a call",
        group=ActGroup.TELL,
        action=Action.LOG_CONTACT,
        button="Log this call",
        do=_contact,
        fields=lambda file: forms.contact(file.case, at=file.at),
    ),
    CaseAct(
        name="news",
        title="I have read what the referrer added",
        group=ActGroup.TELL,
        action=Action.READ_NEWS,
        button="I have read this",
        do=_news,
        unless=lambda file: "" if file.case.news_since else "There is nothing new to read",
    ),
    CaseAct(
        name="message",
        title="Write to the referrer, or ask for information",
        group=ActGroup.TELL,
        action=Action.SEND_MESSAGE,
        button="Send to the referrer",
        do=_message,
        asks_again=True,
        fields=_message_inputs,
    ),
    CaseAct(
        name="answered",
        title="The referrer’s answer settles the question",
        group=ActGroup.TELL,
        action=Action.SETTLE,
        button="It is answered",
        do=_answered,
        fields=_answered_inputs,
        unless=lambda file: "" if _open_questions(file) else "No question to the referrer is open",
    ),
    CaseAct(
        name="ask",
        title="Ask somebody: a question, a task, a review, an opinion",
        group=ActGroup.TELL,
        action=Action.ASK,
        button="Ask",
        do=_ask,
        fields=lambda file: forms.asking(),
    ),
    CaseAct(
        name="settle",
        title="Record an answer",
        group=ActGroup.TELL,
        action=Action.SETTLE,
        button="Record the answer",
        do=_settle,
        fields=lambda file: forms.settling(_open_obligations(file), at=file.at),
        unless=lambda file: "" if _open_obligations(file) else "No request is waiting for an answer",
    ),
    CaseAct(
        name="promise",
        title="Done: advice, plan or review",
        group=ActGroup.TELL,
        action=Action.KEEP_PROMISE,
        do=_promise,
        fields=lambda file: forms.promise(_promises(file.running), at=file.at),
        unless=lambda file: (
            "" if _promises(file.running) else "No clock is running for advice, a plan or a review"
        ),
    ),
    CaseAct(
        name="letter",
        title="Issue a letter",
        group=ActGroup.TELL,
        action=Action.ISSUE_LETTER,
        button="Issue",
        do=_letter,
        fields=_letter_inputs,
    ),
    CaseAct(
        name="letter-read",
        title="A letter was read",
        group=ActGroup.TELL,
        action=Action.RECORD_READING,
        do=_letter_read,
        fields=_read_inputs,
        unless=lambda file: "" if file.talk.letters else "No letter has been issued",
    ),
    CaseAct(
        name="attach",
        title="Add a file",
        group=ActGroup.TELL,
        action=Action.ATTACH,
        page="attach",
    ),
    CaseAct(
        name="share",
        title="Give another organisation access",
        group=ActGroup.TELL,
        action=Action.ADD_ORGANISATION,
        button="Give access",
        do=_share,
        fields=lambda file: {"organisation": Text("ODS code of the organisation", width="10")},
    ),
)
