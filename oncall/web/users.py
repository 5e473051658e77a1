"""One user: added and invited, changed, ended at once. A change that leaves a duty empty is refused."""

import smtplib
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache

from accounts.access import invite
from accounts.actor import actor_of, only
from accounts.administration import Person, save_user
from accounts.models import Organisation, User
from accounts.people import DUTIES, ROLES, SPECIALTIES
from accounts.web.settings import settings_page
from kernel.actors import Role
from kernel.refusals import Errors, Invalid, NotFound, OutOfTurn
from kernel.time import now
from oncall.leaving import refuse_if_empty


@never_cache
@only(Role.ADMINISTRATOR)
def user(request: HttpRequest, number: int | None = None) -> HttpResponse:
    """Add a user, or change one."""
    found = None if number is None else User.objects.filter(pk=number).first()
    if number is not None and found is None:
        raise NotFound("There is no such user")
    errors: Errors = {}
    if request.method == "POST":
        try:
            person, at = _person(request), now()
            saved = save_user(
                person,
                number=number,
                refuse=lambda user: refuse_if_empty(user, person, at=at),
                by=actor_of(request),
                at=at,
            )
        except Invalid as invalid:
            errors = invalid.errors
        except OutOfTurn as refusal:
            errors = {"active": [refusal.sentence]}
        else:
            messages.success(request, f"{saved.name} is kept" + _invited(request, saved))
            return redirect("users")
    return settings_page(
        request,
        "settings/user.jinja",
        found.name if found else "New user",
        errors,
        found=found,
        typed=_typed(request, found),
        roles=ROLES,
        duties=DUTIES,
        specialties=SPECIALTIES,
        organisations=list(Organisation.objects.order_by("name")),
    )


def _invited(request: HttpRequest, saved: User) -> str:
    """Invite whoever has no password yet, or is to be invited again."""
    if not saved.is_active or saved.self_registered or not saved.email:
        return ""
    if saved.has_usable_password() and not request.POST.get("invite"):
        return ""
    try:
        invite(saved, by=actor_of(request), at=now())
    except (OSError, smtplib.SMTPException, OutOfTurn) as fault:
        why = fault.sentence if isinstance(fault, OutOfTurn) else "the e-mail could not be sent"
        return f", and not invited: {why}"
    return " and invited by e-mail"


def _person(request: HttpRequest) -> Person:
    post = request.POST
    names = ("username", "name", "role", "organisation", "email", "telephone", "specialty", "password")
    return Person(
        **{name: post.get(name, "") for name in names},
        duties=tuple(post.getlist("duties")),
        active=bool(post.get("active")),
        safety_officer=bool(post.get("safety_officer")),
        confirmed=bool(post.get("confirmed")),
    )


def _typed(request: HttpRequest, found: User | None) -> Any:
    if request.method == "POST":
        return _person(request)
    if found is None:
        return Person(username="", name="", role="", organisation="")
    return Person(
        username=found.username,
        name=found.name,
        role=found.role,
        organisation=found.organisation_id,
        email=found.email,
        telephone=found.telephone,
        specialty=found.specialty,
        duties=tuple(found.duties),
        active=found.is_active,
        safety_officer=found.is_safety_officer,
    )
