"""Search for referrals by patient. Identifiers come in a request body, never in an address."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from kernel.identifiers import NhsNumber, Reference
from kernel.refusals import Invalid
from referrals.case.identity import loose_key, name_key
from referrals.case.models import Referral
from referrals.intake.fields import NotAllowed, Unreadable, read_date, read_nhs_number, read_text

_READERS: dict[str, Any] = {
    "nhs_number": read_nhs_number,
    "family_name": read_text,
    "given_name": read_text,
    "date_of_birth": read_date,
}
LONGEST_WORD = 30  # longer words are not searched as two words
_SECOND = {"a": "ea", "o": "e", "u": "e"}  # the letter that may follow one written without its mark


def read_search(body: Any) -> dict[str, str | date]:
    """The search terms; Invalid when there are none or one cannot be read."""
    if not isinstance(body, dict):
        raise Invalid("Some of what was sent cannot be accepted", errors={"body": ["Send this as an object"]})
    errors: dict[str, list[str]] = {key: ["There is no such field"] for key in body if key not in _READERS}
    search: dict[str, Any] = {}
    for name, reader in _READERS.items():
        if body.get(name) is None:
            continue
        try:
            search[name] = reader(body[name])
        except (Unreadable, NotAllowed) as problem:
            errors[name] = [str(problem)]
    if not search and not errors:
        errors["body"] = [f"Give at least one of: {', '.join(_READERS)}"]
    if errors:
        raise Invalid("Some of what was sent cannot be accepted", errors=errors)
    return search


def matching(referrals: QuerySet[Referral], search: Mapping[str, Any]) -> QuerySet[Referral]:
    """The referrals that match every term. Names match without accents, apostrophes, hyphens and case."""
    for name, value in search.items():
        if name in ("family_name", "given_name"):
            referrals = referrals.filter(with_name(value))
        else:
            referrals = referrals.filter(**{f"patient__{name}": value})
    return referrals


def with_name(name: str) -> Q:
    """Patients with a name, also when it is written as one word, as two, or with ae for ä."""
    words = [loose_key(word) for word in name_key(name).split()]
    condition = Q()
    for word in words:
        condition &= _has(word)
    if len(words) > 1:
        return condition | _has(loose_key(name))
    for word in words:
        for at in range(1, len(word) if len(word) <= LONGEST_WORD else 0):
            condition |= _has(word[:at]) & _has(word[at:])
    return condition


def _has(word: str) -> Q:
    """Patients with a word in their names, however its ä, ö, ü and å are written."""
    pattern = "".join(f"{c}[{_SECOND[c]}]?" if c in _SECOND else re.escape(c) for c in word)
    return Q(patient__name_key__regex=rf"(^| ){pattern}( |$)")


def typed(text: str) -> Q:
    """What somebody typed into one field: a match on a reference or an NHS number, or else on every word of the name,
    written as one word or as two.
    """
    for reader, column in ((reference_in, "reference"), (_nhs_number, "patient__nhs_number")):
        if (value := reader(text)) is not None:
            return Q(**{column: value})
    matching = Q()
    if not name_key(text):
        return Q(pk__in=())  # an empty search finds nobody
    for word in name_key(text).split():
        matching &= Q(patient__name_key__contains=word)
    return matching | with_name(text)


def reference_in(text: str) -> str | None:
    """The reference that somebody typed; None when it is none."""
    try:
        return str(Reference.read(text))
    except ValueError:
        return None


def _nhs_number(text: str) -> str | None:
    try:
        return NhsNumber.read(text).digits
    except ValueError:
        return None
