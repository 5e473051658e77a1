"""The administrator's pages of hospital systems: added, given secrets and keys, changed and revoked."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache

from accounts import machine_clients as systems
from accounts import queries
from accounts.machine_clients import OVERLAPS, ClientTyped
from accounts.models import ApiClient
from accounts.web.actor import actor_of
from accounts.web.second_step import proved
from accounts.web.settings import administrators_only, choices_of, settings_page
from kernel.actors import Actor
from kernel.refusals import Invalid, Malformed
from kernel.time import in_words, now
from webkit.fields import Area, Choice, Many, Text
from webkit.forms import Fields, Form, PlainForm


@never_cache
@administrators_only
@proved
def clients(request: HttpRequest) -> HttpResponse:
    """Every hospital system, and the form to add one."""
    organisation = Choice(
        "Organisation that it speaks for", choices_of(queries.active_organisations()), kind="select"
    )
    form = PlainForm.sent(request, fields={**_fields(), "organisation": organisation})
    if request.method == "POST":
        try:
            client = systems.save_client(_typed(form), by=actor_of(request), at=now())
        except Invalid as invalid:
            form.refuse(invalid.errors)
        else:
            messages.success(request, f"{client.name} is added. Give it a secret or its keys")
            return redirect("client", client.pk)
    rows = [(row, _state(row)) for row in systems.clients()]
    return settings_page(request, "settings/clients.jinja", "Hospital systems", form, clients=rows)


@never_cache
@administrators_only
@proved
def client(request: HttpRequest, number: int) -> HttpResponse:
    """One hospital system. A new secret shows once, on the answer to the press of its button."""
    row, by = systems.client_at(number), actor_of(request)
    form = PlainForm.sent(
        request, fields=_fields(), initial={"name": row.name, "scopes": list(row.allowed_scopes)}
    )
    keys = PlainForm.sent(request, fields={"jwks": KEYS})
    secret = ""
    if request.method == "POST":
        act = request.POST.get("act", "")
        try:
            if act == "secret":
                days = request.POST.get("overlap_days", "")
                secret = systems.add_secret(
                    number, overlap_days=int(days) if days in map(str, OVERLAPS) else -1, by=by, at=now()
                )
            else:
                messages.success(request, _done(act, request, form, row, by=by))
                return redirect(
                    "clients" if act == "revoke" else "client", *(() if act == "revoke" else (number,))
                )
        except Invalid as invalid:
            (keys if act == "keys" else form).refuse(invalid.errors)
    return settings_page(
        request,
        "settings/client.jinja",
        row.name,
        form if form.refusals or not keys.refusals else keys,
        client=row,
        client_inputs=form.inputs,
        key_inputs=keys.inputs,
        state=_state(row),
        credentials=[_credential(each) for each in systems.credentials_of(row, at=now())],
        overlaps=OVERLAPS,
        secret=secret,
    )


def _done(act: str, request: HttpRequest, form: Form, row: ApiClient, *, by: Actor) -> str:
    """Do one act of the page, and say what was done."""
    at = now()
    if act == "change":
        systems.save_client(_typed(form), number=row.pk, by=by, at=at)
        return "Saved"
    if act == "keys":
        return (
            f"Keys added: {', '.join(systems.add_keys(row.pk, request.POST.get('jwks', ''), by=by, at=at))}"
        )
    if act == "end":
        text = request.POST.get("credential", "")
        number = int(text) if text.isascii() and text.isdecimal() and len(text) < 18 else 0
        systems.end_credential(row.pk, number, by=by, at=at)
        return "Ended: it no longer gets a token"
    if act == "revoke":
        systems.revoke_client(row.pk, by=by, at=at)
        return f"{row.name} is revoked and can no longer use the API"
    raise Malformed("Choose what to do")


KEYS = Area(
    "Public keys (JWKS)",
    hint="Paste the key set of the system. Each key needs a kid. Private keys are refused",
    rows=8,
    spellcheck=False,
)


def _fields() -> Fields:
    scopes = {name: f"{name}: {words}" for name, words in systems.scope_words().items()}
    return {"name": Text("Name of the system"), "scopes": Many("What it may do", scopes)}


def _typed(form: Form) -> ClientTyped:
    return ClientTyped(
        name=form.text("name"), organisation=form.text("organisation"), scopes=form.several("scopes")
    )


def _state(row: ApiClient) -> str:
    if row.revoked_at is not None:
        return f"revoked {in_words(row.revoked_at)}"
    return f"last used {in_words(row.last_used_at)}" if row.last_used_at else "not used yet"


def _credential(row: Any) -> tuple[int, str]:
    name = f"Key {row.kid}" if row.kid else "Secret"
    ends = f", ends {in_words(row.expires_at)}" if row.expires_at else ""
    used = f", last used {in_words(row.last_used_at)}" if row.last_used_at else ", not used yet"
    return row.pk, f"{name}, added {in_words(row.added_at)}{ends}{used}"
