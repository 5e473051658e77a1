"""Checks that the records still match the ledger: texts, decisions, events, assessments.

A lawfully deleted record is no fault; an altered one is. Unmatched facts and merges must not be missing:
governance.identity_verification reads their lines.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from governance.identity_verification import is_erased, verify_by_line
from kernel.time import rfc3339
from ledger.append import bind
from ledger.check import verify
from ledger.facts import Bound, Facts
from ledger.fault import Fault
from ledger.read import facts_of_lines
from ledger.records import verify_rows
from mdt.line_facts import StatementSigned
from mdt.models import STATEMENTS, Statement
from referrals.case.line_facts import (
    CasesMerged,
    DetailsRecorded,
    EventRecorded,
    FactKeptUnmatched,
    FindingConfirmed,
    LetterIssued,
    ReferralRedirected,
    ReferralTriaged,
)
from referrals.case.models import Detail, Event, Letter, Merge, Note, Referral, TriageDecision, UnmatchedFact
from referrals.evidence.facts import FINDING_CONFIRMED, FINDING_WITHDRAWN
from triage.line_facts import ReferralAssessed
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


def _with_facts(rows: QuerySet[Any]) -> Iterator[tuple[Any, Facts]]:
    """Each row with the facts of its ledger line, a thousand at a time."""
    chunk: list[Any] = []
    for row in rows.order_by("pk").iterator(chunk_size=CHUNK):
        chunk.append(row)
        if len(chunk) == CHUNK:
            yield from _joined_with_facts(chunk)
            chunk = []
    yield from _joined_with_facts(chunk)


def _joined_with_facts(chunk: list[Any]) -> Iterator[tuple[Any, Facts]]:
    facts = facts_of_lines([row.ledger_line for row in chunk])
    return ((row, facts.get(row.ledger_line, Facts())) for row in chunk)


def _note(note: Note, facts: Bound) -> bool:
    return facts.get("bound", {}).get(note.about) == bind(note.text, salt=str(note.salt))


def _decision(decision: TriageDecision, facts: ReferralTriaged | ReferralRedirected) -> bool:
    """A redirection is recorded as a decision too, without its own stream."""
    if "route" in facts:
        return decision.override_code == "redirected"
    return (
        facts.get("stream") == decision.stream
        and facts.get("override") == decision.override_code
        and facts.get("investigations") == decision.investigations
        and facts.get("urgency") == decision.investigations_urgency
        and facts.get("advice") == decision.advice
    )


def _event(event: Event, facts: EventRecorded | FindingConfirmed) -> bool:
    """Kind, true instant and data. Completed findings are bound by their assessment.

    A fact reported for a merged referral stays there; its line is on the continuing case.
    """
    if not _is_of_kind(event, facts) or not _is_at(event.occurred_at, facts.get("occurred_at")):
        return False
    if "bound" not in facts or "data" not in facts["bound"]:
        return event.kind == "findings_completed"
    salts = [str(event.salt)] if event.salt else _episodes_of(event.referral)
    return any(facts["bound"]["data"] == bind(event.data, salt=salt) for salt in salts)


def _is_of_kind(event: Event, facts: EventRecorded | FindingConfirmed) -> bool:
    """A line that settles a finding names it; with a report it confirms the finding, without one it withdraws it."""
    if "event" in facts:
        return facts.get("event") == event.kind
    settles = (FINDING_CONFIRMED if "report" in facts else FINDING_WITHDRAWN) if "finding" in facts else None
    return event.kind == settles if settles else event.kind not in (FINDING_CONFIRMED, FINDING_WITHDRAWN)


def _is_at(occurred_at: datetime, told_at: object) -> bool:
    """Whether a line, if it has an instant, has this one."""
    return told_at is None or told_at == rfc3339(occurred_at)


def _unmatched_fact(row: UnmatchedFact, facts: FactKeptUnmatched) -> bool:
    """Person, kind, true instant and data of an unmatched fact; of one whose person was erased, kind and instant."""
    bound = bind([row.patient, row.data], salt=str(row.salt))
    as_kept = is_erased(row) or facts.get("bound", {}).get("unmatched") == bound
    return as_kept and facts.get("event") == row.kind and _is_at(row.occurred_at, facts.get("occurred_at"))


def _merge(merge: Merge, facts: CasesMerged) -> bool:
    """The case that a referral was merged into."""
    return facts.get("into") == merge.into_id


def _episodes_of(case: Referral) -> list[str]:
    """The numbers of every episode of a referral: a merge moves it to another episode."""
    earlier = case.history.values_list("episode_id", flat=True).distinct()
    return [str(case.episode_id), *(str(number) for number in earlier)]


def _detail(detail: Detail, facts: DetailsRecorded) -> bool:
    return facts.get("bound", {}).get(detail.path) == bind(detail.value, salt=str(detail.salt))


def _letter(letter: Letter, facts: LetterIssued) -> bool:
    return facts.get("bound", {}).get("letter") == bind(letter.content, salt=str(letter.salt))


def _statement(statement: Statement, facts: StatementSigned) -> bool:
    return facts.get("bound", {}).get("content") == bind(statement.content, salt=str(statement.salt))


def _assessment(assessment: Assessment, facts: ReferralAssessed) -> bool:
    content: list[Any] = [assessment.presentation, assessment.result]
    if assessment.course is not None:  # since the guideline follows the course of a case
        content += [assessment.course, assessment.care]
    return facts.get("bound", {}).get("assessment") == bind(content, salt=str(assessment.salt))


CHECKS: tuple[tuple[Callable[[], QuerySet[Any]], Callable[[Any, Any], bool]], ...] = (
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
