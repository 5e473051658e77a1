"""REST: messages of a case, read and written: a question with its answer-by time, and an answer."""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from api.rest import schemas
from api.rest.authentication import scope
from api.rest.door import Door, answer_of, unless_changed, version_asked
from api.rest.questions import idempotency_key, object_with, only_known, page_after
from api.rest.representations import author_json
from kernel.refusals import Invalid
from kernel.time import now, rfc3339
from oncall import clocks
from oncall.kinds import ClockKind
from oncall.models import Clock
from referrals.case.access_log import record_view
from referrals.case.models import Message, Referral
from referrals.case.queries import find
from referrals.case.reads import messages_of
from referrals.intake.codes import DUE_WITHIN
from referrals.usecases.send_message import send_message

HOURS = {float(code): code for code in DUE_WITHIN}
MOST_NUMBER = 2**60


class MessagesView(Door):
    def get_permissions(self) -> list[Any]:
        return [scope("referrals:write" if self.request.method == "POST" else "referrals:read")()]

    @schemas.list_messages
    def get(self, request: Request, reference: str) -> Response:
        """The messages of a referral, oldest first."""
        only_known(request, "cursor", "limit")
        case = find(reference, by=self.actor())
        rows, following = page_after(request, messages_of(case), number=lambda row: row.pk)
        record_view(case, by=self.actor(), at=now(), part="messages")
        asked = _questions(case)
        results = [_message_json(row, asked.get(row.question_id or 0)) for row in rows]
        return answer_of(case, {"results": results, "next_cursor": following})

    @schemas.send_message
    def post(self, request: Request, reference: str) -> Response:
        """Write to the coordinator: a message, a question with the hours until its answer, or an answer."""
        only_known(request)
        act = self.act()
        key = idempotency_key(request)
        version = version_asked(request, find(reference, by=act.by))
        typed = _typed(request.data)
        with unless_changed():
            message, new = send_message(reference, **typed, key=key, version=version, act=act)
        case = find(reference, by=act.by)
        body = _message_json(message, _questions(case).get(message.question_id or 0))
        return answer_of(case, body, status=201 if new else 200)


def _typed(body: Any) -> dict[str, Any]:
    """The arguments of a message; Invalid with every problem by field."""
    sent = object_with(body, "text", "answer_within_hours", "reason", "answers")
    text, hours = sent.get("text"), sent.get("answer_within_hours")
    reason, answers = sent.get("reason"), sent.get("answers")
    errors: dict[str, list[str]] = {}
    if not isinstance(text, str):
        errors["text"] = ["Write the message"]
    is_number = isinstance(hours, int | float) and not isinstance(hours, bool)
    if hours is not None and not (is_number and hours in HOURS):
        errors["answer_within_hours"] = [f"Choose one of: {', '.join(DUE_WITHIN)}"]
    if reason is not None and not isinstance(reason, str):
        errors["reason"] = ["This is text"]
    if answers is not None and (
        not isinstance(answers, int) or isinstance(answers, bool) or not 0 < answers < MOST_NUMBER
    ):
        errors["answers"] = ["This is the id of a message"]
    if errors:
        raise Invalid("The message is not complete", errors=errors)
    return {
        "text": text,
        "within": HOURS[hours] if hours is not None else "",
        "reason": reason or "",
        "answers": answers or 0,
    }


def _questions(case: Referral) -> dict[int, Clock]:
    """The clock of each question of a case."""
    return {clock.subject: clock for clock in clocks.of_case(case.pk) if clock.kind == ClockKind.QUESTION}


def _message_json(row: Message, clock: Clock | None) -> dict[str, Any]:
    question = clock and {
        "answer_by": rfc3339(clock.due_at),
        "settled_at": rfc3339(clock.stopped_at) if clock.stopped_at else None,
    }
    return {
        "id": row.pk,
        "at": rfc3339(row.at),
        "by": author_json(row.by_name, row.by_role),
        "to_referrer": row.to_referrer,
        "text": row.note.text,
        "reason": row.reason or None,
        "question": question,
        "answers": row.answers_id,
    }
