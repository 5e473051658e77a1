"""The limits of a session: thirty minutes idle, twelve hours in all. Polling by a live board extends neither.

An idle session is locked, not lost: it shows no patient data until its owner signs in again, keeps typed forms,
and lets the board go on counting. After twelve hours it ends.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from kernel.time import from_rfc3339, now, rfc3339
from webkit.drafts import keep_typed
from webkit.page import note

POLLS = frozenset(
    {"worklist_rows", "case_live", "referral_live", "board_locked_counts", "signed_in", "service"}
)
# Pages of the referral form store a sent form in their own draft, then call `sign_in_again`.
KEEP_THEIR_OWN = frozenset({"referral_step", "referral_advice", "check_referral"})
OPEN_WHEN_LOCKED = frozenset(
    {
        "sign_in",
        "second_step",
        "nhs_identity",
        "nhs_identity_answer",
        "nhs_role",
        "sign_out",
        "board_locked",
        "board_locked_counts",
        "live",
        "ready",
        "service",
    }
)


class SessionLimits:
    """Middleware that enforces both limits for people; hospital systems use tokens instead."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *args: object) -> HttpResponse | None:
        if not request.user.is_authenticated:
            return None
        at, name = now(), request.resolver_match.url_name if request.resolver_match else None
        keeps_own_draft = request.method == "POST" and name in KEEP_THEIR_OWN
        began = _instant(request, "signed_in_at", default=at)
        if at - began > timedelta(hours=settings.SESSION_HOURS):
            note(request, session_locked=True, session_ended=True)  # read by held forms
            return None if keeps_own_draft else _keep_and_sign_in_again(request)
        active = _instant(request, "active_at", default=at)
        is_locked_now = at - active > timedelta(minutes=settings.SESSION_IDLE_MINUTES)
        note(request, session_locked=is_locked_now)  # read by the views of the board
        if is_locked_now:
            return None if keeps_own_draft or name in OPEN_WHEN_LOCKED else _keep_and_sign_in_again(request)
        if name not in POLLS and at - active > timedelta(seconds=30):
            request.session["active_at"] = rfc3339(at)
        return None


def is_locked(request: HttpRequest) -> bool:
    """Whether the person has to sign in again before anything is shown or done; also on a page without a view, such as 404."""
    known = getattr(request, "session_locked", None)
    return _is_over(request, at=now()) if known is None else bool(known)


def _is_over(request: HttpRequest, *, at: datetime) -> bool:
    """Whether a limit has passed; a session that has just begun has none yet."""
    instants = (request.session.get("signed_in_at"), request.session.get("active_at"))
    began, active = (from_rfc3339(text) if text else at for text in instants)
    idle, whole = timedelta(minutes=settings.SESSION_IDLE_MINUTES), timedelta(hours=settings.SESSION_HOURS)
    return at - began > whole or at - active > idle


def _keep_and_sign_in_again(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        keep_typed(request)
    return sign_in_again(
        request, back=request.path if request.method == "GET" else request.POST.get("page", "/")
    )


def sign_in_again(request: HttpRequest, *, back: str) -> HttpResponse:
    """Ask for the password again, then go back. The form that was sent is stored and comes back afterwards."""
    if request.headers.get("X-Requested-With") == "fetch":
        response = HttpResponse(status=401)
        response["X-Locked"] = reverse("board_locked")
    else:
        response = redirect(f"{reverse('sign_in')}?{urlencode({'next': back})}")
    if getattr(request, "session_ended", False):
        logout(request)
    return response


def begin(request: HttpRequest, *, at: datetime) -> None:
    """Start both limits when somebody signs in."""
    request.session["signed_in_at"] = request.session["active_at"] = rfc3339(at)


def _instant(request: HttpRequest, key: str, *, default: datetime) -> datetime:
    text = request.session.get(key)
    if text is None:
        request.session[key] = rfc3339(default)
        return default
    return from_rfc3339(text)
