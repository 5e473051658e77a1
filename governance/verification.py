"""Checks that the records still match the ledger: texts, decisions, events, assessments.

A lawfully deleted record is no fault; an altered one is. Unmatched facts and merges must not be missing:
governance.identity_verification reads their lines.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from governance.identity_verification import verify_by_line
from kernel.time import rfc3339
from ledger.append import bind
from ledger.check import verify
from ledger.fault import Fault
from ledger.read import facts_of_lines
from ledger.records import verify_rows
from mdt.models import STATEMENTS, Statement
from referrals.case.models import Detail, Event, Letter, Merge, Note, Referral, TriageDecision, UnmatchedFact
from referrals.evidence.facts import FINDING_CONFIRMED, FINDING_WITHDRAWN
from triage.models import Assessment

CHUNK = 1000


def verify_records() -> tuple[int, Fault | None]:
    """How many records were checked, and the first that does not match its ledger line."""
    count = 0
    for rows, fits in CHECKS:
        for row, facts in _with_facts(rows()):
            if not fits(row, facts):
                why = f"the {row._meta.verbose_name} that belongs to it was changed afterwards"
                return count, Fault(line=row.ledger_line, why=why)
            count += 1
    by_line, fault = verify_by_line()
    if fault is not None:
        return count + by_line, fault
    bound, faults = verify_rows()
    return count + by_line + bound, faults[0] if faults else None


def verify_everything(outside: Sequence[Mapping[str, Any]] = ()) -> tuple[int, int, Fault | None]:
    """Check the ledger itself, also against seals that were kept outside, then the records that it binds.

    Lines checked, records checked, the first fault.
    """
    lines, fault = verify(outside=outside)
    if fault is not None:
        return lines, 0, fault
    records, fault = verify_records()
    return lines, records, fault


def _with_facts(rows: QuerySet[Any]) -> Iterator[tuple[Any, Mapping[str, Any]]]:
    """Each row with the facts of its ledger line, a thousand at a time."""
    chunk: list[Any] = []
    for row in rows.order_by("pk").iterator(chunk_size=CHUNK):
        chunk.append(row)
        if len(chunk) == CHUNK:
            yield from _joined_with_facts(chunk)
            chunk = []
    yield from _joined_with_facts(chunk)


def _joined_with_facts(chunk: list[Any]) -> Iterator[tuple[Any, Mapping[str, Any]]]:
    facts = facts_of_lines([row.ledger_line for row in chunk])
    return ((row, facts.get(row.ledger_line, {})) for row in chunk)


def _note(note: Note, facts: Mapping[str, Any]) -> bool:
    bound: bool = facts.get("bound", {}).get(note.about) == bind(note.text, salt=str(note.salt))
    return bound


def _decision(decision: TriageDecision, facts: Mapping[str, Any]) -> bool:
    """A redirection is recorded as a decision too, without a stream of its own."""
    if "route" in facts:
        return decision.override_code == "redirected"
    expected = {
        "stream": decision.stream,
        "override": decision.override_code,
        "investigations": decision.investigations,
        "urgency": decision.investigations_urgency,
        "advice": decision.advice,
    }
    return all(facts.get(name) == value for name, value in expected.items())


def _event(event: Event, facts: Mapping[str, Any]) -> bool:
    """Kind, true instant and data. Completed findings are bound by their assessment.

    A fact reported for a merged referral stays there; its line is on the continuing case.
    """
    if not _is_of_kind(event, facts) or not _at_its_instant(event.occurred_at, facts):
        return False
    if "bound" not in facts or "data" not in facts["bound"]:
        return event.kind == "findings_completed"
    salts = [str(event.salt)] if event.salt else _episodes_of(event.referral)
    return any(facts["bound"]["data"] == bind(event.data, salt=salt) for salt in salts)


def _is_of_kind(event: Event, facts: Mapping[str, Any]) -> bool:
    """A line that settles a finding names it; with a report it confirms the finding, without one it withdraws it."""
    if "event" in facts:
        return bool(facts["event"] == event.kind)
    settles = (FINDING_CONFIRMED if "report" in facts else FINDING_WITHDRAWN) if "finding" in facts else None
    return event.kind == settles if settles else event.kind not in (FINDING_CONFIRMED, FINDING_WITHDRAWN)


def _at_its_instant(occurred_at: datetime, facts: Mapping[str, Any]) -> bool:
    return "occurred_at" not in facts or bool(facts["occurred_at"] == rfc3339(occurred_at))


def _unmatched_fact(row: UnmatchedFact, facts: Mapping[str, Any]) -> bool:
    """Person, kind, true instant and data of an unmatched fact."""
    bound = bind([row.patient, row.data], salt=str(row.salt))
    as_kept: bool = facts.get("event") == row.kind and facts.get("bound", {}).get("unmatched") == bound
    return as_kept and _at_its_instant(row.occurred_at, facts)


def _merge(merge: Merge, facts: Mapping[str, Any]) -> bool:
    """The case that a referral was merged into."""
    into: bool = facts.get("into") == merge.into_id
    return into


def _episodes_of(case: Referral) -> list[str]:
    """The numbers of every episode of a referral: a merge moves it to another episode."""
    earlier = case.history.values_list("episode_id", flat=True).distinct()
    return [str(case.episode_id), *(str(number) for number in earlier)]


def _detail(detail: Detail, facts: Mapping[str, Any]) -> bool:
    bound: bool = facts.get("bound", {}).get(detail.path) == bind(detail.value, salt=str(detail.salt))
    return bound


def _letter(letter: Letter, facts: Mapping[str, Any]) -> bool:
    bound: bool = facts.get("bound", {}).get("letter") == bind(letter.content, salt=str(letter.salt))
    return bound


def _statement(statement: Statement, facts: Mapping[str, Any]) -> bool:
    bound: bool = facts.get("bound", {}).get("content") == bind(statement.content, salt=str(statement.salt))
    return bound


def _assessment(assessment: Assessment, facts: Mapping[str, Any]) -> bool:
    content = [assessment.presentation, assessment.result]
    if assessment.course is not None:  # since the guideline follows the course of a case
        content += [assessment.course, assessment.care]
    bound: bool = facts.get("bound", {}).get("assessment") == bind(content, salt=str(assessment.salt))
    return bound


CHECKS: tuple[tuple[Callable[[], QuerySet[Any]], Callable[[Any, Mapping[str, Any]], bool]], ...] = (
    (Note.objects.all, _note),
    (TriageDecision.objects.all, _decision),
    (lambda: Event.objects.select_related("referral"), _event),
    (Assessment.objects.all, _assessment),
    (Detail.objects.all, _detail),
    (Letter.objects.all, _letter),
    (UnmatchedFact.objects.all, _unmatched_fact),
    (Merge.objects.all, _merge),
    *((table._default_manager.all, _statement) for table in STATEMENTS),
)
