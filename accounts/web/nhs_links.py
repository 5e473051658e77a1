"""The administrator's pages of NHS identities: what an NHS role is here, and whose identity opens which account."""

import smtplib

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache

from accounts import queries
from accounts.nhs_identity import links, provider
from accounts.one_time_links import announce_nhs_identity
from accounts.open_sessions import end_all_sessions
from accounts.people import ROLE_WORDS, ROLES
from accounts.web.actor import actor_of
from accounts.web.nhs_identity import where_on
from accounts.web.second_step import proved
from accounts.web.settings import administrators_only, choices_of, settings_page
from kernel.actors import Actor, Role
from kernel.refusals import Invalid, Malformed, NotFound
from kernel.time import now
from webkit.fields import Choice, Text
from webkit.forms import Fields, PlainForm


@never_cache
@where_on
@administrators_only
@proved
def nhs_roles(request: HttpRequest) -> HttpResponse:
    """What each NHS role is here, with the form to add one."""
    form = PlainForm.sent(request, fields=_role_fields())
    if request.method == "POST":
        by, at, number = actor_of(request), now(), request.POST.get("number", "")
        try:
            if number.isdecimal() and len(number) < 18:
                links.remove_meaning(int(number), by=by, at=at)
            else:
                links.add_meaning(**form.texts("code", "organisation", "role"), by=by, at=at)
        except Invalid as invalid:
            form.refuse(invalid.errors)
        else:
            messages.success(request, "The list is saved")
            return redirect("nhs_roles")
    rows = [
        (row.pk, row.code, str(row.organisation or "any organisation here"), ROLE_WORDS[Role(row.role)])
        for row in links.meanings()
    ]
    return settings_page(
        request, "settings/nhs-roles.jinja", "NHS identity", form, rows=rows, issuer=provider.issuer()
    )


def _role_fields() -> Fields:
    known = choices_of(queries.active_organisations())
    anywhere = {**known, "": "Any organisation that is known here"}  # "" stays the first
    return {
        "code": Text(
            "Code of the NHS role",
            hint="Such as R8000, or S8000:G8000:R8000 for one of that kind",
            width="20",
        ),
        "organisation": Choice("Held at", anywhere, kind="select"),
        "role": Choice("Role here", {"": "Choose", **dict(ROLES)}, kind="select"),
    }


@never_cache
@where_on
@administrators_only
@proved
def account_identity(request: HttpRequest, number: int) -> HttpResponse:
    """The NHS identity of one account, and where its owner is signed in."""
    user = queries.person_at(number)
    if user is None:
        raise NotFound("There is no such user")
    hint = "The owner can read it on the page that refused their sign-in"
    form = PlainForm.sent(request, fields={"uid": Text("Number of the NHS identity", hint=hint)})
    if request.method == "POST":
        try:
            done = _change(request, number, form.text("uid"), by=actor_of(request))
        except Invalid as invalid:
            form.refuse(invalid.errors)
        else:
            messages.success(request, done)
            return redirect("account_identity", number)
    return settings_page(
        request,
        "settings/nhs-identity.jinja",
        user.name,
        form,
        number=number,
        link=links.link_of_account(number),
        sessions=links.open_sessions_of(number),
    )


def _change(request: HttpRequest, number: int, uid: str, *, by: Actor) -> str:
    """Do one act of the page, and say what was done."""
    act, at = request.POST.get("act", ""), now()
    user = queries.person_at(number)
    if act == "link":
        links.link(number, uid, by=by, at=at)
        if user is None or not user.email:
            return "Linked. No e-mail address: tell its owner yourself"
        try:
            announce_nhs_identity(user)
        except (OSError, smtplib.SMTPException):
            return "Linked. The e-mail could not be sent: tell its owner yourself"
        return "Linked, and its owner told by e-mail"
    if act == "unlink":
        links.unlink(number, by=by, at=at)
        return "The link is ended"
    if act == "end" and user is not None:
        return f"{end_all_sessions(user, by=by, at=at)} sessions are ended"
    raise Malformed("Choose what to do")
