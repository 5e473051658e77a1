"""Who has looked at the record of one case: every person and hospital system, from the ledger's lines of views."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from accounts.names import names_of
from accounts.people import role_in_words
from ledger.kinds import VIEWS, Kind
from ledger.read import Entry, Search, entries, list_views_of
from referrals.case.models import Referral
from referrals.case.queries import organisation_names

MOST = 5000  # views of the record of each sort that are read, the newest
RECORDS = frozenset(VIEWS - {Kind.LIST_VIEWED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """One person or hospital system, with what they looked at and when."""

    name: str
    role: str
    organisation: str
    records: int  # times that the record, or a part of it, was opened
    lists: int  # times that the name was on a list
    parts: tuple[str, ...]
    first_at: datetime
    last_at: datetime


def readers_of(case: Referral) -> tuple[Reader, ...]:
    """Everybody who has looked at a case, the latest first."""
    looks: dict[tuple[str, str, str], list[Entry]] = defaultdict(list)
    for entry in _views_of(case):
        looks[entry.actor, entry.role, entry.organisation].append(entry)
    names = names_of(actor for actor, _, _ in looks)
    places = organisation_names({organisation for _, _, organisation in looks})
    readers = (
        _reader(seen, name=names[actor], role=role, place=places.get(code, code))
        for (actor, role, code), seen in looks.items()
    )
    return tuple(sorted(readers, key=lambda reader: reader.last_at, reverse=True))


def _views_of(case: Referral) -> list[Entry]:
    """The newest views of the record, and of lists with its name since it was sent."""
    opened = entries(Search(case=case.pk, only=frozenset(RECORDS)), limit=MOST)
    return [*opened, *list_views_of(case.pk, since=case.submitted_at, limit=MOST)]


def _reader(seen: list[Entry], *, name: str, role: str, place: str) -> Reader:
    on_lists = sum(entry.kind == Kind.LIST_VIEWED for entry in seen)
    return Reader(
        name=name,
        role=role_in_words(role),
        organisation=place,
        records=len(seen) - on_lists,
        lists=on_lists,
        parts=tuple(sorted({part for entry in seen if (part := entry.shared.get("part"))})),
        first_at=min(entry.at for entry in seen),
        last_at=max(entry.at for entry in seen),
    )
