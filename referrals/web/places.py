"""Where a patient is, by name and never by code."""

from collections.abc import Iterable, Mapping

from accounts.models import Organisation
from referrals.models import Event, Referral

_KINDS = {"home": "at home", "care_home": "in a care home"}


def names_of_organisations(codes: Iterable[str]) -> dict[str, str]:
    """The name of each organisation by its code: one query."""
    wanted = {code for code in codes if code}
    return dict(Organisation.objects.filter(pk__in=wanted).values_list("pk", "name")) if wanted else {}


def arrivals_of(cases: Iterable[int]) -> dict[int, str]:
    """Where each of these patients last arrived, by case: one query."""
    rows = Event.objects.filter(referral__in=list(cases), kind="arrived").order_by("occurred_at", "id")
    return {case: data["site"] for case, data in rows.values_list("referral", "data") if data.get("site")}


def place(case: Referral, names: Mapping[str, str], *, arrived: str = "") -> str:
    """Where the patient is, such as: Ward 5, Northfield General Hospital; where they last arrived, if they did."""
    if arrived:
        return arrived
    code = case.location_organisation
    kind = case.location.get("kind", "")
    said = [case.location.get("detail") or "", names.get(code, "") if code else _KINDS.get(kind, "")]
    return (
        ", ".join(part for part in said if part)
        or _KINDS.get(kind)
        or kind.replace("_", " ")
        or "place not known"
    )
