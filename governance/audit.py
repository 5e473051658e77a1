"""The audit trail: lines by case, person, kind and time; each decision with the data at that time."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from accounts.models import ApiClient, User
from accounts.names import names_of
from accounts.people import role_in_words
from governance.audit_kinds import COUNTED, count_in_words
from governance.audit_words import own_details
from kernel.actors import Actor
from kernel.identifiers import Reference
from kernel.time import in_words
from ledger.kinds import Kind
from ledger.read import Entry, Search, entries
from referrals.case.line_words import details_of, people_of, title_of
from referrals.case.models import Note, Referral, TriageDecision
from referrals.case.openings import closed_numbers
from triage.assess import replay
from triage.guideline.findings import QUESTIONS, answer_in_words, from_json
from triage.guideline.rule import STREAM_WORDS, Stream
from triage.models import Assessment

PER_PAGE = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditLine:
    """One line of the ledger in words, with the reason from the case record while that exists."""

    number: int
    at: str
    witnessed_at: str
    act: str
    kind: str
    actor: str
    role: str
    organisation: str
    reference: str
    details: Sequence[str]
    why: str
    is_decision: bool
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRow:
    """One line, or a run of lines of the service under one heading."""

    lines: Sequence[AuditLine]
    words: str = ""  # of a run


def fold(lines: Iterable[AuditLine]) -> tuple[AuditRow, ...]:
    """The same lines in rows: consecutive lines of the service itself are one row."""
    rows: list[AuditRow] = []
    for quiet, run in groupby(lines, key=lambda line: line.kind in COUNTED):
        lines_of_run = tuple(run)
        if quiet and len(lines_of_run) > 1:
            rows.append(
                AuditRow(lines=lines_of_run, words=count_in_words(line.kind for line in lines_of_run))
            )
        else:
            rows.extend(AuditRow(lines=(line,)) for line in lines_of_run)
    return tuple(rows)


def audit_lines(search: Search, *, before: int | None = None, by: Actor) -> tuple[AuditLine, ...]:
    """A page of the trail, newest first: four queries, however many lines.

    The words of a restricted record that is closed to the reader are left out: they may name somebody.
    """
    rows = entries(search, before=before, limit=PER_PAGE)
    people = {key for entry in rows for key, _ in people_of(entry)}
    holders = {entry.shared["holder"] for entry in rows if "holder" in entry.shared}
    names = names_of({entry.actor for entry in rows} | people | holders)
    notes = dict(
        Note.objects.filter(ledger_line__in=[entry.number for entry in rows])
        .exclude(referral__in=closed_numbers(by))
        .values_list("ledger_line", "text")
    )
    return tuple(_line(entry, names=names, notes=notes) for entry in rows)


def _line(entry: Entry, *, names: Mapping[str, str], notes: Mapping[int, str]) -> AuditLine:
    return AuditLine(
        number=entry.number,
        at=in_words(entry.at),
        witnessed_at=in_words(entry.witnessed_at),
        act=title_of(entry),
        kind=entry.kind,
        actor=names[entry.actor],
        role=role_in_words(entry.role),
        organisation=entry.organisation,
        reference=str(Reference.of(entry.case)) if entry.case else "",
        details=own_details(entry, names) or details_of(entry, names),
        why=notes.get(entry.number, ""),
        is_decision=entry.kind in (Kind.REFERRAL_TRIAGED, Kind.REFERRAL_REDIRECTED),
        hash=entry.hash,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRecord:
    """One decision with the data of its screen: findings, the guideline's answer, the decision and its reason."""

    case: int
    line: AuditLine
    decision: str
    suggestion: str
    ruleset: str
    findings: Sequence[tuple[str, str]]
    because: Sequence[str]
    advice: Sequence[str]
    replays: bool  # that ruleset gives the same answer today
    advice_by_topic: Mapping[str, Any]


def decision_record(number: int, *, by: Actor) -> DecisionRecord | None:
    """The decision of a ledger line; None for any other line."""
    decision = TriageDecision.objects.filter(ledger_line=number).first()
    if decision is None:
        return None
    assessment = Assessment.objects.get(pk=decision.assessment)
    case = Referral.objects.only("pk").get(pk=decision.referral_id)
    line = next(
        line for line in audit_lines(Search(case=case.pk), before=number + 1, by=by) if line.number == number
    )
    presentation = from_json(assessment.presentation)
    return DecisionRecord(
        case=case.pk,
        line=line,
        decision=STREAM_WORDS[Stream(decision.stream)],
        suggestion=STREAM_WORDS[Stream(decision.suggested_stream)],
        ruleset=f"NG234 edition {assessment.edition}, ruleset {assessment.ruleset}",
        findings=tuple((question.label, answer_in_words(presentation, question)) for question in QUESTIONS),
        because=tuple(assessment.result["because"]),
        advice=tuple(advice["text"] for advice in assessment.result["advice"]),
        replays=replay(assessment),
        advice_by_topic=decision.advice,
    )


def people() -> list[tuple[str, str]]:
    """The people and then the hospital systems to filter by, each with key and name."""
    users = User.objects.order_by("name").values_list("pk", "name")
    systems = ApiClient.objects.order_by("name").values_list("pk", "name")
    return [
        *((f"user:{pk}", name) for pk, name in users),
        *((f"client:{pk}", f"{name} (hospital system)") for pk, name in systems),
    ]
