"""A case as it stood at an instant, rebuilt from history and ledger, with the proof that these are unchanged."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from accounts.names import names_of
from kernel.time import duration_in_words, in_words
from ledger.kinds import Kind
from ledger.read import Entry, Search, chain_holds, entries, line_at
from ledger.seal import first_seal_with
from oncall.kinds import KIND_AT, STOPPED_WORDS
from oncall.models import Clock
from referrals.case.line_words import details_of, people_of, title_of
from referrals.case.models import Referral
from referrals.case.states import STATUS_WORDS, Status
from triage.guideline.findings import QUESTIONS, answer_in_words, from_json
from triage.guideline.rule import STREAM_WORDS, Stream
from triage.models import Assessment

TELLS = (
    Kind.PAGE_SENT,
    Kind.PAGE_ANSWERED,
    Kind.NOTICE_SENT,
    Kind.MESSAGE_SENT,
    Kind.LETTER_ISSUED,
    Kind.CONTACT_LOGGED,
)
MOST_TOLD = 100
A_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockThen:
    """One time limit as it stood."""

    label: str
    due: str
    state: str
    overdue: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """The newest line of that instant, whether the chain up to it holds, and the seal that holds it."""

    line: int
    hash: str
    holds: bool
    seal: int | None
    sealed_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A case at an instant. It names no patient."""

    at: str
    status: str
    stream: str
    suggested: str
    owner: str
    version: int
    ruleset: str
    because: Sequence[str]
    advice: Sequence[str]
    findings: Sequence[tuple[str, str]]
    clocks: Sequence[ClockThen]
    told: Sequence[str]  # the last of them, where `told_more` says that there are more
    told_more: bool
    proof: Proof


def moment(case: Referral, *, at: datetime) -> Moment | None:
    """The case at an instant; None before it was sent. A constant number of queries."""
    rows: Any = Referral.history
    then = rows.filter(id=case.pk, history_date__lte=at).order_by("-history_date", "-history_id").first()
    newest = entries(Search(case=case.pk, until=at + A_MOMENT, with_views=False), limit=1)
    if then is None or not newest:
        return None
    assessment = Assessment.objects.filter(case=case.pk, at__lte=at).order_by("-id").first()
    presentation = from_json(then.presentation)
    lines = _tells(case, at=at)
    claimed = then.claimed_until is not None and then.claimed_until > at
    return Moment(
        at=in_words(at),
        status=_words(STATUS_WORDS, Status, then.status),
        stream=_words(STREAM_WORDS, Stream, then.stream),
        suggested=_words(STREAM_WORDS, Stream, then.suggested_stream)
        + (", provisional" if then.provisional else ""),
        owner=then.claimed_by_name if claimed else "",
        version=then.version,
        ruleset=f"NG234 edition {assessment.edition}, ruleset {assessment.ruleset}" if assessment else "",
        because=tuple(assessment.result["because"]) if assessment else (),
        advice=tuple(advice["text"] for advice in assessment.result["advice"]) if assessment else (),
        findings=tuple((question.label, answer_in_words(presentation, question)) for question in QUESTIONS),
        clocks=tuple(_clocks(case, at=at)),
        told=tuple(_told(lines[-MOST_TOLD:])),
        told_more=len(lines) > MOST_TOLD,
        proof=_proof(case, newest[0]),
    )


def instant_of(number: int, case: Referral) -> datetime | None:
    """When the act of a line of this case happened; None for a line of anything else."""
    line = line_at(number)
    return line.at if line is not None and line.case == case.pk else None


def _clocks(case: Referral, *, at: datetime) -> Iterator[ClockThen]:
    rows: Any = Clock.history
    versions = rows.filter(case=case.pk, history_date__lte=at).order_by("id", "-history_date", "-history_id")
    for row in sorted(versions.distinct("id"), key=lambda each: each.due_at):
        kind = KIND_AT.get(row.kind)
        stopped = row.stopped_at is not None and row.stopped_at <= at
        overdue = not stopped and row.due_at <= at
        if stopped:
            state = f"stopped {in_words(row.stopped_at)}: {STOPPED_WORDS.get(row.stopped_because, row.stopped_because)}"
        else:
            state = f"{'overdue by' if overdue else 'running,'} {duration_in_words(abs(row.due_at - at))}"
        yield ClockThen(
            label=kind.label if kind else row.kind,
            due=in_words(row.due_at),
            state=state if stopped or overdue else f"{state} left",
            overdue=overdue,
        )


def _tells(case: Referral, *, at: datetime) -> list[Entry]:
    """The lines that say who was told up to then, the oldest first; one more than are shown, if there are more."""
    search = Search(case=case.pk, until=at + A_MOMENT, only=frozenset(TELLS))
    return list(reversed(entries(search, limit=MOST_TOLD + 1)))


def _told(lines: Sequence[Entry]) -> Iterator[str]:
    """Who was told what, in words."""
    people = {key for line in lines for key, _ in people_of(line)}
    names = names_of({line.actor for line in lines} | people)
    for line in lines:
        details = ", ".join(filter(None, details_of(line, names)))
        yield f"{in_words(line.at)}: {title_of(line)}{', ' + details if details else ''}, by {names[line.actor]}"


def _proof(case: Referral, newest: Entry) -> Proof:
    seal = first_seal_with(newest.number)
    return Proof(
        line=newest.number,
        hash=newest.hash,
        holds=chain_holds(case.pk, until=newest.number),
        seal=seal["number"] if seal else None,
        sealed_at=seal["made_at"] if seal else "",
    )


def _words(words: Any, codes: Any, code: str) -> str:
    """The words of a code; an unknown one of a later version as it stands."""
    return str(words[codes(code)]) if code in set(codes) else code
