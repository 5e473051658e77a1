"""The page of one user: add and invite, change, or end the account. A change that leaves a duty empty is refused."""

import smtplib
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache

from accounts import queries
from accounts.administration import Person, save_user
from accounts.models import User
from accounts.nhs_identity.links import link_of_account
from accounts.one_time_links import announce_new_address, announce_new_password, invite
from accounts.people import DUTIES, ROLES, SPECIALTIES
from accounts.web.actor import actor_of, only
from accounts.web.second_step import proved
from accounts.web.settings import choices_of, settings_page
from kernel.actors import Role
from kernel.refusals import Invalid, NotFound, OutOfTurn
from kernel.time import now
from oncall.departure import refuse_if_empty
from webkit.fields import Choice, Flag, Many, Text
from webkit.forms import Fields, Form, PlainForm

_PAGED = "Specialty and duties of somebody who is paged"


@never_cache
@only(Role.ADMINISTRATOR)
@proved
def user(request: HttpRequest, number: int | None = None) -> HttpResponse:
    """Add a user, or change one."""
    existing = None if number is None else queries.person_at(number)
    if number is not None and existing is None:
        raise NotFound("There is no such user")
    form = PlainForm.sent(request, fields=_fields(existing), initial=_initial(existing))
    if request.method == "POST":
        try:
            person, at = _person(form), now()
            account = save_user(
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
            ending = (
                _announce_address(existing, account)
                + _announce_password(existing, account, person)
                + _invite_if_needed(request, account)
            )
            messages.success(request, f"{account.name} is saved{ending}")
            return redirect("users")
    title = existing.name if existing else "New user"
    return settings_page(request, "settings/user.jinja", title, form, number=number)


def _fields(existing: User | None) -> Fields:
    secret = "to keep the present one" if existing else "to send an invitation by e-mail instead"
    invite: Fields = {}
    if existing and existing.self_registered:
        invite = {
            "confirmed": Flag(
                "Confirmed: works for this organisation and sees what it refers",
                hint=f"Registered by a one-time link to {existing.email} and sees what they sent themselves",
            )
        }
    elif existing:
        invite = {"invite": Flag("Send an invitation to set a new password")}
    return {
        "name": Text("Name"),
        "username": Text("User name"),
        "role": Choice("Role", {"": "Choose", **dict(ROLES)}, kind="select"),
        "organisation": Choice("Organisation", choices_of(queries.organisations()), kind="select"),
        "email": Text("E-mail address", hint="Pages go here"),
        "telephone": Text("Telephone"),
        "specialty": Choice("Specialty", {"": "None", **dict(SPECIALTIES)}, kind="select", folded=_PAGED),
        "duties": Many("Duties this person can hold", dict(DUTIES), folded=_PAGED),
        "password": Text(
            "New password" if existing else "First password",
            type="password",
            hint=f"At least 12 characters; leave empty {secret}",
        ),
        **invite,
        "active": Flag("May sign in"),
        "safety_officer": Flag("Clinical safety officer: may sign for release"),
    }


def _announce_address(existing: User | None, account: User) -> str:
    """Tell the former address of a change, so that nobody's links go to another mailbox unseen; the middle of the message."""
    former = existing.email if existing else ""
    if not former or former.lower() == account.email.lower():
        return ""
    try:
        announce_new_address(account, former=former)
    except (OSError, smtplib.SMTPException):
        return ". Nothing could be sent to the former address: tell them yourself that it was changed"
    return " and told of it at the former e-mail address"


def _announce_password(existing: User | None, account: User, person: Person) -> str:
    """Tell a person that their password was changed; the middle of the message."""
    if existing is None or not person.password:
        return ""
    if not account.email:
        return ". No e-mail address: tell them yourself that their password was changed"
    try:
        announce_new_password(account)
    except (OSError, smtplib.SMTPException):
        return ". The e-mail could not be sent: tell them yourself that their password was changed"
    return " and told by e-mail that their password was changed"


def _invite_if_needed(request: HttpRequest, account: User) -> str:
    """Invite a person without a password, or one with a new invitation ticked; the end of the message."""
    if not account.is_active or account.self_registered or not account.email:
        return ""
    has_a_way = account.has_usable_password() or link_of_account(account.pk) is not None
    if has_a_way and not request.POST.get("invite"):
        return ""
    try:
        invite(account, by=actor_of(request), at=now())
    except (OSError, smtplib.SMTPException, OutOfTurn) as fault:
        why = fault.sentence if isinstance(fault, OutOfTurn) else "the e-mail could not be sent"
        return f", and not invited: {why}"
    return " and invited by e-mail"


def _person(form: Form) -> Person:
    names = ("username", "name", "role", "organisation", "email", "telephone", "specialty", "password")
    return Person(
        **form.texts(*names),
        duties=form.several("duties"),
        active=bool(form.text("active")),
        safety_officer=bool(form.text("safety_officer")),
        confirmed=bool(form.text("confirmed")),
    )


def _initial(existing: User | None) -> dict[str, Any]:
    """The values of the form before anybody types."""
    if existing is None:
        return {"active": True}
    same = ("username", "name", "role", "email", "telephone", "specialty", "duties")
    return {
        **{name: getattr(existing, name) for name in same},
        "organisation": existing.organisation_id,
        "active": existing.is_active,
        "safety_officer": existing.is_safety_officer,
    }
