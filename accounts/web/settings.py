"""The administrator's pages: service settings, users, organisations. No clinical record is here."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache

from accounts import service as services
from accounts.actor import actor_of, only
from accounts.administration import Person, add_organisation, change_settings, save_user
from accounts.models import Organisation, User
from accounts.people import DUTIES, ROLE_WORDS, ROLES, SPECIALTIES
from accounts.web.page import render
from kernel.actors import Role
from kernel.refusals import Errors, Invalid, NotFound
from kernel.time import now

DO = only(Role.ADMINISTRATOR)


@never_cache
@DO
def settings(request: HttpRequest) -> HttpResponse:
    """The settings of the service, each with its default and where that comes from."""
    errors: Errors = {}
    if request.method == "POST":
        try:
            changed = change_settings(request.POST.dict(), by=actor_of(request), at=now())
        except Invalid as invalid:
            errors = invalid.errors
        else:
            messages.success(request, f"{changed} setting{'' if changed == 1 else 's'} changed")
            return redirect("settings")
    service = services.current()
    rows = [
        {
            "kind": kind,
            "value": request.POST.get(kind.key, service[kind.key]),
            "changed": service[kind.key] != kind.default,
            "error": " ".join(errors.get(kind.key, ())),
        }
        for kind in services.SETTINGS
    ]
    return _page(request, "settings/service.jinja", "Settings", errors, rows=rows)


@never_cache
@DO
def users(request: HttpRequest) -> HttpResponse:
    """Everybody who can sign in, and the way to add somebody."""
    people = User.objects.select_related("organisation").order_by("-is_active", "name")
    return _page(request, "settings/users.jinja", "Users", {}, people=people, role_words=ROLE_WORDS)


@never_cache
@DO
def user(request: HttpRequest, number: int | None = None) -> HttpResponse:
    """Add a user, or change one."""
    found = None if number is None else User.objects.filter(pk=number).first()
    if number is not None and found is None:
        raise NotFound("There is no such user")
    errors: Errors = {}
    if request.method == "POST":
        try:
            saved = save_user(_person(request), number=number, by=actor_of(request), at=now())
        except Invalid as invalid:
            errors = invalid.errors
        else:
            messages.success(request, f"{saved.name} is kept")
            return redirect("users")
    return _page(
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


@never_cache
@DO
def organisations(request: HttpRequest) -> HttpResponse:
    """The organisations that are known by name."""
    errors: Errors = {}
    code, name = request.POST.get("ods_code", ""), request.POST.get("name", "")
    if request.method == "POST":
        try:
            kept = add_organisation(code, name, by=actor_of(request), at=now())
        except Invalid as invalid:
            errors = invalid.errors
        else:
            messages.success(request, f"{kept} is kept")
            return redirect("organisations")
    known = list(Organisation.objects.order_by("name"))
    return _page(
        request,
        "settings/organisations.jinja",
        "Organisations",
        errors,
        organisations=known,
        code=code,
        name=name,
    )


def _person(request: HttpRequest) -> Person:
    post = request.POST
    names = ("username", "name", "role", "organisation", "email", "telephone", "specialty", "password")
    return Person(
        **{name: post.get(name, "") for name in names},
        duties=tuple(post.getlist("duties")),
        active=bool(post.get("active")),
        safety_officer=bool(post.get("safety_officer")),
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


def _page(request: HttpRequest, template: str, title: str, errors: Errors, **context: Any) -> HttpResponse:
    problems = [(text, f"#{field}") for field, texts in errors.items() for text in texts]
    return render(
        request,
        template,
        status=422 if errors else 200,
        title=title,
        errors=errors,
        problems=problems,
        **context,
    )
