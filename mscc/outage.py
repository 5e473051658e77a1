"""Middleware for the time in which the database is away: every page says so at once, with the telephone number."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from mscc.postgresql.state import database
from mscc.refusal_pages import unavailable

NEED_NOTHING = ("/health/", "/metrics")


class Outage:
    """Ahead of everything that asks the database, so that no request waits for it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if database.away and not request.path.startswith(NEED_NOTHING):
            return unavailable(request)
        return self.get_response(request)
