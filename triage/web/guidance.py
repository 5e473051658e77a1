"""A triage result, stored or fresh, ready to print."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from kernel.time import duration_in_words, from_rfc3339, near
from kernel.words import Words
from triage.guideline.advice import ADVICE_AT
from triage.guideline.care import CARE_AT
from triage.guideline.findings import QUESTION_AT
from triage.guideline.rows.row import STAGE_WORDS
from triage.guideline.rule import STREAM_WORDS, Citation, ContactUrgency, Stream
from triage.guideline.ruleset import NEWEST, RULESETS
from triage.guideline.stored import StoredAdvice, StoredCare, StoredLimit, StoredResult, StoredSource

STRENGTH_WORDS = {"offer": "Offer", "consider": "Consider", "do_not": "Do not", "act": "Do"}
CONTACT_WORDS = {
    ContactUrgency.IMMEDIATELY: "Ring the MSCC coordinator now",
    ContactUrgency.WITHIN_24_HOURS: "Get the MSCC coordinator's advice within 24 hours",
    ContactUrgency.URGENT_ONCOLOGY_REFERRAL: "Refer for urgent oncology assessment",
    ContactUrgency.NONE: "No contact is asked for by this pathway",
}
LIMIT_LABELS = Words(
    {
        "acknowledge": "A human acknowledges",
        "voice_contact": "The coordinator speaks to you",
        "coordinator_advice": "Coordinator's advice",
        "mri": "MRI of the whole spine",
        "treatment_plan": "Treatment plan",
        "stability_advice": "Expert advice on spinal stability",
    }
)
FOR_COORDINATOR = {"voice_contact": "Speak to the referrer"}


@dataclass(frozen=True, slots=True, kw_only=True)
class AdviceLine:
    code: str
    strength: str
    text: str
    sources: str
    topic: str
    done: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CareGroup:
    """What the guideline says of one stage of treatment and care."""

    title: str
    lines: Sequence[AdviceLine]


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
    care: Sequence[CareGroup] = ()
    cautions: Sequence[str] = ()


NO_CARE: StoredCare = {"care": [], "cautions": [], "because": []}
# Advice for referrers only: the coordinator is the person they ring.
TO_THE_REFERRER = frozenset({"contact_coordinator_immediately", "seek_coordinator_advice_24h"})


def guidance(
    result: StoredResult,
    *,
    at: datetime,
    acknowledged: bool = False,
    for_coordinator: bool = False,
    care: StoredCare | None = None,
    answers: Mapping[str, str] = {},  # never changed
    numbers: Mapping[str, str] = {},
) -> Guidance:
    """The guidance of a triage result in the shape of the API; `acknowledged` once a human has taken it up.

    `care` is what the course of the case adds. `answers` says by advice code what was done. `numbers` holds the
    numbers of recommendations that a lead has confirmed, by row id.
    """
    care = care or NO_CARE
    stream = Stream(result["stream"])
    return Guidance(
        stream=stream.value,
        stream_words=STREAM_WORDS[stream] + (", provisional" if result["provisional"] else ""),
        provisional=result["provisional"],
        at_once=result["contact"] == ContactUrgency.IMMEDIATELY and not acknowledged,
        contact=CONTACT_WORDS[ContactUrgency(result["contact"])],
        limits=tuple(
            _limit(clock, at=at, for_coordinator=for_coordinator)
            for clock in result["clocks"]
            if not (acknowledged and clock["kind"] == "acknowledge")
        ),
        advice=tuple(
            _advice(advice, answers, numbers)
            for advice in result["advice"]
            if not (for_coordinator and advice["code"] in TO_THE_REFERRER)
        ),
        warnings=tuple(warning["text"] for warning in result["warnings"]),
        because=tuple(_because(sentence, numbers) for sentence in (*result["because"], *care["because"])),
        ask_next=tuple(QUESTION_AT[path].label for path in result["ask_next"]),
        edition=result["guideline"]["edition"],
        ruleset=result["guideline"]["ruleset"],
        care=tuple(_groups(care["care"], answers, numbers)),
        cautions=tuple(caution["text"] for caution in care["cautions"]),
    )


def _groups(
    lines: Sequence[StoredAdvice], answers: Mapping[str, str], numbers: Mapping[str, str]
) -> Iterator[CareGroup]:
    """The prompts by stage, in the order of the catalogue."""
    for stage, words in STAGE_WORDS.items():
        of_stage = [line for line in lines if CARE_AT[line["code"]].topic == stage]
        if of_stage:
            yield CareGroup(title=words, lines=tuple(_advice(line, answers, numbers) for line in of_stage))


def _limit(clock: StoredLimit, *, at: datetime, for_coordinator: bool) -> LimitLine:
    due = from_rfc3339(clock["due_at"]) if clock["due_at"] else None
    return LimitLine(
        label=(FOR_COORDINATOR if for_coordinator else LIMIT_LABELS).get(clock["kind"])
        or LIMIT_LABELS[clock["kind"]],
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


def _advice(advice: StoredAdvice, answers: Mapping[str, str], numbers: Mapping[str, str]) -> AdviceLine:
    code = advice["code"]
    return AdviceLine(
        code=code,
        strength=STRENGTH_WORDS[advice["strength"]],
        text=advice["text"],
        sources="; ".join(_words(source, code, numbers) for source in advice["sources"]),
        topic=(ADVICE_AT.get(code) or CARE_AT[code]).topic,
        done=answers.get(code, ""),
    )


def _words(source: StoredSource, code: str, numbers: Mapping[str, str]) -> str:
    """A source in words, with its number once it is confirmed."""
    for citation in _CITATIONS_OF.get(code, ()):
        if citation.as_json() == source:
            return citation.words_with(numbers)
    return Citation(row="", **source).words


def _because(sentence: str, numbers: Mapping[str, str]) -> str:
    rule = _RULE_OF.get(sentence)
    return rule.because_with(numbers) if rule and numbers else sentence


def _sources(sources: Sequence[StoredSource]) -> str:
    return "; ".join(Citation(row="", **source).words for source in sources)


_RULE_OF = {rule.because: rule for ruleset in RULESETS for rule in ruleset.rules}
_CITATIONS_OF: dict[str, tuple[Citation, ...]] = {}
for _rule in (*NEWEST.advice_rules, *NEWEST.care_rules):
    _CITATIONS_OF[_rule.code] = (*_CITATIONS_OF.get(_rule.code, ()), *_rule.sources)
