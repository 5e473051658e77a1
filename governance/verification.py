"""Whether the records still say what the ledger bound: texts, decisions, events, assessments.

A record that was lawfully deleted is no fault; one that was altered is. Kept facts and merges may not be
missing: governance.bound_identity goes through their lines.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from governance.identity_verification import verify_by_line
from kernel.time import rfc3339
from ledger.append import bind
from ledger.read import facts_of_lines
from ledger.seal import Fault, verify
from mdt.models import STATEMENTS, Statement
from referrals.case.models import Detail, Event, Letter, Merge, Note, Referral, TriageDecision, UnmatchedFact
from referrals.evidence.facts import FINDING_CONFIRMED, FINDING_WITHDRAWN
from triage.models import Assessment

CHUNK = 1000


def verify_records() -> tuple[int, Fault | None]:
    """How many records were checked, and the first that is not what its ledger line says."""
    checked = 0
    for rows, fits in CHECKS:
        for row, facts in _with_facts(rows()):
            if not fits(row, facts):
                why = f"the {row._meta.verbose_name} that belongs to it was changed afterwards"
                return checked, Fault(line=row.ledger_line, why=why)
            checked += 1
    by_line, fault = verify_by_line()
    return checked + by_line, fault


def verify_everything() -> tuple[int, int, Fault | None]:
    """The ledger itself, then what it binds: lines checked, records checked, the first fault."""
    lines, fault = verify()
    if fault is not None:
        return lines, 0, fault
    records, fault = verify_records()
    return lines, records, fault


def _with_facts(rows: QuerySet[Any]) -> Iterator[tuple[Any, dict[str, Any]]]:
    """Each row with the facts of its ledger line, a thousand at a time."""
    chunk: list[Any] = []
    for row in rows.order_by("pk").iterator(chunk_size=CHUNK):
        chunk.append(row)
        if len(chunk) == CHUNK:
            yield from _joined(chunk)
            chunk = []
    yield from _joined(chunk)


def _joined(chunk: list[Any]) -> Iterator[tuple[Any, dict[str, Any]]]:
    facts = facts_of_lines([row.ledger_line for row in chunk])
    return ((row, facts.get(row.ledger_line, {})) for row in chunk)


def _note(note: Note, facts: dict[str, Any]) -> bool:
    bound: bool = facts.get("bound", {}).get(note.about) == bind(note.text, salt=str(note.salt))
    return bound


def _decision(decision: TriageDecision, facts: dict[str, Any]) -> bool:
    """A redirection is recorded as a decision too; it has no stream of its own."""
    if "route" in facts:
        return decision.override_code == "redirected"
    recorded = {
        "stream": decision.stream,
        "override": decision.override_code,
        "investigations": decision.investigations,
        "urgency": decision.investigations_urgency,
        "advice": decision.advice,
    }
    return all(facts.get(name) == value for name, value in recorded.items())


def _event(event: Event, facts: dict[str, Any]) -> bool:
    """Kind, true instant and data. Findings that were completed are bound by their assessment.

    A fact that was told of a merged referral stands there; its line is of the case that went on.
    """
    if not _is_of_kind(event, facts) or not _at_its_instant(event.occurred_at, facts):
        return False
    if "bound" not in facts or "data" not in facts["bound"]:
        return event.kind == "findings_completed"
    salts = [str(event.salt)] if event.salt else _episodes_of(event.referral)
    return any(facts["bound"]["data"] == bind(event.data, salt=salt) for salt in salts)


def _is_of_kind(event: Event, facts: dict[str, Any]) -> bool:
    """What settles a finding names it, and the report against which it was confirmed."""
    if "event" in facts:
        return bool(facts["event"] == event.kind)
    settles = (FINDING_CONFIRMED if "report" in facts else FINDING_WITHDRAWN) if "finding" in facts else None
    return event.kind == settles if settles else event.kind not in (FINDING_CONFIRMED, FINDING_WITHDRAWN)


def _at_its_instant(occurred_at: datetime, facts: dict[str, Any]) -> bool:
    return "occurred_at" not in facts or bool(facts["occurred_at"] == rfc3339(occurred_at))


def _unmatched(row: UnmatchedFact, facts: dict[str, Any]) -> bool:
    """Person, kind, true instant and data of a fact that was kept without a referral."""
    bound = bind([row.patient, row.data], salt=str(row.salt))
    as_kept: bool = facts.get("event") == row.kind and facts.get("bound", {}).get("unmatched") == bound
    return as_kept and _at_its_instant(row.occurred_at, facts)


def _merge(merge: Merge, facts: dict[str, Any]) -> bool:
    """Which case a merged referral went into."""
    into: bool = facts.get("into") == merge.into_id
    return into


def _episodes_of(case: Referral) -> list[str]:
    """The numbers of every episode that a referral has belonged to: a merge moves it to another's."""
    earlier = case.history.values_list("episode_id", flat=True).distinct()
    return [str(case.episode_id), *(str(number) for number in earlier)]


def _detail(detail: Detail, facts: dict[str, Any]) -> bool:
    bound: bool = facts.get("bound", {}).get(detail.path) == bind(detail.value, salt=str(detail.salt))
    return bound


def _letter(letter: Letter, facts: dict[str, Any]) -> bool:
    bound: bool = facts.get("bound", {}).get("letter") == bind(letter.content, salt=str(letter.salt))
    return bound


def _statement(statement: Statement, facts: dict[str, Any]) -> bool:
    bound: bool = facts.get("bound", {}).get("content") == bind(statement.content, salt=str(statement.salt))
    return bound


def _assessment(assessment: Assessment, facts: dict[str, Any]) -> bool:
    content = [assessment.presentation, assessment.result]
    if assessment.course is not None:  # since the guideline follows the course of a case
        content += [assessment.course, assessment.care]
    bound: bool = facts.get("bound", {}).get("assessment") == bind(content, salt=str(assessment.salt))
    return bound


CHECKS: tuple[tuple[Callable[[], QuerySet[Any]], Callable[[Any, dict[str, Any]], bool]], ...] = (
    (Note.objects.all, _note),
    (TriageDecision.objects.all, _decision),
    (lambda: Event.objects.select_related("referral"), _event),
    (Assessment.objects.all, _assessment),
    (Detail.objects.all, _detail),
    (Letter.objects.all, _letter),
    (UnmatchedFact.objects.all, _unmatched),
    (Merge.objects.all, _merge),
    *((table._default_manager.all, _statement) for table in STATEMENTS),
)
