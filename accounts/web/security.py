"""Somebody's own security: second factors, recovery codes, and the browsers in which they are signed in."""

import segno
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from accounts import open_sessions, passkeys
from accounts import second_factors as factors
from accounts import service as services
from accounts.people import ROLES
from accounts.web.actor import actor_of, only, user_of
from accounts.web.entry import DUE
from accounts.web.page import render
from accounts.web.second_step import STATE, proved
from kernel.actors import Role
from kernel.refusals import Invalid
from kernel.time import now
from webkit.fields import Text
from webkit.forms import PlainForm

APP_SECRET = "app_secret"  # noqa: S105  # the name of a place in the session
people_only = only(*(Role(role) for role, _ in ROLES))


@never_cache
@people_only
def your_security(request: HttpRequest) -> HttpResponse:
    """The list of second factors and sessions; a POST ends a session or removes a factor."""
    user, service, at = user_of(request), services.current(), now()
    if request.method == "POST":
        number = request.POST.get("number", "")
        if number.isdecimal() and len(number) < 18:
            return _change(request, int(number))
    return render(
        request,
        "accounts/security.jinja",
        service=service,
        title="Your security",
        factors=factors.lines_of(user),
        codes_left=factors.codes_left(user),
        is_due=bool(request.session.get(DUE)),
        sessions=open_sessions.sessions_of(user, this=str(request.session.session_key)),
        at=at,
    )


def _change(request: HttpRequest, number: int) -> HttpResponse:
    user, at = user_of(request), now()
    if request.POST.get("change") == "end":
        open_sessions.end_session(user, number, at=at)
        messages.success(request, "That session has ended")
        return redirect("your_security")
    return _remove(request, number)


@proved
def _remove(request: HttpRequest, number: int) -> HttpResponse:
    factors.remove_factor(user_of(request), number, service=services.current(), at=now())
    messages.success(request, "It is removed and no longer signs you in")
    return redirect("your_security")


@never_cache
@people_only
@proved
@sensitive_post_parameters()
def add_app(request: HttpRequest) -> HttpResponse:
    """Set up an authenticator app: a QR code and the same secret in letters, then a code that proves it."""
    user, service = user_of(request), services.current()
    secret = request.session.get(APP_SECRET) or factors.new_app_secret()
    request.session[APP_SECRET] = secret
    form = PlainForm.sent(
        request,
        fields={"code": Text("The code that the app shows", width="10", autocomplete="one-time-code")},
    )
    if request.method == "POST":
        try:
            factors.add_app(user, secret, form.text("code"), at=now())
        except Invalid as invalid:
            form.refuse(invalid.errors)
        else:
            del request.session[APP_SECRET]
            return _added(request)
    drawing = segno.make(factors.app_address(user, secret, service=service))
    return render(
        request,
        "accounts/add-app.jinja",
        service=service,
        status=form.status,
        title="Set up an authenticator app",
        drawing=drawing.svg_data_uri(scale=5, border=4),
        secret=" ".join(secret[place : place + 4] for place in range(0, len(secret), 4)),
        **form.screen,
    )


@never_cache
@people_only
@proved
@sensitive_post_parameters()
def add_passkey(request: HttpRequest) -> HttpResponse:
    """Set up a passkey. Only this needs JavaScript: the browser itself makes the key."""
    user = user_of(request)
    form = PlainForm.sent(request, fields={"label": Text("A name for it", hint="Such as work telephone")})
    if request.method == "POST":
        try:
            state = request.session.pop(STATE, None)
            factors.add_passkey(user, request.POST.get("passkey", ""), state, form.text("label"), at=now())
        except Invalid as invalid:
            form.refuse(invalid.errors)
        else:
            return _added(request)
    question, request.session[STATE] = passkeys.ask_to_register(user, factors.passkeys_of(user))
    return render(
        request,
        "accounts/add-passkey.jinja",
        status=form.status,
        title="Set up a passkey",
        question=question,
        **form.screen,
    )


def _added(request: HttpRequest) -> HttpResponse:
    """Go on to the recovery codes where there are none yet."""
    request.session[DUE] = False
    messages.success(request, "It is set up. From now on you are asked for it after your password")
    return redirect("your_security" if factors.codes_left(user_of(request)) else "recovery_codes")


@never_cache
@people_only
@proved
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """Make a new set of recovery codes and show it once."""
    codes: tuple[str, ...] = ()
    if request.method == "POST":
        codes = factors.new_recovery_codes(user_of(request), at=now())
    return render(
        request,
        "accounts/recovery-codes.jinja",
        title="Recovery codes",
        codes=codes,
        codes_left=factors.codes_left(user_of(request)),
    )


@require_POST
@only(Role.ADMINISTRATOR)
@proved
def forget_factors(request: HttpRequest, number: int) -> HttpResponse:
    """Remove the second factors of somebody who has lost them, and end their sessions."""
    user = factors.forget_factors(number, by=actor_of(request), at=now())
    open_sessions.end_all_sessions(user, by=actor_of(request), at=now())
    messages.success(request, f"{user.name} has no second factor now. They set one up when they next sign in")
    return redirect("user", number)
