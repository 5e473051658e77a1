"""Questions, opinions and decisions as they are read."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.people import SPECIALTY_WORDS
from accounts.service import SETTING_AT, Service
from kernel.time import from_rfc3339, near
from mdt.consensus import DECISION, OPINION, QUORUM_OF, names_in
from mdt.content import lines
from mdt.models import Decision, Listing, Meeting, Opinion
from mdt.queries import decisions_of, listings_of
from mdt.web.obligation_lines import AwaitedOpinion
from oncall.kinds import ClockKind
from referrals.case.models import Referral
from referrals.intake.codes import DISCUSSIONS, MDT_QUESTIONS


@dataclass(frozen=True, slots=True, kw_only=True)
class MdtQuestionLine:
    topic: str
    words: str
    how: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One signed version: who, when, and what it says."""

    number: int
    by: str
    text: str
    facts: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpinionLine:
    """One specialty: its opinion with the versions before, and whether it is asked and waited for."""

    specialty: str
    newest: Version | None
    earlier: Sequence[Version]
    waits: str
    overdue: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionLine:
    """One decision: what, who was there, who dissented, and what was missing."""

    number: int
    when: str
    outcomes: str
    facts: Sequence[tuple[str, str]]
    agreed: Sequence[str]
    dissented: Sequence[str]
    missing: str
    signed: str


def meeting_words(meeting: Meeting, *, at: datetime) -> str:
    """When a meeting starts and where, for one line."""
    return f"Meeting {near(meeting.starts_at, at=at)}, {meeting.place}"


def question_lines(case: Referral, *, at: datetime) -> tuple[MdtQuestionLine, ...]:
    """Every question of the case to the MDT, those that count now first: one query for the rows."""
    rows = listings_of(case)
    return tuple(question_line(row, at=at) for row in now_first(rows))


def now_first(rows: Iterable[Listing]) -> list[Listing]:
    """Questions that are asked now before those for a meeting, each in the order in which they came."""
    return sorted(rows, key=lambda row: row.discussion != "virtual_urgent")


def question_line(row: Listing, *, at: datetime) -> MdtQuestionLine:
    """What was asked and of whom; `note` comes with the row."""
    specialties = ", ".join(SPECIALTY_WORDS[code].lower() for code in row.asked)
    return MdtQuestionLine(
        topic=MDT_QUESTIONS[row.question],
        words=row.note.text if row.note else "",
        how=DISCUSSIONS[row.discussion].split(",")[0] + (f", asked of {specialties}" if specialties else ""),
        by=f"{row.by_name}, {near(row.at, at=at)}",
    )


def opinion_lines(
    opinions: Iterable[Opinion], obligations: Iterable[AwaitedOpinion], *, at: datetime
) -> tuple[OpinionLine, ...]:
    """Every specialty, with its opinion or that it is awaited; `obligations` are the opinions that were asked for."""
    versions: dict[str, list[Opinion]] = {code: [] for code in SPECIALTY_WORDS}
    for row in opinions:
        versions[row.specialty].append(row)
    waiting = {line.owed_by: line for line in obligations if line.kind == ClockKind.SPECIALIST_OPINION}
    result = []
    for code, words in SPECIALTY_WORDS.items():
        line = waiting.get(code)
        rows = sorted(versions[code], key=lambda row: -row.version)
        result.append(
            OpinionLine(
                specialty=words,
                newest=_version(rows[0], at=at) if rows else None,
                earlier=tuple(_version(row, at=at) for row in rows[1:]),
                waits=f"Asked: {line.on_call}, {line.left}" if line else "",
                overdue=line.overdue if line else False,
            )
        )
    return tuple(result)


def _version(row: Opinion, *, at: datetime) -> Version:
    specs = [spec for spec in OPINION if spec.name not in ("words", "given_by", "given_at")]
    signed = "" if row.content["given_by"].startswith(row.by_name) else f"; recorded by {row.by_name}"
    return Version(
        number=row.version,
        by=f"{row.content['given_by']}, {near(from_rfc3339(row.content['given_at']), at=at)}{signed}",
        text=row.content["words"],
        facts=lines(specs, row.content),
    )


def decision_lines(case: Referral, *, at: datetime) -> tuple[DecisionLine, ...]:
    """The newest first."""
    rows = decisions_of(case)
    return tuple(decision_line(row, at=at) for row in rows)


def decision_line(row: Decision, *, at: datetime) -> DecisionLine:
    """One version of the decision, with who agreed, who dissented and in what words, and which specialties were missing."""
    voices = [
        (position, f"{SPECIALTY_WORDS[position['specialty']]}: {position.get('name', '')}")
        for position in row.content["positions"]
    ]
    where = meeting_words(row.meeting, at=at) if row.meeting else "urgent discussion"
    outcomes = next(words for label, words in lines(DECISION, row.content) if label == "Decided")
    return DecisionLine(
        number=row.version,
        when=f"{near(row.decided_at, at=at)}, {where}",
        outcomes=outcomes,
        facts=tuple(pair for pair in lines(DECISION[2:], row.content)),
        agreed=tuple(words for position, words in voices if position["position"] == "agrees"),
        dissented=tuple(
            f"{words}: “{position['words']}”"
            for position, words in voices
            if position["position"] == "dissents"
        ),
        missing=", ".join(SPECIALTY_WORDS[position].lower() for position in row.content["missing"]),
        signed=f"Signed by {row.by_name}, {near(row.at, at=at)}, version {row.version}",
    )


def quorum_lines(service: Service) -> tuple[tuple[str, str], ...]:
    """The quorum of each kind of decision, as set by the service."""
    keys = dict.fromkeys((*QUORUM_OF.values(), "quorum_other"))
    return tuple(
        (SETTING_AT[key].label, ", ".join(SPECIALTY_WORDS[code].lower() for code in names_in(service[key])))
        for key in keys
    )
