"""The answer of the guideline to a presentation: stream, contact, clocks, advice and reasons."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from kernel.time import as_utc, rfc3339
from triage.guideline import clocks as c
from triage.guideline.care import CARE_AT
from triage.guideline.contents import CITATION_AT
from triage.guideline.course import Course
from triage.guideline.findings import Presentation
from triage.guideline.normalisation import EMPTY_COURSE, Situation, StreamInputs, situation_of, stream_inputs
from triage.guideline.open_questions import ask_next, ask_next_before
from triage.guideline.recommendation import Advice
from triage.guideline.rule import AdviceRule, Citation, ContactUrgency, Rule, Stream, StreamRule, WarningRule
from triage.guideline.ruleset import NEWEST, Ruleset, in_force
from triage.guideline.stored import StoredAdvice, StoredCare, StoredResult


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockStart:
    """A clock that the result starts. `started_at` and `due_at` are None until the instant is known."""

    kind: str
    limit_hours: float
    starts: str
    started_at: datetime | None
    formal: bool
    sources: tuple[Citation, ...]

    @property
    def due_at(self) -> datetime | None:
        return self.started_at and as_utc(self.started_at) + timedelta(hours=self.limit_hours)


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenAdvice:
    advice: Advice
    rules: tuple[AdviceRule, ...]

    @property
    def sources(self) -> tuple[Citation, ...]:
        return tuple(dict.fromkeys(source for rule in self.rules for source in rule.sources))


@dataclass(frozen=True, slots=True, kw_only=True)
class Instants:
    """The instants that clocks start from, as far as they are known."""

    suspected_at: datetime | None = None
    mscc_suspected_at: datetime | None = None
    submitted_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TriageResult:
    """A suggestion with its reasons; a person decides."""

    stream: Stream
    provisional: bool
    contact: ContactUrgency
    clocks: tuple[ClockStart, ...]
    advice: tuple[GivenAdvice, ...]
    warnings: tuple[WarningRule, ...]
    because: tuple[str, ...]
    ask_next: tuple[str, ...]
    ruleset: Ruleset
    care: tuple[GivenAdvice, ...] = ()
    cautions: tuple[WarningRule, ...] = ()

    def care_json(self) -> StoredCare:
        """What the course of the case adds: prompts, cautions, and the reason for each."""
        because = [rule.because for line in self.care for rule in line.rules]
        return {
            "care": [_advice_json(line) for line in self.care],
            "cautions": [{"code": rule.code, "text": rule.says} for rule in self.cautions],
            "because": list(dict.fromkeys([*because, *(rule.because for rule in self.cautions)])),
        }

    def as_json(self) -> StoredResult:
        """The result as the API sends it and an assessment stores it."""
        return {
            "guideline": {"id": "NG234", "edition": self.ruleset.edition, "ruleset": self.ruleset.id},
            "stream": str(self.stream),
            "provisional": self.provisional,
            "contact": str(self.contact),
            "clocks": [
                {
                    "kind": clock.kind,
                    "limit_hours": clock.limit_hours,
                    "starts": clock.starts,
                    "due_at": rfc3339(clock.due_at) if clock.due_at else None,
                    "formal": clock.formal,
                    "sources": [source.as_json() for source in clock.sources],
                }
                for clock in self.clocks
            ],
            "advice": [_advice_json(line) for line in self.advice],
            "because": list(self.because),
            "ask_next": list(self.ask_next),
            "warnings": [{"code": warning.code, "text": warning.says} for warning in self.warnings],
        }


def _advice_json(line: GivenAdvice) -> StoredAdvice:
    return {
        "code": line.advice.code,
        "strength": str(line.advice.strength),
        "text": line.advice.text,
        "sources": [source.as_json() for source in line.sources],
    }


def evaluate(
    presentation: Presentation,
    *,
    at: datetime,
    instants: Instants = Instants(),
    promises: c.ServicePromises = c.DEFAULT_PROMISES,
    course: Course | None = None,
    ruleset: Ruleset | None = None,
) -> TriageResult:
    """The triage result of a presentation as it stands at an instant (aware, UTC).

    The `course` of a case adds advice on treatment and care. Without a `ruleset` the one in force at that instant
    counts.
    """
    ruleset = ruleset or in_force(at)
    inputs = stream_inputs(presentation, read_context=ruleset.read_context)
    reasons = tuple(_stream_rules(inputs, ruleset))
    stream, provisional = reasons[0].stream, reasons[0].provisional
    situation = situation_of(
        presentation, inputs, stream=stream, provisional=provisional, course=course or EMPTY_COURSE
    )
    bits = ruleset.criteria.of(situation)
    contact = ruleset.contacts.first(bits).contact
    clocks = (
        *clocks_to_acknowledge(stream=stream, contact=contact, instants=instants, promises=promises),
        *_clinical_clocks(situation, instants, ruleset),
    )
    if _over_limit(clocks, at):
        situation = replace(situation, over_limit=True)
        bits = ruleset.criteria.of(situation)
    advice_rules, warnings = ruleset.advice.holding(bits), tuple(ruleset.warnings.holding(bits))
    care, cautions = _care(situation, bits, course, ruleset)
    fired: tuple[Rule, ...] = (*reasons, *advice_rules, *warnings)
    ask = ask_next if ruleset.asks_by_trial else ask_next_before
    return TriageResult(
        stream=stream,
        provisional=provisional,
        contact=contact,
        clocks=clocks,
        advice=tuple(_lines(advice_rules, ruleset.texts)),
        warnings=warnings,
        because=tuple(dict.fromkeys(rule.because for rule in fired)),
        ask_next=tuple(ask(presentation, situation, bits=bits, ruleset=ruleset)),
        ruleset=ruleset,
        care=care,
        cautions=cautions,
    )


def _care(
    situation: Situation, bits: int, course: Course | None, ruleset: Ruleset
) -> tuple[tuple[GivenAdvice, ...], tuple[WarningRule, ...]]:
    if course is None:
        return (), ()
    prompts = ruleset.care.holding(bits)
    cautions = tuple(rule for rule in ruleset.care_warnings if rule.holds(situation))
    return tuple(_lines(prompts, CARE_AT)), cautions


def stream_of(inputs: StreamInputs, ruleset: Ruleset = NEWEST) -> tuple[Stream, bool]:
    """The stream and whether it is provisional: the first rule that holds."""
    return ruleset.stream_of(inputs)


def _stream_rules(inputs: StreamInputs, ruleset: Ruleset) -> Iterator[StreamRule]:
    """The first rule that holds, and the others of its step that hold too."""
    step = None
    for rule in ruleset.stream_rules:
        if step in (None, rule.step) and rule.holds(inputs):
            step = rule.step
            yield rule


def clocks_to_acknowledge(
    *,
    stream: str,
    contact: ContactUrgency,
    instants: Instants,
    promises: c.ServicePromises = c.DEFAULT_PROMISES,
) -> Iterator[ClockStart]:
    """The service's own promise that a human acknowledges, and speaks to the referrer if urgent."""
    kinds = [("acknowledge", promises.to_acknowledge(stream=stream, contact=contact))]
    if contact == ContactUrgency.IMMEDIATELY:
        kinds.append(("voice_contact", promises.voice_contact))
    for kind, hours in kinds:
        yield ClockStart(
            kind=kind,
            limit_hours=hours,
            starts=c.SUBMITTED_AT,
            started_at=instants.submitted_at,
            formal=False,
            sources=(CITATION_AT["SVC-ACK"],),
        )


