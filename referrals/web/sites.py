"""The table of sites in the settings."""

from dataclasses import asdict

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache

from accounts.queries import active_organisations
from accounts.web.actor import actor_of, only
from accounts.web.settings import choices_of, settings_page
from kernel.actors import Role
from kernel.refusals import Invalid
from kernel.time import london_date, now
from referrals.case import sites as table
from referrals.case.models import Site
from referrals.usecases.save_site import SiteTyped, save_site
from webkit.fields import Choice, Flag, Text
from webkit.forms import Fields, Form, PlainForm


@never_cache
@only(Role.ADMINISTRATOR)
def sites(request: HttpRequest) -> HttpResponse:
    """Every site in words, and the form for one: a new one, or that of `?site=`."""
    by_code = table.sites()
    site = by_code.get(request.GET.get("site", ""))
    organisations = choices_of(active_organisations())
    fields = {"organisation": Choice("Organisation", organisations, kind="select"), **FIELDS}
    form = PlainForm.sent(request, fields=fields, initial=asdict(_of(site)))
    if request.method == "POST":
        try:
            row = save_site(_typed(form), by=actor_of(request), at=now())
        except Invalid as invalid:
            form.refuse(invalid.errors)
        else:
            messages.success(request, f"{row.organisation.name} is saved")
            return redirect("sites")
    slots = table.slots_left(by_code, on=london_date(now()))
    return settings_page(
        request,
        "settings/sites.jinja",
        "Sites",
        form,
        sites=[
            (code, name := site.organisation.name, _beside(name, table.in_words(site, slots=slots[code])))
            for code, site in by_code.items()
        ],
        chosen=site,
    )


def _beside(name: str, words: str) -> str:
    """The words of a site without its name, which is a link in front of them."""
    return words.removeprefix(name).removeprefix("; ")


FIELDS: Fields = {
    "has_mri": Flag("Has MRI"),
    "mri_from": Text("MRI from", hint="24-hour time. Leave both empty for day and night", width="5"),
    "mri_to": Text("MRI until", width="5"),
    "mri_weekends": Flag("Scans at weekends"),
    "protected_slots": Text("MRI slots kept for this service each day", width="3"),
    "direct_access": Flag("Direct access to specialist treatment"),
    "receiving_unit": Text("Unit that receives patients"),
    "telephone": Text("Telephone of the scanner or unit"),
    "radiotherapy_hours": Text("Radiotherapy hours, if it gives radiotherapy"),
}


def _typed(form: Form) -> SiteTyped:
    return SiteTyped(
        organisation=form.text("organisation"),
        has_mri=bool(form.text("has_mri")),
        mri_from=form.text("mri_from"),
        mri_to=form.text("mri_to"),
        mri_weekends=bool(form.text("mri_weekends")),
        direct_access=bool(form.text("direct_access")),
        receiving_unit=form.text("receiving_unit"),
        telephone=form.text("telephone"),
        radiotherapy_hours=form.text("radiotherapy_hours"),
        protected_slots=form.text("protected_slots"),
    )


def _of(site: Site | None) -> SiteTyped:
    if site is None:
        return SiteTyped(organisation="", has_mri=True)
    return SiteTyped(
        organisation=site.pk,
        has_mri=site.has_mri,
        mri_from=f"{site.mri_from:%H:%M}" if site.mri_from else "",
        mri_to=f"{site.mri_to:%H:%M}" if site.mri_to else "",
        mri_weekends=site.mri_weekends,
        direct_access=site.direct_access,
        receiving_unit=site.receiving_unit,
        telephone=site.telephone,
        radiotherapy_hours=site.radiotherapy_hours,
        protected_slots=str(site.protected_slots),
    )
