"""The administrator adds or changes a site."""

from dataclasses import dataclass
from datetime import datetime, time

from accounts.models import Organisation
from kernel.actors import Actor, Role
from kernel.refusals import Denied, Invalid
from kernel.text import fault, tidy
from ledger.append import append
from ledger.keep import keep
from ledger.kinds import Kind
from ledger.transaction import one_transaction
from referrals.case.line_facts import SiteChanged
from referrals.case.models import Site

MOST_SLOTS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteTyped:
    """A site as typed in the form; times are HH:MM in London, both empty for day and night."""

    organisation: str
    has_mri: bool
    mri_from: str = ""
    mri_to: str = ""
    mri_weekends: bool = True
    direct_access: bool = False
    receiving_unit: str = ""
    telephone: str = ""
    radiotherapy_hours: str = ""
    protected_slots: str = "0"


@one_transaction()
def save_site(typed: SiteTyped, *, by: Actor, at: datetime) -> Site:
    """Add a site, or change the one of this organisation."""
    if by.role != Role.ADMINISTRATOR:
        raise Denied("Only the service administrator changes this")
    errors: dict[str, list[str]] = {}
    organisation = Organisation.objects.filter(pk=typed.organisation, active=True).first()
    if organisation is None:
        errors["organisation"] = ["Choose an organisation; add it first if it is not in the list"]
    opens, closes = (_time(name, getattr(typed, name), errors) for name in ("mri_from", "mri_to"))
    if (opens is None) != (closes is None) and not errors.keys() & {"mri_from", "mri_to"}:
        errors["mri_to"] = ["Enter both times, or neither for day and night"]
    elif opens and closes and opens >= closes:
        errors["mri_to"] = ["MRI ends before it begins: check the times"]
    for name in ("receiving_unit", "telephone", "radiotherapy_hours"):
        if problem := fault(getattr(typed, name), limit=60 if name == "telephone" else 200):
            errors[name] = [problem]
    slots = typed.protected_slots.strip() or "0"
    if not slots.isdecimal() or len(slots) > 3 or int(slots) > MOST_SLOTS:
        errors["protected_slots"] = [f"Enter a whole number from 0 to {MOST_SLOTS}"]
    if errors or organisation is None:
        raise Invalid(
            "The site was not saved: correct the answers named here and save it again", errors=errors
        )
    facts = SiteChanged(site=organisation.pk, protected_slots=int(slots), has_mri=typed.has_mri)
    line = append(Kind.SITE_CHANGED, by=by, at=at, facts=facts)
    site = Site.objects.select_for_update().filter(pk=organisation.pk).first() or Site(
        organisation=organisation
    )
    site.has_mri, site.mri_from, site.mri_to = typed.has_mri, opens, closes
    site.mri_weekends, site.direct_access = typed.mri_weekends, typed.direct_access
    site.receiving_unit, site.telephone = tidy(typed.receiving_unit), tidy(typed.telephone)
    site.radiotherapy_hours, site.protected_slots = tidy(typed.radiotherapy_hours), int(slots)
    saved_site: Site = keep(site, line=line, by=by, at=at)
    return saved_site


def _time(name: str, text: str, errors: dict[str, list[str]]) -> time | None:
    try:
        return time.fromisoformat(text.strip()).replace(tzinfo=None) if text.strip() else None
    except ValueError:
        errors[name] = ["Enter a 24-hour time, such as 08:00"]
        return None
