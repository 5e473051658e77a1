"""The current record of a case: the fields of the referral, and the values recorded since."""

from collections.abc import Mapping
from typing import Any

from referrals.case.case_facts import of_case
from referrals.case.models import Detail, Referral
from referrals.intake.fields import FIELD_AT, plain
from referrals.intake.record_fields import COMPLETED_LATER


def details_of(case: Referral) -> dict[str, list[Detail]]:
    """Every recorded value by field, newest first: one query."""
    details: dict[str, list[Detail]] = {}
    rows = Detail.objects.filter(of_case(case))
    for detail in rows.order_by("-id"):
        details.setdefault(detail.path, []).append(detail)
    return details


def record_values(case: Referral, details: Mapping[str, list[Detail]]) -> dict[str, Any]:
    """The value of every field in JSON form; None where it is not known."""
    values = {}
    for path, spec in COMPLETED_LATER.items():
        if path in details:
            values[path] = details[path][0].value
        elif path in FIELD_AT:
            values[path] = plain(own_value(case, path))
        else:
            values[path] = spec.default
    return values


def own_value(case: Referral, path: str) -> Any:
    """The stored value of a field of the referral."""
    group, *names = path.split(".")
    if group == "patient":
        return getattr(case.patient, names[-1])
    value: Any = case.clinical
    for name in names:
        value = (value or {}).get(name)
    return value
