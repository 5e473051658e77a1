"""The administrator's pages: users and organisations, without clinical records."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache

from accounts import queries
from accounts.administration import add_organisation
from accounts.models import Organisation
from accounts.nhs_identity.links import states_of_accounts
from accounts.people import ROLE_WORDS
from accounts.web.actor import actor_of, only
from accounts.web.page import render
from accounts.web.second_step import proved
from kernel.actors import Role
from kernel.refusals import Invalid
from kernel.time import now
from webkit.fields import Text
from webkit.forms import Form, PlainForm

administrators_only = only(Role.ADMINISTRATOR)


@never_cache
@administrators_only
def users(request: HttpRequest) -> HttpResponse:
    """The list of users, with the link to add one."""
    return settings_page(
        request,
        "settings/users.jinja",
        "Users",
        people=queries.people(),
        roles=ROLE_WORDS,
        identities=states_of_accounts(),
    )


@never_cache
@administrators_only
@proved
def organisations(request: HttpRequest) -> HttpResponse:
    """The organisations, with the form to add or rename one."""
    form = OrganisationForm.sent(request)
    if request.method == "POST":
        try:
            successor = request.POST.get("succeeded_by")  # None if the form has no such field
            organisation = add_organisation(
                form.text("ods_code"),
                form.text("name"),
                succeeded_by=successor,
                by=actor_of(request),
                at=now(),
            )
        except Invalid as invalid:
            form.refuse(invalid.errors)
        else:
            messages.success(request, f"{organisation} is kept")
            return redirect("organisations")
    rows = list(queries.organisations().select_related("succeeded_by"))
    return settings_page(request, "settings/organisations.jinja", "Organisations", form, organisations=rows)


class OrganisationForm(PlainForm):
    """An organisation to add or to rename."""

    ods_code = Text("ODS code", width="10")
    name = Text("Name")
    succeeded_by = Text(
        "ODS code of the organisation that has taken its place, if any",
        hint="After a merger or a new code. Its people then see what this organisation sent. "
        "Left empty, nobody has taken its place",
        width="10",
    )


def settings_page(
    request: HttpRequest, template: str, title: str, form: Form | None = None, **context: Any
) -> HttpResponse:
    """A page of the settings with its form."""
    form = form or Form()
    return render(request, template, status=form.status, title=title, **form.screen, **context)


def choices_of(organisations: Iterable[Organisation]) -> dict[str, str]:
    """Organisations as the options of a select, with an empty choice first."""
    return {"": "Choose", **{organisation.pk: str(organisation) for organisation in organisations}}
