"""The last step of every sign-in, and the middleware that asks for a second factor before anything else."""

from collections.abc import Callable
from dataclasses import asdict

from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts import service as services
from accounts import sessions
from accounts.line_facts import SignedIn
from accounts.models import User
from accounts.open_sessions import Proof, note_session
from accounts.second_factors import has_factor, is_required
from accounts.sign_in import record_sign_in
from accounts.step_up import note_proof
from kernel.time import now
from webkit.client_address import client_address

BACKEND = "accounts.backends.RealAccounts"
DUE, PROVED_BY = "second_factor_due", "proved_by"
# Open to somebody whose role still needs a second factor. A page is answered by its own link, which asks no sign-in.
OPEN_WHEN_DUE = frozenset(
    {
        "your_security",
        "add_app",
        "add_passkey",
        "recovery_codes",
        "confirm",
        "sign_out",
        "sign_in",
        "nhs_identity",
        "nhs_identity_answer",
        "nhs_role",
        "about",
        "live",
        "ready",
        "service",
    }
)


def enter(
    request: HttpRequest,
    user: User,
    *,
    way: str,
    proof: Proof | None = None,
    about: SignedIn | None = None,
) -> None:
    """Begin the session of somebody who has proved who they are: limits, ledger line, list of sessions.

    `proof` is what an identity provider said. It asks for a second factor itself, so that none is due here.
    """
    at = now()
    login(request, user, backend=BACKEND)
    sessions.begin(request, at=at)
    note_proof(request, at=at)
    record_sign_in(user, way=way, about=about, at=at)
    request.session[PROVED_BY] = asdict(proof) if proof else None
    list_session(request, user)
    needs_factor = proof is None and is_required(user, service=services.current())
    request.session[DUE] = needs_factor and not has_factor(user)


def provider_proof(request: HttpRequest) -> Proof | None:
    """What an identity provider said when this session began; None after a password."""
    stored = request.session.get(PROVED_BY)
    return Proof(**stored) if stored else None


def list_session(request: HttpRequest, user: User) -> None:
    """Put this browser on its owner's list, under the key that its session has now."""
    agent, address = request.headers.get("User-Agent", ""), client_address(request)
    note_session(
        user,
        str(request.session.session_key),
        agent=agent,
        address=address,
        proof=provider_proof(request),
        at=now(),
    )


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
