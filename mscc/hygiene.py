"""Rules for every request: a method that we know, its number goes into the ledger, text as UTF-8 without a NUL, no cached
copy.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from structlog.contextvars import get_contextvars

from ledger.append import request_id
from mscc.refusal_pages import not_allowed, unstorable

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")  # and no TRACE
UTF_8 = "utf-8"
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


class Hygiene:
    """Middleware, after the request has its number and before anything reads it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id.set(str(get_contextvars().get("request_id", "")))
        response = self._answer(request)
        if "Cache-Control" not in response:
            response["Cache-Control"] = "no-store"
        return response

    def _answer(self, request: HttpRequest) -> HttpResponse:
        if request.method not in METHODS:
            return not_allowed(request, METHODS)
        if (request.encoding or UTF_8).lower() != UTF_8:
            if request.content_type in FORMS:
                return unstorable(request)
            request.encoding = UTF_8  # the address is read in it, whatever the body says of itself
        return unstorable(request) if _has_nul(request) else self.get_response(request)


def _has_nul(request: HttpRequest) -> bool:
    """Whether a request holds a NUL character, which PostgreSQL cannot store and nobody types: in its address, its cookies,
    or the names and values of its fields.
    """
    data = [request.GET]
    if request.method == "POST" and request.content_type in FORMS:
        data.append(request.POST)
    texts = [request.path, *request.COOKIES.values()]
    texts += (text for fields in data for name, values in fields.lists() for text in (name, *values))
    return any("\x00" in text for text in texts)
