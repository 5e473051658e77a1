"""The settings of the service in groups, each with its source, and the ladder that they make."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache

from accounts import service as services
from accounts.administration import change_settings, set_by
from accounts.service import Service, SettingKind
from accounts.setting_groups import GROUPS, PAGING
from accounts.web.actor import actor_of, only
from accounts.web.second_step import proved
from accounts.web.settings import settings_page
from kernel.actors import Role
from kernel.refusals import Invalid
from kernel.time import in_words, now
from oncall.web.ladders import LadderDrawing, drawings
from triage.guideline.rows.row import GuidelineRow
from triage.guideline.rows.table import ROWS
from webkit.fields import Text
from webkit.forms import Fields, Form, PlainForm
from webkit.inputs import Input

PLACE = "setting:"
_ROWS = [(place.removeprefix(PLACE), row) for row in ROWS for place in row.places if place.startswith(PLACE)]


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingRow:
    """One setting on the form: its input, whose hint says where the value comes from, and the guideline behind it."""

    input: Input
    rows: Sequence[GuidelineRow]


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingGroup:
    heading: str
    anchor: str
    rows: Sequence[SettingRow]
    ladders: Sequence[LadderDrawing]

    @property
    def open(self) -> bool:
        """Whether one of its values has to be corrected; the first group is always open."""
        return self.anchor == "group-1" or any(row.input.error for row in self.rows)


@never_cache
@only(Role.ADMINISTRATOR)
@proved
def settings(request: HttpRequest) -> HttpResponse:
    """The settings of the service, each with where its value comes from."""
    service = services.current()
    form = PlainForm.sent(request, fields=_fields(), initial={kind.key: service[kind.key] for kind in KINDS})
    if request.method == "POST":
        try:
            changed = change_settings(request.POST.dict(), by=actor_of(request), at=now())
        except Invalid as invalid:
            form.refuse(invalid.errors)
        else:
            messages.success(request, f"{changed} setting{'' if changed == 1 else 's'} changed")
            return redirect("settings")
    groups = _groups(form, service, at=now())
    return settings_page(request, "settings/service.jinja", "Settings", form, groups=groups)


KINDS = tuple(kind for kinds in GROUPS.values() for kind in kinds)


def _fields() -> Fields:
    origins = set_by()
    return {
        kind.key: Text(
            kind.label,
            hint=_origin(kind, origins),
            unit=kind.unit,
            width="5" if kind.unit else "full",
            inputmode="numeric" if kind.unit else "",
        )
        for kind in KINDS
    }


def _groups(form: Form, service: Service, *, at: datetime) -> list[SettingGroup]:
    return [
        SettingGroup(
            heading=heading,
            anchor=f"group-{number}",
            rows=[SettingRow(input=form.input(kind.key), rows=_rows(kind)) for kind in kinds],
            ladders=drawings(service, at=at) if heading == PAGING else (),
        )
        for number, (heading, kinds) in enumerate(GROUPS.items(), start=1)
    ]


def _rows(kind: SettingKind) -> Sequence[GuidelineRow]:
    return [row for key, row in _ROWS if key == kind.key]


def _origin(kind: SettingKind, origins: Mapping[str, tuple[str, datetime]]) -> str:
    """Where the value of a setting comes from."""
    if kind.key not in origins:
        return f"Default: {kind.source}" if kind.clinical else "Default"
    name, set_at = origins[kind.key]
    default = f"“{kind.default}”" if kind.default else "empty"
    if kind.unit:
        default = f"{kind.default} {kind.unit} ({kind.source})"
    return f"Set by {name} at {in_words(set_at)}. Default: {default}"
