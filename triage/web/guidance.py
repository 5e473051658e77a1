"""What the guideline says, ready to print: from a stored or a fresh triage result."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kernel.time import duration_in_words, from_rfc3339, near
from triage.guideline.advice import ADVICE_AT
from triage.guideline.findings import QUESTION_AT
from triage.guideline.rule import STREAM_WORDS, Citation, Contact, Stream

STRENGTH_WORDS = {"offer": "Offer", "consider": "Consider", "do_not": "Do not", "act": "Do"}
CONTACT_WORDS = {
    Contact.IMMEDIATELY: "Ring the MSCC coordinator now",
    Contact.WITHIN_24_HOURS: "Get the MSCC coordinator's advice within 24 hours",
    Contact.URGENT_ONCOLOGY_REFERRAL: "Refer for urgent oncology assessment",
    Contact.NONE: "No contact is asked for by this pathway",
}
LIMIT_LABELS = {
    "acknowledge": "A human acknowledges",
    "voice_contact": "The coordinator speaks to you",
    "coordinator_advice": "Coordinator's advice",
    "mri": "MRI of the whole spine",
    "treatment_plan": "Treatment plan",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AdviceLine:
    code: str
    strength: str
    text: str
    sources: str
    topic: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitLine:
    label: str
    limit: str
    due: str
    sources: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Guidance:
    """The stream, whom to contact, limits, advice, warnings, reasons, and what to ask next."""

    stream: str
    stream_words: str
    provisional: bool
    at_once: bool
    contact: str
    limits: Sequence[LimitLine]
    advice: Sequence[AdviceLine]
    warnings: Sequence[str]
    because: Sequence[str]
    ask_next: Sequence[str]
    edition: str
    ruleset: str


# What a coordinator is not told to do, being the one who is rung.
TO_THE_REFERRER = frozenset({"contact_coordinator_immediately", "seek_coordinator_advice_24h"})


def guidance(
    result: Mapping[str, Any], *, at: datetime, acknowledged: bool = False, for_coordinator: bool = False
) -> Guidance:
    """The guidance of a triage result as the API gives it; `acknowledged` once a human has taken it up."""
    stream = Stream(result["stream"])
    return Guidance(
        stream=stream.value,
        stream_words=STREAM_WORDS[stream] + (", provisional" if result["provisional"] else ""),
        provisional=result["provisional"],
        at_once=result["contact"] == Contact.IMMEDIATELY and not acknowledged,
        contact=CONTACT_WORDS[Contact(result["contact"])],
        limits=tuple(
            _limit(clock, at=at)
            for clock in result["clocks"]
            if not (acknowledged and clock["kind"] == "acknowledge")
        ),
        advice=tuple(
            _advice(advice)
            for advice in result["advice"]
            if not (for_coordinator and advice["code"] in TO_THE_REFERRER)
        ),
        warnings=tuple(warning["text"] for warning in result["warnings"]),
        because=tuple(result["because"]),
        ask_next=tuple(QUESTION_AT[path].label for path in result["ask_next"]),
        edition=result["guideline"]["edition"],
        ruleset=result["guideline"]["ruleset"],
    )


def _limit(clock: Mapping[str, Any], *, at: datetime) -> LimitLine:
    due = from_rfc3339(clock["due_at"]) if clock["due_at"] else None
    return LimitLine(
        label=LIMIT_LABELS[clock["kind"]],
        limit=limit_in_words(clock["limit_hours"]),
        due="" if due is None else _due(due, at=at),
        sources=_sources(clock["sources"]),
    )


def _due(due: datetime, *, at: datetime) -> str:
    left = duration_in_words(due - at)
    return f"{near(due, at=at)}, already {left} ago" if due < at else f"by {near(due, at=at)}, in {left}"


def limit_in_words(hours: float) -> str:
    """15 minutes, 24 hours, 1 week."""
    if hours < 1:
        return f"{round(hours * 60)} minutes"
    if hours == 168:
        return "1 week"
    return f"{hours:g} hour{'' if hours == 1 else 's'}"


def _advice(advice: Mapping[str, Any]) -> AdviceLine:
    return AdviceLine(
        code=advice["code"],
        strength=STRENGTH_WORDS[advice["strength"]],
        text=advice["text"],
        sources=_sources(advice["sources"]),
        topic=ADVICE_AT[advice["code"]].topic,
    )


def _sources(sources: Sequence[Mapping[str, Any]]) -> str:
    return "; ".join(Citation(row="", **source).words for source in sources)
