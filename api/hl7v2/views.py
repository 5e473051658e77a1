"""HL7 v2 by HTTP POST: each message is answered with an ACK. An engine puts it before its own MLLP."""

import hashlib
from typing import Any

from django.http import HttpResponse
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts import service as services
from accounts.act import Act
from api.exchange.fact_in import SentFact, receive_fact
from api.hl7v2.facts import facts_of
from api.hl7v2.message import Message, acknowledgement, read_message
from api.rest.authentication import scope
from api.rest.parsing import MOST_BYTES, TooLarge
from api.rest.representations import notices_json
from kernel.actors import Actor
from kernel.refusals import Refusal
from kernel.time import now
from ledger.append import canonical

CONTENT_TYPE = "x-application/hl7-v2+er7; charset=utf-8"


class Er7(BaseParser):
    """The bytes of a message, whatever they are called."""

    media_type = "*/*"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        raw: bytes = stream.read(MOST_BYTES + 1)
        if len(raw) > MOST_BYTES:
            raise TooLarge(f"A message has at most {MOST_BYTES // 1024} kB")
        return raw


class First(BaseContentNegotiation):
    """An ACK is the one answer there is."""

    def select_parser(self, request: Any, parsers: Any) -> Any:
        return parsers[0]

    def select_renderer(self, request: Any, renderers: Any, format_suffix: str | None = None) -> Any:
        return renderers[0], renderers[0].media_type


class MessageView(APIView):
    metadata_class = None
    parser_classes = [Er7]
    content_negotiation_class = First
    permission_classes = [scope("events:write")]

    def post(self, request: Request) -> HttpResponse:
        """Take one message. What was refused is named in the ACK, with the number to ring."""
        at, user = now(), request.user
        actor: Actor = getattr(user, "actor")  # noqa: B009  # the client of the token
        raw: Any = request.data
        message = None
        try:
            message = read_message(raw if isinstance(raw, bytes) else b"")
            told = [self._take(fact, by=actor) for fact in facts_of(message)]
        except Refusal as refusal:
            return _refused(refusal, message)
        text = " ".join(told) or "Nothing in this message is read here"
        return HttpResponse(acknowledgement("AA", to=message, text=text, at=at), content_type=CONTENT_TYPE)

    def _take(self, fact: SentFact, *, by: Actor) -> str:
        """Record a fact, and return the notices for its sender. The same content again is the same fact."""
        content = [fact.kind, fact.occurred_at, dict(fact.data), fact.reference, dict(fact.person or {})]
        key = "v2:" + hashlib.sha256(canonical(content)).hexdigest()
        received = receive_fact(fact, key=key, act=Act(by=by, at=now(), service=services.current()))
        return " ".join(row["text"] for row in notices_json(received.notices)) or "Recorded"


def _refused(refusal: Refusal, message: Message | None) -> HttpResponse:
    text = f"{refusal.sentence}. MSCC coordinator: {services.telephone_now()}"
    code = "AR" if message is None else "AE"
    body = acknowledgement(code, to=message, text=text, errors=dict(refusal.errors), at=now())
    return HttpResponse(body, status=refusal.status, content_type=CONTENT_TYPE)
