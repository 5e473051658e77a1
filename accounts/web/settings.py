"""The administrator's pages: users and organisations. No clinical record is here."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache

from accounts.actor import actor_of, only
from accounts.administration import add_organisation
from accounts.models import Organisation, User
from accounts.people import ROLE_WORDS
from accounts.web.page import render
from kernel.actors import Role
from kernel.refusals import Errors, Invalid
from kernel.time import now

DO = only(Role.ADMINISTRATOR)


@never_cache
@DO
def users(request: HttpRequest) -> HttpResponse:
    """Everybody who can sign in, and the way to add somebody."""
    people = User.objects.select_related("organisation").order_by("-is_active", "name")
    return settings_page(request, "settings/users.jinja", "Users", {}, people=people, roles=ROLE_WORDS)


@never_cache
@DO
def organisations(request: HttpRequest) -> HttpResponse:
    """The organisations that are known by name."""
    errors: Errors = {}
    code, name = request.POST.get("ods_code", ""), request.POST.get("name", "")
    successor = request.POST.get("succeeded_by", "")
    if request.method == "POST":
        try:
            kept = add_organisation(
                code, name, succeeded_by=request.POST.get("succeeded_by"), by=actor_of(request), at=now()
            )
        except Invalid as invalid:
            errors = invalid.errors
        else:
            messages.success(request, f"{kept} is kept")
            return redirect("organisations")
    known = list(Organisation.objects.select_related("succeeded_by").order_by("name"))
    return settings_page(
        request,
        "settings/organisations.jinja",
        "Organisations",
        errors,
        organisations=known,
        code=code,
        name=name,
        successor=successor,
    )


def settings_page(
    request: HttpRequest, template: str, title: str, errors: Errors, **context: Any
) -> HttpResponse:
    """A page of the settings with its problems."""
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
