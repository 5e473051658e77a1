"""The pages to ask for a one-time link, and to use it."""

import smtplib
from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from accounts import service as services
from accounts.nhs_identity.provider import is_on
from accounts.one_time_links import (
    INVITATION,
    Newcomer,
    accept_invitation,
    ask_for_link,
    domains,
    link_of,
    use_link,
)
from accounts.queries import active_organisations, self_registered
from accounts.second_factors import has_factor
from accounts.web.entry import enter
from accounts.web.nhs_identity import INVITATION as INVITED_BY
from accounts.web.page import render
from accounts.web.second_step import go_on
from accounts.web.settings import choices_of
from kernel.refusals import Invalid
from kernel.time import now
from webkit.client_address import client_network
from webkit.fields import Choice, Secret, Text
from webkit.forms import Fields, PlainForm


@never_cache
def ask(request: HttpRequest) -> HttpResponse:
    """One field: a work e-mail address."""
    service, address = services.current(), ""
    work_domains = domains(service)
    form = PlainForm.sent(request, fields={"email": _email(work_domains)})
    if request.method == "POST":
        try:
            address = ask_for_link(
                form.text("email"), asked_from=client_network(request), at=now(), service=service
            )
        except Invalid as invalid:
            form.refuse(invalid.errors)
        except (OSError, smtplib.SMTPException):
            form.refuse({"email": ["The e-mail could not be sent now: try again in a minute, or ring"]})
    return render(
        request,
        "accounts/link.jinja",
        status=form.status,
        title="Refer without an account",
        domains=work_domains,
        sent=address,
        **form.screen,
    )


def _email(work_domains: Sequence[str]) -> Text:
    hint = f"An address of {', '.join(work_domains)}"
    return Text(
        "Work e-mail address", hint=hint, type="email", width="full", autocomplete="email", spellcheck=False
    )


@never_cache
@sensitive_post_parameters("password")
def use(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind the link: a button, or who you are, or a new password."""
    link = link_of(token, at=now())
    is_invitation = link.purpose == INVITATION
    account = link.user or self_registered(link.email)
    form = PlainForm.sent(
        request, fields=PASSWORD_FIELDS if is_invitation else {} if account else _newcomer()
    )
    if request.method == "POST":
        try:
            if is_invitation:
                user = accept_invitation(token, form.text("password"), at=now())
            else:
                newcomer = None if account else Newcomer(**form.texts(*form.fields))
                user = use_link(token, newcomer, at=now())
        except Invalid as invalid:
            form.refuse(invalid.errors)
        else:
            if has_factor(user):  # the mailbox alone opens no account that has a second factor
                return go_on(request, user)
            enter(request, user, way="link")
            messages.success(request, f"You are signed in as {user.name}")
            return redirect("home")
    if is_invitation and is_on():
        request.session[INVITED_BY] = token
    return render(
        request,
        "accounts/use-link.jinja",
        status=form.status,
        title="Set your password" if is_invitation else "Sign in by your link",
        invited=is_invitation,
        known=account.name if account else "",
        **form.screen,
    )


PASSWORD_FIELDS = {"password": Secret("New password", autocomplete="new-password", width="full")}


def _newcomer() -> Fields:
    organisations = active_organisations()
    return {
        "name": Text("Your name", autocomplete="name"),
        "job_title": Text("Your role", hint="Such as GP, ward doctor, physiotherapist"),
        "registration_number": Text(
            "Professional registration number", hint="GMC, NMC or HCPC, if you have one"
        ),
        "telephone": Text("Telephone that reaches you directly", autocomplete="tel"),
        "organisation": Choice("Your organisation", choices_of(organisations), kind="select"),
    }
