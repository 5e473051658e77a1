"""HL7 v2 by HTTP POST: each message is answered with an ACK. `manage.py mllp` takes them by MLLP."""

from typing import Any

from django.http import HttpResponse
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.views import APIView

from api.hl7v2.answers import answer_message, refused
from api.rest.authentication import scope
from api.rest.parsing import MOST_BYTES, TooLarge
from api.rest.problems import problem_response
from kernel.actors import Actor

CONTENT_TYPE = "x-application/hl7-v2+er7; charset=utf-8"


class Er7(BaseParser):
    """The bytes of a message, of any content type."""

    media_type = "*/*"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        raw: bytes = stream.read(MOST_BYTES + 1)
        if len(raw) > MOST_BYTES:
            raise TooLarge(f"A message has at most {MOST_BYTES // 1024} kB")
        return raw


class First(BaseContentNegotiation):
    """An ACK is the only kind of answer."""

    def select_parser(self, request: Any, parsers: Any) -> Any:
        return parsers[0]

    def select_renderer(self, request: Any, renderers: Any, format_suffix: str | None = None) -> Any:
        return renderers[0], renderers[0].media_type


def _answer_to(exception: Exception, context: Any) -> HttpResponse | None:
    """The ACK of a message that is too large to be read; every other fault as the REST API answers it."""
    if isinstance(exception, TooLarge):
        answer = refused(exception, None)
        return HttpResponse(answer.text, status=answer.status, content_type=CONTENT_TYPE)
    return problem_response(exception, context)


class MessageView(APIView):
    metadata_class = None
    parser_classes = [Er7]
    content_negotiation_class = First
    permission_classes = [scope("events:write")]

    def get_exception_handler(self) -> Any:
        return _answer_to

    def post(self, request: Request) -> HttpResponse:
        """Take one message."""
        actor: Actor = getattr(request.user, "actor")  # noqa: B009  # the client of the token
        raw: Any = request.data
        answer = answer_message(raw if isinstance(raw, bytes) else b"", by=actor)
        return HttpResponse(answer.text, status=answer.status, content_type=CONTENT_TYPE)
