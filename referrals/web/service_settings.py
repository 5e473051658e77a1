"""The settings of the service in groups, each with its source, and the ladder that they make."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache

from accounts import service as services
from accounts.actor import actor_of, only
from accounts.administration import change_settings, set_by
from accounts.service import Service, SettingKind
from accounts.setting_groups import GROUPS, PAGING
from accounts.web.settings import settings_page
from kernel.actors import Role
from kernel.refusals import Errors, Invalid
from kernel.time import in_words, now
from oncall.web.ladders import LadderDrawing, drawings
from triage.guideline.rows.row import Row
from triage.guideline.rows.table import ROWS

PLACE = "setting:"
_ROWS = [(place.removeprefix(PLACE), row) for row in ROWS for place in row.places if place.startswith(PLACE)]


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingRow:
    """One setting on the form: its value, where that comes from, and the rows of the guideline behind it."""

    kind: SettingKind
    value: str
    origin: str
    rows: Sequence[Row]
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingGroup:
    heading: str
    anchor: str
    rows: Sequence[SettingRow]
    ladders: Sequence[LadderDrawing]


@never_cache
@only(Role.ADMINISTRATOR)
def settings(request: HttpRequest) -> HttpResponse:
    """The settings of the service, each with where its value comes from."""
    errors: Errors = {}
    if request.method == "POST":
        try:
            changed = change_settings(request.POST.dict(), by=actor_of(request), at=now())
        except Invalid as invalid:
            errors = invalid.errors
        else:
            messages.success(request, f"{changed} setting{'' if changed == 1 else 's'} changed")
            return redirect("settings")
    groups = _groups(request.POST, errors, at=now())
    return settings_page(request, "settings/service.jinja", "Settings", errors, groups=groups)


def _groups(typed: Mapping[str, str], errors: Errors, *, at: datetime) -> list[SettingGroup]:
    service, origins = services.current(), set_by()
    return [
        SettingGroup(
            heading=heading,
            anchor=f"group-{number}",
            rows=[_row(kind, service, typed, errors, origins) for kind in kinds],
            ladders=drawings(service, at=at) if heading == PAGING else (),
        )
        for number, (heading, kinds) in enumerate(GROUPS.items(), start=1)
    ]


def _row(
    kind: SettingKind,
    service: Service,
    typed: Mapping[str, str],
    errors: Errors,
    origins: Mapping[str, tuple[str, datetime]],
) -> SettingRow:
    origin = f"Default: {kind.source}" if kind.clinical else "Default"
    if kind.key in origins:
        name, set_at = origins[kind.key]
        default = f"“{kind.default}”" if kind.default else "empty"
        if kind.unit:
            default = f"{kind.default} {kind.unit} ({kind.source})"
        origin = f"Set by {name} at {in_words(set_at)}. Default: {default}"
    return SettingRow(
        kind=kind,
        value=str(typed.get(kind.key, service[kind.key])),
        origin=origin,
        rows=[row for key, row in _ROWS if key == kind.key],
        error=" ".join(errors.get(kind.key, ())),
    )
