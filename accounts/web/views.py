"""Sign-in and sign-out, the start page of each role, the password, and the page about the service."""

from typing import Any

from django.contrib import messages
from django.contrib.auth import authenticate, logout, update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from accounts import attempts
from accounts.backends import name_tried
from accounts.nhs_identity.provider import is_on
from accounts.people import HOME
from accounts.sign_in import record_refused, record_sign_out, replace_password
from accounts.web.actor import actor_of, user_of
from accounts.web.entry import list_session
from accounts.web.nhs_identity import ASK_AGAIN
from accounts.web.page import render
from accounts.web.second_step import MOST_WRONG, go_on, page_of_ours
from kernel.actors import Role
from kernel.refusals import Invalid
from kernel.time import now
from webkit.client_address import client_network
from webkit.fields import Secret, Text
from webkit.forms import PlainForm


class SignIn(PlainForm):
    username = Text("User name", autocomplete="username", spellcheck=False)
    password = Secret("Password", autocomplete="current-password")


@sensitive_post_parameters("password")
@never_cache
def sign_in(request: HttpRequest) -> HttpResponse:
    """Ask for user name and password, then go to the page the person wanted."""
    form = SignIn.sent(request)
    if request.method == "POST":
        if seconds := attempts.pause(request):
            return _wait(request, seconds)
        user = authenticate(request, **form.texts("username", "password"))
        if user is not None:
            return go_on(request, user)
        record_refused(at=now())
        attempts.record_wrong(request, name_tried(request))
        form.refuse({"username": ["The user name or the password is not right. Check both and try again"]})
    return render(
        request,
        "accounts/sign-in.jinja",
        status=form.status,
        title="Sign in",
        next=page_of_ours(request),
        **form.screen,
    )


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session, record it in the ledger, and go to the sign-in page; only by POST."""
    if request.user.is_authenticated:
        record_sign_out(actor_of(request), at=now())
    logout(request)
    if is_on():
        request.session[ASK_AGAIN] = True
    return redirect("sign_in")


@login_required
def home(request: HttpRequest) -> HttpResponse:
    """The start page of the person's role."""
    return redirect(reverse(HOME[Role(actor_of(request).role)]))


class PasswordChange(PlainForm):
    old_password = Secret("Current password", autocomplete="current-password")
    new_password1 = Secret("New password", autocomplete="new-password")
    new_password2 = Secret("New password again", autocomplete="new-password")


@never_cache
@sensitive_post_parameters()
@login_required
def change_password(request: HttpRequest) -> HttpResponse:
    """Change the person's own password; their other sessions end. The present one cannot be guessed at an open screen."""
    form = PasswordChange.sent(request)
    counter = f"password:{user_of(request).pk}"
    if request.method == "POST" and attempts.count(counter) >= MOST_WRONG:
        form.refuse({"old_password": ["There were five wrong passwords. Wait a quarter of an hour"]})
    elif request.method == "POST":
        try:
            replace_password(user_of(request), *form.texts(*form.fields).values(), at=now())
        except Invalid as invalid:
            if "old_password" in invalid.errors:
                attempts.count_one_more(counter)
            form.refuse(invalid.errors)
        else:
            update_session_auth_hash(request, user_of(request))  # under a new key
            list_session(request, user_of(request))
            messages.success(request, "Your password is changed")
            return redirect("home")
    return render(
        request, "accounts/password.jinja", status=form.status, title="Change your password", **form.screen
    )


def about(request: HttpRequest) -> HttpResponse:
    """The purpose, the limits and the accessibility of the service."""
    return render(request, "accounts/about.jinja", title="About this service")


def locked_out(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    """Too many wrong passwords for this name: wait, or ring."""
    attempts.count_one_more(f"address:{client_network(request)}")
    return _wait(request, attempts.COUNTED_FOR)


def _wait(request: HttpRequest, seconds: int) -> HttpResponse:
    answer = render(
        request, "accounts/locked-out.jinja", status=429, title="Sign-in is locked", seconds=seconds
    )
    answer["Retry-After"] = str(seconds)
    return answer
