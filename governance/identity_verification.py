"""Whether kept facts, merges and identities still say what the ledger says, and whether none is missing.

Here the lines are gone through, not the rows: a row that was deleted behind the ledger's back is a fault.
An identity is the exception. It may be lawfully deleted, and its salt goes with it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from ledger.append import bind
from ledger.kinds import Kind
from ledger.read import Entry, Search, entries
from ledger.seal import Fault
from referrals.case.models import Merge, Patient, UnmatchedFact
from referrals.usecases.identify_person import identity_as_bound
from referrals.usecases.keep_unmatched_fact import settlement_as_bound
from referrals.usecases.merge_cases import merge_as_bound

CHUNK = 1000


def verify_by_line() -> tuple[int, Fault | None]:
    """How many lines have the row that belongs to them, and the first that has not."""
    checked = 0
    for check in (_kept_facts, _merges, _undone, _identities):
        for fault in check():
            if fault is not None:
                return checked, fault
            checked += 1
    return checked, None


def _pages(kind: Kind) -> Iterator[list[Entry]]:
    """Every line of a kind, newest first, a thousand at a time."""
    page = entries(Search(kind=str(kind)), limit=CHUNK)
    while page:
        yield page
        page = entries(Search(kind=str(kind)), before=page[-1].number, limit=CHUNK)


def _changed(line: int, what: str) -> Fault:
    return Fault(line=line, why=f"the {what} that belongs to it was changed afterwards")


def _by_line(rows: Iterable[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.ledger_line].append(row)
    return found


def _fault_of_count(number: int, rows: list[Any], what: str) -> Fault | None:
    """Each line has one row."""
    if len(rows) == 1:
        return None
    return Fault(line=number, why=f"it has {len(rows)} rows of the {what} where it should have one")


def _kept_facts() -> Iterator[Fault | None]:
    settling: dict[int, list[Entry]] = defaultdict(list)
    for page in _pages(Kind.UNMATCHED_FACT_SETTLED):
        for line in page:
            settling[line.facts["unmatched"]].append(line)
    for page in _pages(Kind.FACT_KEPT_UNMATCHED):
        found = _by_line(UnmatchedFact.objects.filter(ledger_line__in=[line.number for line in page]))
        for line in page:
            rows, what = found[line.number], "unmatched fact"
            yield _fault_of_count(line.number, rows, what)
            row = rows[0]
            yield None if _as_received(row, line) else _changed(line.number, what)
            ends = settling.get(row.pk, [])
            yield None if _as_settled(row, ends) else _changed(ends[0].number if ends else line.number, what)


def _as_received(row: UnmatchedFact, line: Entry) -> bool:
    """Who sent it, for whom and when; earlier lines do not bind the sender's name."""
    sender = line.facts["bound"].get("sender")
    return (row.organisation, row.by, row.received_at) == (line.organisation, line.actor, line.at) and (
        sender is None or sender == bind(row.by_name, salt=str(row.salt))
    )


def _as_settled(row: UnmatchedFact, lines: list[Entry]) -> bool:
    """It is settled once or not at all; earlier lines do not bind who did it and why."""
    if not lines:
        return (row.settled_at, row.settled_by_name, row.settled_because, row.linked_to_id) == (
            None,
            "",
            "",
            None,
        )
    if len(lines) > 1:
        return False
    settled = lines[0].facts.get("bound", {}).get("settled")
    return (row.settled_at, row.linked_to_id) == (lines[0].at, lines[0].case) and (
        settled is None or settled == settlement_as_bound(row)
    )


def _merges() -> Iterator[Fault | None]:
    """Every merge that has a line of its record; earlier merges kept no record or did not bind it."""
    for page in _pages(Kind.CASES_MERGED):
        lines = [line for line in page if "record_of" in line.facts]
        found = _by_line(Merge.objects.filter(ledger_line__in=[line.facts["record_of"] for line in lines]))
        for line in lines:
            rows = found[line.facts["record_of"]]
            yield _fault_of_count(line.number, rows, "merge")
            yield None if _as_merged(rows[0], line) else _changed(line.number, "merge")


def _as_merged(merge: Merge, line: Entry) -> bool:
    """`by` is compared with the line as well, which knows it from elsewhere than the row."""
    stands = (merge.referral_id, merge.into_id, merge.by, merge.at)
    return (
        stands == (line.case, line.facts["into"], line.actor, line.at)
        and "salt" in merge.ended
        and line.facts["bound"]["merge"] == merge_as_bound(merge)
    )


def _undone() -> Iterator[Fault | None]:
    """The first line that undoes a merge of a referral belongs to its first merge, and so on.

    A referral is merged again only when the merge before is undone.
    """
    undoing: dict[int | None, list[Entry]] = defaultdict(list)
    for page in _pages(Kind.MERGE_UNDONE):
        for line in page:
            if "from_case" in line.facts:
                undoing[line.case].insert(0, line)
    merges: dict[int | None, list[Merge]] = defaultdict(list)
    for merge in Merge.objects.order_by("ledger_line"):
        merges[merge.referral_id].append(merge)
    for case, ended in merges.items():
        lines = undoing.pop(case, [])
        for place, merge in enumerate(ended):
            undone_at = lines[place].at if place < len(lines) else None
            number = lines[place].number if place < len(lines) else merge.ledger_line
            yield None if merge.undone_at == undone_at else _changed(number, "merge")
        if len(lines) > len(ended):
            yield Fault(line=lines[-1].number, why="the merge that it undoes is missing")
    for lines in undoing.values():
        yield Fault(line=lines[0].number, why="the merge that it undoes is missing")


def _identities() -> Iterator[Fault | None]:
    """Who somebody was found to be; earlier lines do not bind it."""
    newest: set[int | None] = set()
    for page in _pages(Kind.PERSON_IDENTIFIED):
        lines = [line for line in page if "person" in line.facts.get("bound", {})]
        people = Patient.objects.filter(referral__in=[line.case for line in lines]).select_related("referral")
        found = {patient.referral.pk: patient for patient in people}
        for line in lines:
            patient = found.get(line.case or 0)
            if line.case in newest or patient is None or _is_deleted(patient):
                continue
            newest.add(line.case)
            salt, bound = str(patient.identity_salt), line.facts["bound"]["person"]
            as_found = bound == bind(identity_as_bound(patient), salt=salt)
            yield None if as_found else _changed(line.number, "patient")


def _is_deleted(patient: Patient) -> bool:
    """The identity and its salt were lawfully deleted together."""
    left = (patient.family_name, patient.given_name, patient.nhs_number, patient.date_of_birth)
    return patient.identity_salt is None and not any(left)