def clocks_of_stream(
    presentation: Presentation, stream: Stream, *, instants: Instants
) -> tuple[ClockStart, ...]:
    """The clinical clocks of a stream that a person decided, whatever the rules suggest."""
    situation = situation_of(presentation, stream_inputs(presentation), stream=stream, provisional=False)
    return tuple(_clinical_clocks(situation, instants, NEWEST))


def _clinical_clocks(situation: Situation, instants: Instants, ruleset: Ruleset) -> Iterator[ClockStart]:
    for rule in ruleset.clock_rules:
        if rule.holds(situation):
            starts = rule.starts
            if starts == c.MSCC_SUSPECTED_AT and instants.mscc_suspected_at is None:
                starts = c.SUSPECTED_AT
            yield ClockStart(
                kind=rule.kind,
                limit_hours=rule.limit_hours,
                starts=starts,
                started_at={
                    c.MSCC_SUSPECTED_AT: instants.mscc_suspected_at,
                    c.SUSPECTED_AT: instants.suspected_at,
                    c.SUBMITTED_AT: instants.submitted_at,
                }[starts],
                formal=rule.formal,
                sources=rule.sources,
            )


def _over_limit(clocks: tuple[ClockStart, ...], at: datetime) -> bool:
    return any(clock.formal and clock.due_at is not None and clock.due_at < at for clock in clocks)


def _lines(rules: list[AdviceRule], catalogue: Mapping[str, Advice]) -> Iterator[GivenAdvice]:
    for code in dict.fromkeys(rule.code for rule in rules):
        yield GivenAdvice(advice=catalogue[code], rules=tuple(rule for rule in rules if rule.code == code))
