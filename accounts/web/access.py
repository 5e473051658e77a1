"""Asking for a one-time link, and using it."""

import smtplib

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from accounts import service as services
from accounts import sessions
from accounts.access import INVITATION, Newcomer, accept_invitation, ask_for_link, domains, link_of, use_link
from accounts.models import Organisation, User
from accounts.signing_in import record_sign_in
from accounts.web.page import render
from kernel.refusals import Errors, Invalid
from kernel.time import now

BACKEND = "accounts.backends.RealAccounts"


@never_cache
def ask(request: HttpRequest) -> HttpResponse:
    """One field: a work e-mail address."""
    service, sent = services.current(), ""
    errors: Errors = {}
    if request.method == "POST":
        try:
            typed, place = request.POST.get("email", ""), _asked_from(request)
            sent = ask_for_link(typed, asked_from=place, at=now(), service=service)
        except Invalid as invalid:
            errors = invalid.errors
        except (OSError, smtplib.SMTPException):
            errors = {"email": ["The e-mail could not be sent now: try again in a minute, or ring"]}
    return render(
        request,
        "accounts/link.jinja",
        status=422 if errors else 200,
        title="Refer without an account",
        domains=domains(service),
        sent=sent,
        email=request.POST.get("email", ""),
        errors=errors,
        problems=_problems(errors),
    )


@never_cache
@sensitive_post_parameters("password")
def use(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind the link: a button, or who you are, or a new password."""
    link = link_of(token, at=now())
    errors: Errors = {}
    invited = link.purpose == INVITATION
    known = link.user or User.objects.filter(email=link.email, self_registered=True).first()
    if request.method == "POST":
        try:
            if invited:
                user = accept_invitation(token, request.POST.get("password", ""), at=now())
            else:
                user = use_link(token, None if known else _newcomer(request), at=now())
        except Invalid as invalid:
            errors = invalid.errors
        else:
            login(request, user, backend=BACKEND)
            sessions.begin(request, at=now())
            record_sign_in(user.actor, at=now())
            messages.success(request, f"You are signed in as {user.name}")
            return redirect("home")
    return render(
        request,
        "accounts/use-link.jinja",
        status=422 if errors else 200,
        title="Set your password" if invited else "Sign in by your link",
        invited=invited,
        known=known.name if known else "",
        organisations=list(Organisation.objects.filter(active=True).order_by("name")) if not known else [],
        typed=request.POST,
        errors=errors,
        problems=_problems(errors),
    )


def _asked_from(request: HttpRequest) -> str:
    """The network address of whoever asks: behind a proxy the one that it has added itself."""
    if settings.ENVIRONMENT.trust_proxy:
        return request.META.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2].strip()
    return str(request.META.get("REMOTE_ADDR", ""))


def _newcomer(request: HttpRequest) -> Newcomer:
    names = ("name", "job_title", "organisation", "telephone", "registration_number")
    return Newcomer(**{name: request.POST.get(name, "") for name in names})


def _problems(errors: Errors) -> list[tuple[str, str]]:
    return [(text, f"#{field}") for field, texts in errors.items() for text in texts]
