"""What holds for every request: its number in the ledger, no NUL in what is typed, no copy kept on the way."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from structlog.contextvars import get_contextvars

from ledger.append import request_id
from mscc.refusal_pages import unstorable

FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


class Hygiene:
    """Middleware, after the request has its number and before anything reads it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id.set(str(get_contextvars().get("request_id", "")))
        response = unstorable(request) if _has_nul(request) else self.get_response(request)
        if "Cache-Control" not in response:
            response["Cache-Control"] = "no-store"
        return response


def _has_nul(request: HttpRequest) -> bool:
    """A NUL is no text that a database can hold. Nobody types one; something sends it."""
    sent = [request.GET]
    if request.method == "POST" and request.content_type in FORMS:
        sent.append(request.POST)
    return any("\x00" in text for one in sent for values in dict(one.lists()).values() for text in values)
