"""The last step of every sign-in, and the middleware that asks for a second factor before anything else."""

from collections.abc import Callable

from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts import service as services
from accounts import sessions
from accounts.models import User
from accounts.open_sessions import note_session
from accounts.second_factors import has_factor, is_required
from accounts.sign_in import record_sign_in
from accounts.step_up import note_proof
from kernel.time import now
from webkit.client_address import client_address

BACKEND = "accounts.backends.RealAccounts"
DUE = "second_factor_due"
# Open to somebody whose role still needs a second factor. A page is answered by its own link, which asks no sign-in.
OPEN_WHEN_DUE = frozenset(
    {
        "your_security",
        "add_app",
        "add_passkey",
        "recovery_codes",
        "sign_out",
        "sign_in",
        "about",
        "live",
        "ready",
        "service",
    }
)


def enter(request: HttpRequest, user: User) -> None:
    """Begin the session of somebody who has proved who they are: limits, ledger line, list of sessions."""
    at = now()
    login(request, user, backend=BACKEND)
    sessions.begin(request, at=at)
    note_proof(request, at=at)
    record_sign_in(user.actor, at=at)
    list_session(request, user)
    request.session[DUE] = is_required(user, service=services.current()) and not has_factor(user)


def list_session(request: HttpRequest, user: User) -> None:
    """Put this browser on its owner's list, under the key that its session has now."""
    agent, address = request.headers.get("User-Agent", ""), client_address(request)
    note_session(user, str(request.session.session_key), agent=agent, address=address, at=now())


class SecondFactorDue:
    """Middleware: somebody whose role needs a second factor sets one up before they see anything."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *args: object) -> HttpResponse | None:
        name = request.resolver_match.url_name if request.resolver_match else ""
        is_due = request.user.is_authenticated and request.session.get(DUE)
        return redirect("your_security") if is_due and name not in OPEN_WHEN_DUE | {"answer_page"} else None
