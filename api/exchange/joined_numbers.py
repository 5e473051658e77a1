"""A hospital says that two of its numbers are one person. A machine joins nothing: a coordinator looks at the referrals."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from api.exchange.fact_in import ReceivedFact
from kernel.actors import Actor
from kernel.refusals import Invalid
from ledger.append import canonical
from referrals.case.episodes import matches_of
from referrals.case.identity import Identity
from referrals.case.models import UnmatchedFact
from referrals.case.queries import visible_to
from referrals.evidence.event_data import KeptData
from referrals.evidence.events import parse_event
from referrals.evidence.facts import Fact
from referrals.intake.codes import NUMBERS_MERGED
from referrals.usecases.keep_unmatched_fact import keep_unmatched_fact, read_identifiers

MOST_NUMBERS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinedNumbers:
    """The person whose numbers go on, and the numbers that end: those of the hospital, and NHS numbers."""

    person: Mapping[str, Any]
    retired: Sequence[str]
    retired_nhs: Sequence[str]
    occurred_at: str


def receive_joined_numbers(sent: JoinedNumbers, *, by: Actor, at: datetime) -> ReceivedFact | None:
    """Show it to a coordinator when a referral or a kept fact of the sender's has a number that ends; None otherwise.

    Most of these messages are about nobody here, and nothing of them is stored. No case is merged and no number is
    changed: two people joined by mistake would share their scans.
    """
    person, retired, retired_nhs = read_joined_numbers(sent)
    at_instant = parse_event({"kind": "admitted", "occurred_at": sent.occurred_at}, at=at).occurred_at
    if not _is_known(retired, retired_nhs, by=by):
        return None
    data: KeptData = {}
    if retired:
        data["retired"] = retired
    if retired_nhs:
        data["retired_nhs"] = retired_nhs
    fact = Fact(kind=NUMBERS_MERGED, occurred_at=at_instant, data=data)
    waiting = UnmatchedFact.objects.filter(organisation=by.organisation, kind=NUMBERS_MERGED, settled_at=None)
    if (row := waiting.filter(patient=person, data=fact.data).first()) is not None:
        return ReceivedFact(fact=fact, is_new=False, notices=("kept_merge",), kept=row)
    key = "v2:" + hashlib.sha256(canonical([person, dict(fact.data), sent.occurred_at])).hexdigest()
    row, is_new = keep_unmatched_fact(person, fact, key=key, by=by, at=at)
    return ReceivedFact(fact=fact, is_new=is_new, notices=("kept_merge",), kept=row)


def read_joined_numbers(sent: JoinedNumbers) -> tuple[dict[str, Any], list[str], list[str]]:
    """Every number through the check of an identifier; Invalid by field."""
    person = read_identifiers(dict(sent.person))
    if not 0 < len(sent.retired) + len(sent.retired_nhs) <= MOST_NUMBERS:
        raise Invalid(
            "The numbers cannot be read", errors={"MRG-1": [f"Send 1 to {MOST_NUMBERS} numbers that end"]}
        )
    try:
        retired = [read_identifiers({"local_id": number})["local_id"] for number in sent.retired]
        retired_nhs = [read_identifiers({"nhs_number": number})["nhs_number"] for number in sent.retired_nhs]
    except Invalid as invalid:
        texts = [text for rows in invalid.errors.values() for text in rows]
        raise Invalid(invalid.sentence, errors={"MRG-1": texts}) from None
    return person, retired, retired_nhs


def _is_known(retired: Sequence[str], retired_nhs: Sequence[str], *, by: Actor) -> bool:
    """Whether a referral that the sender may see, or a fact that it sent, has one of these numbers."""
    people = [Identity(local_id=number) for number in retired]
    people += [Identity(nhs_number=number) for number in retired_nhs]
    cases = [match.case.pk for person in people for match in matches_of(person, with_closed=True)]
    if cases and visible_to(by).filter(pk__in=cases).exists():
        return True
    waiting = UnmatchedFact.objects.filter(organisation=by.organisation, settled_at=None).exclude(
        kind=NUMBERS_MERGED
    )
    return (
        waiting.filter(patient__local_id__in=retired).exists()
        or waiting.filter(patient__nhs_number__in=retired_nhs).exists()
    )
