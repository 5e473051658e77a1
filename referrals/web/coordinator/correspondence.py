"""Messages and letters from the coordinator's side."""

from collections.abc import Callable, Mapping

from referrals import codes
from referrals.models import Referral
from referrals.states import Action
from referrals.usecases.issue_letter import issue_letter, record_reading
from referrals.usecases.send_message import send_message
from referrals.web.coordinator.acts import Sent
from referrals.web.coordinator.forms import Typing, choice, text
from referrals.web.inputs import Input
from referrals.web.talk import Talk

Made = tuple[str, Action, tuple[Input, ...]]


def correspondence_forms(case: Referral, talk: Talk, typing: Mapping[str, Typing]) -> dict[str, Made]:
    def t(act: str) -> Typing:
        return typing.get(act, Typing())

    open_questions = {str(line.number): line.words[:100] for line in talk.questions(to_referrer=False)}
    answer = (
        choice(
            "answers",
            "What it answers",
            {"": "Nothing: a new message", **open_questions},
            t("message"),
            kind="select",
        ),
    )
    letters = {str(line.number): line.name for line in talk.letters}
    return {
        "message": ("Send to the referrer", Action.SEND_MESSAGE, (
            text("text", "Message", t("message"), area=True, hint="The referrer is told that there is one; it is read here, after signing in"),
            *(answer if open_questions else ()),
            choice("reason", "If information is missing: why it is asked", {"": "It is not a return for information", **codes.INFORMATION_REASONS}, t("message"), kind="select"),
            choice("within", "An answer is needed", {"": "No answer is needed", **codes.DUE_WITHIN}, t("message"), kind="select",
                   hint="Clinical clocks run on meanwhile"),
        )),
        "letter": ("Issue", Action.ISSUE_LETTER, (
            choice("kind", "Letter", codes.LETTERS, t("letter")),
            text("recipient", "To", t("letter"), value=case.referrer["name"], hint="Name and place, as it stands on the letter"),
            text("text", "In your words", t("letter"), area=True, hint="Decision, advice and limits are filled in from the record"),
        )),
        "letter-read": ("Record", Action.RECORD_READING, (
            choice("letter", "Letter", letters, t("letter-read"), value=next(iter(letters), "")),
            text("person", "Who confirmed that they have read it", t("letter-read")),
        )),
    }  # fmt: skip


def _message(sent: Sent) -> str:
    send_message(
        sent.reference,
        (sent.typed.get("text") or [""])[-1],
        within=sent["within"],
        reason=sent["reason"],
        answers=sent.number("answers"),
        service=sent.service,
        **sent.act,
    )
    return "Sent. The referrer is told that there is a message"


def _letter(sent: Sent) -> str:
    letter = issue_letter(
        sent.reference,
        sent["kind"],
        recipient=sent["recipient"],
        text=(sent.typed.get("text") or [""])[-1],
        service=sent.service,
        seen=sent.seen,
        **sent.act,
    )
    return f"Issued: {codes.LETTER_WORDS[letter.kind].lower()}, version {letter.version}. It is followed until it is read"


def _read(sent: Sent) -> str:
    record_reading(sent.reference, sent.number("letter"), person=sent["person"], **sent.act)
    return "Recorded as read"


CORRESPONDENCE_ACTS: dict[str, Callable[[Sent], str]] = {
    "message": _message,
    "letter": _letter,
    "letter-read": _read,
}
