"""One user: added and invited, changed, ended at once. A change that leaves a duty empty is refused."""

import smtplib
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache

from accounts.administration import Person, save_user
from accounts.models import Organisation, User
from accounts.one_time_links import invite
from accounts.people import DUTIES, ROLES, SPECIALTIES
from accounts.web.actor import actor_of, only
from accounts.web.settings import choices_of, settings_page
from kernel.actors import Role
from kernel.refusals import Invalid, NotFound, OutOfTurn
from kernel.time import now
from oncall.departure import refuse_if_empty
from webkit.fields import Choice, Flag, Many, Text
from webkit.forms import Fields, Form, PlainForm


@never_cache
@only(Role.ADMINISTRATOR)
def user(request: HttpRequest, number: int | None = None) -> HttpResponse:
    """Add a user, or change one."""
    found = None if number is None else User.objects.filter(pk=number).first()
    if number is not None and found is None:
        raise NotFound("There is no such user")
    form = PlainForm.sent(request, fields=_fields(found), initial=_stands(found))
    if request.method == "POST":
        try:
            person, at = _person(form), now()
            saved = save_user(
                person,
                number=number,
                refuse=lambda user: refuse_if_empty(user, person, at=at),
                by=actor_of(request),
                at=at,
            )
        except Invalid as invalid:
            form.refuse(invalid.errors)
        except OutOfTurn as refusal:
            form.refuse({"active": [refusal.sentence]})
        else:
            messages.success(request, f"{saved.name} is kept" + _invited(request, saved))
            return redirect("users")
    return settings_page(request, "settings/user.jinja", found.name if found else "New user", form)


def _fields(found: User | None) -> Fields:
    secret = "to keep the present one" if found else "to send an invitation by e-mail instead"
    invite: Fields = {}
    if found and found.self_registered:
        invite = {"confirmed": Flag(
            "Confirmed: works for this organisation and sees what it refers",
            hint=f"Registered by a one-time link to {found.email} and sees what they sent themselves",
        )}  # fmt: skip
    elif found:
        invite = {"invite": Flag("Send an invitation to set a new password")}
    return {
        "name": Text("Name"),
        "username": Text("User name"),
        "role": Choice("Role", {"": "Choose", **dict(ROLES)}, kind="select"),
        "organisation": Choice(
            "Organisation", choices_of(Organisation.objects.order_by("name")), kind="select"
        ),
        "email": Text("E-mail address", hint="Pages go here"),
        "telephone": Text("Telephone"),
        "specialty": Choice("Specialty", {"": "None", **dict(SPECIALTIES)}, kind="select"),
        "duties": Many("Duties this person can hold", dict(DUTIES)),
        "password": Text("New password" if found else "First password", type="password",
                         hint=f"At least 12 characters; leave empty {secret}"),
        **invite,
        "active": Flag("May sign in"),
        "safety_officer": Flag("Clinical safety officer: may sign for release"),
    }  # fmt: skip


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


def _person(form: Form) -> Person:
    names = ("username", "name", "role", "organisation", "email", "telephone", "specialty", "password")
    return Person(
        **form.texts(*names),
        duties=tuple(form.data.getlist("duties")),
        active=bool(form.text("active")),
        safety_officer=bool(form.text("safety_officer")),
        confirmed=bool(form.text("confirmed")),
    )


def _stands(found: User | None) -> dict[str, Any]:
    """What stands in the form before anybody types."""
    if found is None:
        return {"active": True}
    same = ("username", "name", "role", "email", "telephone", "specialty", "duties")
    return {
        **{name: getattr(found, name) for name in same},
        "organisation": found.organisation_id,
        "active": found.is_active,
        "safety_officer": found.is_safety_officer,
    }
