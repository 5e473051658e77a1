"""Sign-off: a lead confirms numbers and settings, a clinical safety officer signs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.hashers import check_password
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from accounts import service as services
from accounts.service import SETTINGS, Service
from accounts.setting_groups import GROUPS
from accounts.web.actor import act_of, actor_of, only, user_of
from accounts.web.page import render
from accounts.web.second_step import proved
from kernel.actors import Role
from kernel.refusals import Denied, Invalid
from kernel.time import in_words, now
from triage import signature
from triage.guideline.rows.row import STAGE_WORDS
from triage.guideline.rows.table import ROW_AT
from triage.guideline.ruleset import fingerprint, in_force
from triage.models import Confirmation
from webkit.attempt import Attempt
from webkit.fields import Secret, Text
from webkit.forms import PlainForm
from webkit.inputs import Input

SIGNERS = (Role.LEAD, Role.COORDINATOR, Role.MDT_MEMBER)


class Signing(PlainForm):
    password = Secret("Your password, to sign with your name", width="10", autocomplete="current-password")


@dataclass(frozen=True, slots=True, kw_only=True)
class CitationLine:
    row: str
    says: str
    words: str
    confirmed: str
    inputs: Sequence[Input]


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingLine:
    key: str
    label: str
    value: str
    default: str
    source: str
    clinical: bool
    confirmed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChecklistGroup:
    """Some lines of the checklist under one heading; `open` when it is the one to work on."""

    id: str
    heading: str
    lines: Sequence[CitationLine] | Sequence[SettingLine]
    left: int
    open: bool = False


@never_cache
@only(*SIGNERS)
def sign_off(request: HttpRequest) -> HttpResponse:
    """The checklist: every citation and every setting with its state, and the signature at its end."""
    return _page(request, {})


@never_cache
@only(Role.LEAD)
@proved
def confirm_citation(request: HttpRequest) -> HttpResponse:
    """The lead has read a number in print."""
    if request.method != "POST":
        return redirect("sign_off")
    row, number = request.POST.get("row", ""), request.POST.get("number", "")
    try:
        signature.confirm_citation(row, number, by=actor_of(request), at=now())
    except Invalid as invalid:
        return _page(request, invalid.errors)
    messages.success(request, f"{row} is confirmed as {number.strip()}")
    return _back_to(row)


@never_cache
@only(Role.LEAD)
@proved
def confirm_setting(request: HttpRequest) -> HttpResponse:
    """The lead agrees to the present value of a setting."""
    if request.method != "POST":
        return redirect("sign_off")
    try:
        signature.confirm_setting(request.POST.get("key", ""), act=act_of(request))
    except Invalid as invalid:
        return _page(request, invalid.errors)
    messages.success(request, "The setting is confirmed")
    return _back_to(request.POST.get("key", ""))


@sensitive_post_parameters("password")
@never_cache
@only(*SIGNERS)
@proved
def sign_release(request: HttpRequest) -> HttpResponse:
    """The safety officer signs with name and password."""
    if request.method != "POST":
        return redirect("sign_off")
    user: Any = request.user
    if not check_password(request.POST.get("password", ""), user.password):
        return _page(request, {"password": ["Enter your own password to sign"]})
    signature.sign(act=act_of(request), is_safety_officer=user.is_safety_officer)
    messages.success(request, "Signed")
    return redirect("sign_off")


def _back_to(name: str) -> HttpResponse:
    """The checklist where one was: the group of this row or setting."""
    return redirect(f"{reverse('sign_off')}?{urlencode({'at': name})}#{_group_of(name)}")


def _group_of(name: str) -> str:
    if name in ROW_AT:
        return f"stage-{ROW_AT[name].stage}"
    places = (number for number, kinds in enumerate(GROUPS.values()) if name in {kind.key for kind in kinds})
    return f"settings-{next(places, 0)}"


def _in_reading_order(row: str) -> tuple[str, int]:
    """Rows of one letter by their number, as a reader looks for them: IMM-2 before IMM-10."""
    letters, _, number = row.rpartition("-")
    return (letters, int(number)) if number.isdecimal() else (row, 0)


_Part = tuple[str, str, Sequence[CitationLine] | Sequence[SettingLine]]


def _groups(
    citations: Sequence[CitationLine], lines: Mapping[str, SettingLine], at: str
) -> tuple[list[ChecklistGroup], list[ChecklistGroup]]:
    """The groups of numbers and of settings; open is the one of `at`, else the first with something left."""
    in_order = sorted(citations, key=lambda line: _in_reading_order(line.row))
    stages = {stage: [line for line in in_order if ROW_AT[line.row].stage == stage] for stage in STAGE_WORDS}
    numbers: list[_Part] = [(f"stage-{stage}", STAGE_WORDS[stage], of) for stage, of in stages.items() if of]
    of_settings: list[_Part] = [
        (f"settings-{number}", heading, [lines[kind.key] for kind in kinds])
        for number, (heading, kinds) in enumerate(GROUPS.items())
    ]
    left = {id: sum(not line.confirmed for line in of) for id, _, of in (*numbers, *of_settings)}
    here = _group_of(at) if at else ""
    chosen = here if left.get(here) else next((id for id, number in left.items() if number), here)

    def groups(parts: Sequence[_Part]) -> list[ChecklistGroup]:
        return [
            ChecklistGroup(id=id, heading=heading, lines=of, left=left[id], open=id == chosen)
            for id, heading, of in parts
        ]

    return groups(numbers), groups(of_settings)


def _page(request: HttpRequest, errors: Mapping[str, Sequence[str]]) -> HttpResponse:
    actor, user, at, service = actor_of(request), user_of(request), now(), services.current()
    if actor.role != Role.LEAD and not user.is_safety_officer:
        raise Denied("Sign-off is for the clinical lead and the clinical safety officer")
    citations, lines = tuple(_citations(request, errors)), {line.key: line for line in _settings(service)}
    ruleset = in_force(at)
    number_groups, setting_groups = _groups(citations, lines, next(iter(errors), request.GET.get("at", "")))
    return render(
        request,
        "guideline/sign-off.jinja",
        status=422 if errors else 200,
        title="Sign-off",
        errors=errors,
        problems=[(text, _anchor(field)) for field, texts in errors.items() for text in texts],
        citations=number_groups,
        all_citations=len(citations),
        to_sign=Signing(Attempt(errors=errors)).inputs,
        settings=setting_groups,
        all_settings=len(lines),
        left_citations=sum(not line.confirmed for line in citations),
        left_settings=sum(not line.confirmed for line in lines.values()),
        release=signature.release(service, at=at),
        ruleset=ruleset,
        fingerprint=fingerprint(ruleset)[:16],
        may_confirm=actor.role == Role.LEAD,
        may_sign=user.is_safety_officer,
        signatures=[
            f"{line.by_name} signed ruleset {line.ruleset} at {in_words(line.at)}"
            for line in signature.newest(10)
        ],
        may_see_sign_off=True,
        here="sign_off",
    )


def _anchor(field: str) -> str:
    return "#password" if field == "password" else f"#number-{field}"


def _confirmed(confirmation: Confirmation | None) -> str:
    return (
        f"{confirmation.value}, confirmed by {confirmation.by_name} at {in_words(confirmation.at)}"
        if confirmation
        else ""
    )


def _citations(request: HttpRequest, errors: Mapping[str, Sequence[str]]) -> Iterator[CitationLine]:
    confirmations = signature.confirmations(signature.CITATION)
    for citation in signature.unconfirmed_citations():
        row, confirmed = citation.row, _confirmed(confirmations.get(citation.row))
        label = "Another number" if confirmed else "Number as printed"
        typed = dict(request.POST.lists()) if request.POST.get("row") == row else {}
        own = Attempt(typed=typed, errors={"number": errors[row]} if row in errors else {})
        form = PlainForm(own, fields={"number": Text(label, heard=f"of {row}", width="5")}, ids=f"{{}}-{row}")
        yield CitationLine(
            row=row,
            says=ROW_AT[row].says,
            words=citation.words,
            confirmed=confirmed,
            inputs=form.inputs,
        )


def _settings(service: Service) -> Iterator[SettingLine]:
    confirmations = signature.confirmations(signature.SETTING)
    in_force_still = signature.confirmed_settings(service)
    for setting in SETTINGS:
        yield SettingLine(
            key=setting.key,
            label=setting.label,
            value=f"{service[setting.key]} {setting.unit}".strip(),
            default=f"{setting.default} {setting.unit}".strip(),
            source=setting.source,
            clinical=setting.clinical,
            confirmed=_confirmed(confirmations.get(setting.key)) if in_force_still[setting.key] else "",
        )
