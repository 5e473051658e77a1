"""Checks that unmatched facts, merges and identities still match the ledger, and that none is missing.

The check reads the lines, not the rows, so that a deleted row is a fault. An identity is the exception: it may
be lawfully deleted, together with its salt.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, cast

from ledger.append import bind
from ledger.facts import RecordErased
from ledger.fault import Fault
from ledger.kinds import Kind
from ledger.read import Entry, Search, entries
from referrals.case.line_facts import CasesMerged, MergeUndone, UnmatchedFactSettled
from referrals.case.models import Merge, Patient, UnmatchedFact
from referrals.usecases.identify_person import identity_as_bound
from referrals.usecases.keep_unmatched_fact import settlement_as_bound
from referrals.usecases.merge_cases import merge_as_bound

CHUNK = 1000


def verify_by_line() -> tuple[int, Fault | None]:
    """How many lines have their row, and the first fault."""
    count = 0
    for check in (_unmatched_facts, _merges, _reversals, _identities):
        for fault in check():
            if fault is not None:
                return count, fault
            count += 1
    return count, None


def _pages(kind: Kind) -> Iterator[list[Entry]]:
    """Every line of a kind, newest first, a thousand at a time."""
    page = entries(Search(kind=str(kind)), limit=CHUNK)
    while page:
        yield page
        page = entries(Search(kind=str(kind)), before=page[-1].number, limit=CHUNK)


def _change_fault(line: int, record: str) -> Fault:
    return Fault(line=line, why=f"the {record} that belongs to it was changed afterwards")


def _by_line(rows: Iterable[Any]) -> dict[int, list[Any]]:
    rows_by_line: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        rows_by_line[row.ledger_line].append(row)
    return rows_by_line


def _fault_of_count(number: int, rows: list[Any], record: str) -> Fault | None:
    """The fault of a line that does not have exactly one row."""
    if len(rows) == 1:
        return None
    return Fault(line=number, why=f"it has {len(rows)} rows of the {record} where it should have one")


def _unmatched_facts() -> Iterator[Fault | None]:
    settlements: dict[int, list[Entry]] = defaultdict(list)
    for page in _pages(Kind.UNMATCHED_FACT_SETTLED):
        for line in page:
            settlements[cast(UnmatchedFactSettled, line.facts)["unmatched"]].append(line)
    for page in _pages(Kind.FACT_KEPT_UNMATCHED):
        rows_by_line = _by_line(UnmatchedFact.objects.filter(ledger_line__in=[line.number for line in page]))
        for line in page:
            rows, record = rows_by_line[line.number], "unmatched fact"
            yield _fault_of_count(line.number, rows, record)
            row = rows[0]
            yield None if _as_received(row, line) else _change_fault(line.number, record)
            settled_by = settlements.get(row.pk, [])
            yield (
                None
                if _as_settled(row, settled_by)
                else _change_fault(settled_by[0].number if settled_by else line.number, record)
            )


def is_erased(row: UnmatchedFact) -> bool:
    """Whether the person of an unmatched fact was lawfully erased, with the salt, as a line says: one that is kept names
    somebody.
    """
    return not row.patient and any(
        f"referrals_unmatchedfact {row.pk}" in cast(RecordErased, line.facts)["erased"]
        for page in _pages(Kind.RECORD_ERASED)
        for line in page
    )


def _as_received(row: UnmatchedFact, line: Entry) -> bool:
    """Whether sender, organisation and instant match. Lines of earlier versions do not bind the sender's name."""
    sender = None if is_erased(row) else line.shared["bound"].get("sender")
    return (row.organisation, row.by, row.received_at) == (line.organisation, line.actor, line.at) and (
        sender is None or sender == bind(row.by_name, salt=str(row.salt))
    )


def _as_settled(row: UnmatchedFact, lines: list[Entry]) -> bool:
    """Whether the fact is settled once or not at all, as recorded. Lines of earlier versions bind no name or reason."""
    if not lines:
        return (row.settled_at, row.settled_by_name, row.settled_because, row.linked_to_id) == (
            None,
            "",
            "",
            None,
        )
    if len(lines) > 1:
        return False
    settlement = None if is_erased(row) else lines[0].shared.get("bound", {}).get("settled")
    return (row.settled_at, row.linked_to_id) == (lines[0].at, lines[0].case) and (
        settlement is None or settlement == settlement_as_bound(row)
    )


def _merges() -> Iterator[Fault | None]:
    """Every merge with a line about its record. Earlier versions had no record or did not bind it."""
    for page in _pages(Kind.CASES_MERGED):
        lines = [line for line in page if "record_of" in line.shared]
        rows_by_line = _by_line(
            Merge.objects.filter(ledger_line__in=[line.shared["record_of"] for line in lines])
        )
        for line in lines:
            rows = rows_by_line[line.shared["record_of"]]
            yield _fault_of_count(line.number, rows, "merge")
            yield None if _as_merged(rows[0], line) else _change_fault(line.number, "merge")


def _as_merged(merge: Merge, line: Entry) -> bool:
    """Whether a merge matches its line, which has the actor from a source other than the row."""
    merge_row, facts = (merge.referral_id, merge.into_id, merge.by, merge.at), cast(CasesMerged, line.facts)
    return (
        merge_row == (line.case, facts["into"], line.actor, line.at)
        and "salt" in merge.ended
        and facts["bound"]["merge"] == merge_as_bound(merge)
    )


def _reversals() -> Iterator[Fault | None]:
    """Match the lines that undo merges of a referral with its merges, in order.

    A referral is merged again only after its previous merge is undone.
    """
    reversals: dict[int | None, list[Entry]] = defaultdict(list)
    for page in _pages(Kind.MERGE_UNDONE):
        for line in page:
            if "from_case" in cast(MergeUndone, line.facts):
                reversals[line.case].insert(0, line)
    merges: dict[int | None, list[Merge]] = defaultdict(list)
    for merge in Merge.objects.order_by("ledger_line"):
        merges[merge.referral_id].append(merge)
    for case, merges_of_case in merges.items():
        lines = reversals.pop(case, [])
        for place, merge in enumerate(merges_of_case):
            undone_at = lines[place].at if place < len(lines) else None
            number = lines[place].number if place < len(lines) else merge.ledger_line
            yield None if merge.undone_at == undone_at else _change_fault(number, "merge")
        if len(lines) > len(merges_of_case):
            yield Fault(line=lines[-1].number, why="the merge that it undoes is missing")
    for lines in reversals.values():
        yield Fault(line=lines[0].number, why="the merge that it undoes is missing")


def _identities() -> Iterator[Fault | None]:
    """Every identified person. Lines of earlier versions do not bind the identity."""
    newest: set[int | None] = set()
    for page in _pages(Kind.PERSON_IDENTIFIED):
        lines = [line for line in page if "person" in line.shared.get("bound", {})]
        people = Patient.objects.filter(referral__in=[line.case for line in lines]).select_related("referral")
        patients = {patient.referral.pk: patient for patient in people}
        for line in lines:
            patient = patients.get(line.case or 0)
            if line.case in newest or patient is None or _is_deleted(patient):
                continue
            newest.add(line.case)
            salt, bound = str(patient.identity_salt), line.shared["bound"]["person"]
            as_found = bound == bind(identity_as_bound(patient), salt=salt)
            yield None if as_found else _change_fault(line.number, "patient")


def _is_deleted(patient: Patient) -> bool:
    """Whether the identity and its salt were lawfully deleted together."""
    identity = (patient.family_name, patient.given_name, patient.nhs_number, patient.date_of_birth)
    return patient.identity_salt is None and not any(identity)
