"""The watch of the web process: it warns coordinators when clocks stand still."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from accounts import service as services
from kernel.actors import Role
from kernel.time import now
from mscc.postgresql.state import database
from oncall.watch import dangers
from triage.signature import release
from webkit.page import note

SHOWN_DANGERS = ("engine", "delivery", "channels", "set_aside", "time")


class SweepWatch:
    """Middleware that warns on a coordinator's page when clocks, pages or the time itself go wrong."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *args: object) -> None:
        seen = [database.unwritable] if database.unwritable else []
        stalled, user = False, request.user
        if (
            user.is_authenticated
            and user.role == Role.COORDINATOR
            and "X-Requested-With" not in request.headers
        ):
            faults = dangers(at=now())
            stalled = "sweep" in faults
            seen += [faults[name] for name in SHOWN_DANGERS if name in faults]
        note(request, clocks_stalled=stalled, dangers=seen)


class ReleaseWatch:
    """Middleware that shows on every page, outside the demo, what is not signed for release."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *args: object) -> None:
        if not settings.DEMO and not request.path.startswith(("/api/", "/oauth/", "/health/")):
            state = release(services.current(), at=now())
            note(request, unreleased="" if state.signed else state.words)
