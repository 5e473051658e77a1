"""Sites for booking and transfer: their MRI hours and how many protected slots are left."""

from collections.abc import Mapping
from datetime import date, datetime

from django.db.models import Count, Q

from kernel.time import LONDON, london_date
from referrals.case.models import ProtectedSlot, Site

SATURDAY = 5


def sites() -> dict[str, Site]:
    """Every site by its ODS code, by name: one query."""
    active = Site.objects.select_related("organisation").filter(organisation__active=True)
    return {site.pk: site for site in active.order_by("organisation__name")}


def hours_in_words(site: Site) -> str:
    """When a site scans, such as 08:00 to 18:00, weekdays."""
    if not site.has_mri:
        return "no MRI"
    hours = (
        f"{site.mri_from:%H:%M} to {site.mri_to:%H:%M}" if site.mri_from and site.mri_to else "day and night"
    )
    return hours if site.mri_weekends else f"{hours}, weekdays"


def why_not_then(site: Site, at: datetime) -> str:
    """Why a site does not scan at an instant; empty when it does."""
    name = site.organisation.name
    if not site.has_mri:
        return f"{name} has no MRI"
    wall = at.astimezone(LONDON)
    closed_today = not site.mri_weekends and wall.weekday() >= SATURDAY
    is_closed_now = site.mri_from and site.mri_to and not site.mri_from <= wall.time() <= site.mri_to
    if closed_today or is_closed_now:
        return f"{name} scans {hours_in_words(site)}"
    return ""


def slots_left(sites_by_code: Mapping[str, Site], *, on: date) -> dict[str, int]:
    """How many protected slots each site has left on a day: one query."""
    used_slots = dict(
        ProtectedSlot.objects.filter(site__in=sites_by_code, day=on)
        .values("site")
        .annotate(used=Count("id", filter=Q(refused_because="")))
        .values_list("site", "used")
    )
    return {
        code: max(site.protected_slots - used_slots.get(code, 0), 0) for code, site in sites_by_code.items()
    }


def in_words(site: Site, *, slots: int) -> str:
    """A site in words for the person who books."""
    parts = [
        site.organisation.name,
        f"MRI {hours_in_words(site)}" if site.has_mri else "no MRI",
        f"{slots} of {site.protected_slots} protected slots left today" if site.protected_slots else "",
        "direct access" if site.direct_access else "",
        f"radiotherapy {site.radiotherapy_hours}" if site.radiotherapy_hours else "",
    ]
    return "; ".join(part for part in parts if part)


def choices(*, at: datetime) -> dict[str, str]:
    """The sites to choose from, in words, by ODS code."""
    sites_by_code = sites()
    slots = slots_left(sites_by_code, on=london_date(at))
    return {code: in_words(site, slots=slots[code]) for code, site in sites_by_code.items()}
