"""Records that somebody opened with a reason, for the lead: whose, why, when, and what they did in that hour."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.people import role_in_words
from kernel.time import in_words
from ledger.kinds import Kind
from ledger.read import Search, entries
from referrals.case import openings
from referrals.case.line_words import details_of, title_of
from referrals.case.models import Opening
from referrals.case.queries import organisation_names

MOST = 200
MOST_LINES = 500  # of what one person did in one hour


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningLine:
    """One opening in words."""

    number: int
    reference: str
    who: str
    role: str
    organisation: str
    why: str
    words: str
    at: str
    until: str
    looks: int
    is_reviewed: bool
    verdict: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """One thing that somebody did on the record while it was open to them."""

    at: str
    what: str
    details: Sequence[str]


def lines(*, reviewed: bool) -> tuple[OpeningLine, ...]:
    """The openings that were, or were not, reviewed, the newest first."""
    rows = openings.openings(reviewed=reviewed, most=MOST)
    places = organisation_names({row.organisation for row in rows})
    return tuple(
        _line(row, places.get(row.organisation, row.organisation), looks=len(deeds(row))) for row in rows
    )


def line_at(number: int) -> tuple[OpeningLine, tuple[Deed, ...]] | None:
    """One opening with what was done; None when there is none."""
    row = openings.opening_at(number)
    if row is None:
        return None
    place = organisation_names({row.organisation}).get(row.organisation, row.organisation)
    done = deeds(row)
    return _line(row, place, looks=len(done)), done


def case_of(number: int) -> int | None:
    """The number of the case of an opening."""
    row = openings.opening_at(number)
    return row.referral_id if row else None


def deeds(row: Opening) -> tuple[Deed, ...]:
    """What the person looked at and did on the record while it was open, the oldest first."""
    until: datetime = row.until
    search = Search(case=row.referral_id, actor=row.by, since=row.at, until=until)
    lines = [entry for entry in entries(search, limit=MOST_LINES) if entry.kind != Kind.RECORD_OPENED]
    return tuple(
        Deed(
            at=in_words(entry.at),
            what=title_of(entry),
            details=(
                *([part] if (part := entry.shared.get("part")) else []),
                *details_of(entry, {}),
            ),
        )
        for entry in reversed(lines)
    )


def _line(row: Opening, place: str, *, looks: int) -> OpeningLine:
    verdict = ""
    if row.reviewed_at is not None and row.verdict is not None:
        words = "Justified" if row.justified else "Not justified"
        verdict = f"{words}, says {row.reviewed_by_name}, {in_words(row.reviewed_at)}: {row.verdict.text}"
    return OpeningLine(
        number=row.pk,
        reference=row.referral.reference,
        who=row.by_name,
        role=role_in_words(row.by_role),
        organisation=place,
        why=openings.REASONS.get(row.reason, row.reason),
        words=row.note.text,
        at=in_words(row.at),
        until=in_words(row.until),
        looks=looks,
        is_reviewed=row.reviewed_at is not None,
        verdict=verdict,
    )
