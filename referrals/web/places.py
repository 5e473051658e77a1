"""Where a patient is, by name and never by code."""

from collections.abc import Mapping

from referrals.case.models import Referral
from referrals.case.whereabouts import Whereabouts

_KINDS = {"home": "at home", "care_home": "in a care home"}
_UNNAMED = {
    "ward": "on a ward, not named",
    "emergency_department": "in an emergency department, not named",
    "hospice": "in a hospice, not named",
    "gp_surgery": "at a GP surgery, not named",
    "other": "somewhere else, not named",
}


def place(case: Referral, names: Mapping[str, str], *, moved: Whereabouts | None = None) -> str:
    """Where the patient is, such as: Ward 5, Northfield General Hospital; from their last move, if one was reported."""
    if moved is not None:
        return moved.short
    code = case.location_organisation
    kind = case.location.get("kind", "")
    parts = [case.location.get("detail") or "", names.get(code, "") if code else _KINDS.get(kind, "")]
    return (
        ", ".join(part for part in parts if part)
        or _KINDS.get(kind)
        or _UNNAMED.get(kind)
        or kind.replace("_", " ")
        or "place not known"
    )
