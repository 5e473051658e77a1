"""The table of sites in the settings."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache

from accounts.actor import actor_of, only
from accounts.models import Organisation
from accounts.web.settings import settings_page
from kernel.actors import Role
from kernel.refusals import Errors, Invalid
from kernel.time import london_date, now
from referrals import sites as table
from referrals.models import Site
from referrals.usecases.save_site import SiteTyped, save_site


@never_cache
@only(Role.ADMINISTRATOR)
def sites(request: HttpRequest) -> HttpResponse:
    """Every site in words, and the form for one: a new one, or that of `?site=`."""
    errors: Errors = {}
    if request.method == "POST":
        try:
            kept = save_site(_typed(request), by=actor_of(request), at=now())
        except Invalid as invalid:
            errors = invalid.errors
        else:
            messages.success(request, f"{kept.organisation.name} is kept")
            return redirect("sites")
    known = table.sites()
    left = table.slots_left(known, on=london_date(now()))
    chosen = known.get(request.GET.get("site", ""))
    return settings_page(
        request,
        "settings/sites.jinja",
        "Sites",
        errors,
        sites=[(code, table.in_words(site, left=left[code])) for code, site in known.items()],
        organisations=list(Organisation.objects.filter(active=True).order_by("name")),
        typed=_typed(request) if request.method == "POST" else _of(chosen),
        chosen=chosen,
    )


def _typed(request: HttpRequest) -> SiteTyped:
    post = request.POST
    texts = (
        "organisation", "mri_from", "mri_to", "receiving_unit", "telephone", "radiotherapy_hours", "protected_slots",
    )  # fmt: skip
    flags = ("has_mri", "mri_weekends", "direct_access")
    return SiteTyped(
        **{name: post.get(name, "") for name in texts}, **{name: bool(post.get(name)) for name in flags}
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
