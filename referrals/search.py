"""Finding referrals by who they are about. Identifiers come in a body, never in an address."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db.models import QuerySet

from kernel.refusals import Invalid
from referrals.fields import NotAllowed, Unreadable, read_date, read_nhs_number, read_text
from referrals.identity import name_key
from referrals.models import Referral

_READERS: dict[str, Any] = {
    "nhs_number": read_nhs_number,
    "family_name": read_text,
    "given_name": read_text,
    "date_of_birth": read_date,
}


def read_search(body: Any) -> dict[str, str | date]:
    """What to search by; Invalid when nothing is given or something makes no sense."""
    if not isinstance(body, dict):
        raise Invalid("Some of what was sent cannot be accepted", errors={"body": ["Send this as an object"]})
    errors: dict[str, list[str]] = {key: ["There is no such field"] for key in body if key not in _READERS}
    search: dict[str, Any] = {}
    for name, read in _READERS.items():
        if body.get(name) is None:
            continue
        try:
            search[name] = read(body[name])
        except (Unreadable, NotAllowed) as problem:
            errors[name] = [str(problem)]
    if not search and not errors:
        errors["body"] = [f"Give at least one of: {', '.join(_READERS)}"]
    if errors:
        raise Invalid("Some of what was sent cannot be accepted", errors=errors)
    return search


def matching(found: QuerySet[Referral], search: Mapping[str, Any]) -> QuerySet[Referral]:
    """The referrals that fit every part of a search; names without accents, apostrophes, hyphens and case."""
    for name, value in search.items():
        if name in ("family_name", "given_name"):
            for part in name_key(value).split():
                found = found.filter(patient__name_key__regex=rf"(^| ){re.escape(part)}( |$)")
        else:
            found = found.filter(**{f"patient__{name}": value})
    return found
