"""What happened to a case, by whom, when and why: the lines of the ledger in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from accounts.names import names_of
from accounts.people import role_in_words
from ledger.facts import Facts
from ledger.kinds import Kind
from ledger.read import Entry, of_case
from oncall.kinds import INTERNAL as INTERNAL_CLOCKS
from oncall.kinds import OBLIGATIONS
from oncall.models import Clock
from referrals.case.line_words import details_of, people_of, title_of
from referrals.case.models import Referral

# Pages, clocks and judgements are internal to the service; a referrer does not see them.
INTERNAL = frozenset(
    {
        Kind.PAGE_WRITTEN,
        Kind.PAGE_SENT,
        Kind.PAGE_FAILED,
        Kind.RUNG_FOUND_NOBODY,
        Kind.RUNG_PASSED_OVER,
        Kind.REVIEW_OPENED,
        Kind.REVIEW_DONE,
        Kind.LEASE_EXTENDED,
        Kind.CLOCK_EXTENDED,
        Kind.CLOCK_QUARANTINED,
        Kind.CLOCK_SNOOZED,
        Kind.SNOOZED,
        Kind.OBLIGATION_ASKED,
        Kind.OBLIGATION_SETTLED,
        Kind.COURSE_JUDGED,
        Kind.CARE_ANSWERED,
        Kind.SCORE_RECORDED,
        Kind.MERGE_UNDONE,
        Kind.FACT_KEPT_UNMATCHED,
        Kind.UNMATCHED_FACT_SETTLED,
        Kind.NEWS_READ,
        Kind.CASE_RELEASED,
        Kind.CASE_HANDED_ON,
        Kind.HAND_ON_ACCEPTED,
        Kind.HAND_ON_DECLINED,
        Kind.CASE_TAKEN_OVER,
        Kind.SLOT_RECORDED,
        Kind.RECORD_OPENED,
        Kind.OPENING_REVIEWED,
        Kind.PURPOSE_STATED,
        Kind.RECORD_RESTRICTED,
        Kind.RESTRICTION_CHANGED,
        Kind.RESTRICTION_LIFTED,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One line of a timeline."""

    number: int
    kind: Kind | str  # the code alone when a later version wrote it
    at: datetime
    recorded_at: datetime
    actor: str
    role: str
    organisation: str
    what: str
    details: tuple[str, ...]
    why: str
    facts: Facts


def timeline(case: Referral, *, for_referrer: bool = False, with_views: bool = False) -> list[Happening]:
    """The timeline of a case, oldest first, in a constant number of queries."""
    entries = [
        entry
        for entry in of_case(case.pk, with_views=with_views)
        if "record_of" not in entry.shared  # the second line of a merge, which exists for the ledger's check
        and not (for_referrer and (entry.kind in INTERNAL or entry.shared.get("clock") in INTERNAL_CLOCKS))
    ]
    notes = dict(case.notes.values_list("ledger_line", "text"))
    names = {**names_of(_actors(entries)), **_subjects(case, entries)}
    return [_happening(entry, notes=notes, names=names) for entry in entries]


def _subjects(case: Referral, entries: list[Entry]) -> dict[str, str]:
    """Each obligation in words by its key: one query, or none when the case has no obligations."""
    if not any(entry.shared.get("subject") for entry in entries):
        return {}
    obligations = Clock.objects.filter(case=case.pk, kind__in=OBLIGATIONS).exclude(about="")
    return {f"subject:{subject}": about for subject, about in obligations.values_list("subject", "about")}


def _actors(entries: list[Entry]) -> set[str]:
    return {entry.actor for entry in entries} | {key for entry in entries for key, _ in people_of(entry)}


def _happening(entry: Entry, *, notes: Mapping[int, str], names: Mapping[str, str]) -> Happening:
    return Happening(
        number=entry.number,
        kind=entry.kind,
        at=entry.at,
        recorded_at=entry.witnessed_at,
        actor=names[entry.actor],
        role=role_in_words(entry.role),
        organisation=entry.organisation,
        what=title_of(entry),
        details=details_of(entry, names),
        why=notes.get(entry.number, ""),
        facts=entry.facts,
    )
