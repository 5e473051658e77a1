"""What a rule is: a value with a condition in plain words and a source that can be looked up."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any, cast

from triage.guideline.stored import StoredSource

EDITIONS = {"NG234": "2023-09-06", "QS56": "2023-09-06"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """Where a rule comes from. `confirmed` only where the number was seen printed by NICE or the BMJ."""

    row: str
    guideline: str
    recommendation: str = ""
    statement: str = ""
    decision: str = ""
    confirmed: bool = False

    def __post_init__(self) -> None:
        parts = [part for part in (self.recommendation, self.statement, self.decision) if part]
        if len(parts) != 1:
            raise ValueError("a citation names one recommendation, statement or service decision")

    @property
    def edition(self) -> str:
        return EDITIONS.get(self.guideline, "")

    @property
    def words(self) -> str:
        """NG234 1.3.2, followed by `number not confirmed` where nobody saw the number in print."""
        if self.decision:
            return f"decision of this service: {self.decision}"
        section = "section " if self.recommendation.count(".") == 1 else ""
        number = f"statement {self.statement}" if self.statement else section + self.recommendation
        return f"{self.guideline} {number}" + ("" if self.confirmed else ", number not confirmed")

    def words_with(self, numbers: Mapping[str, str]) -> str:
        """The same, with the numbers that a clinical lead has confirmed, by row id."""
        if self.confirmed or self.decision or self.row not in numbers:
            return self.words
        return f"{self.guideline} {numbers[self.row]}"

    def as_json(self) -> StoredSource:
        part = "statement" if self.statement else "decision" if self.decision else "recommendation"
        number = self.statement or self.decision or self.recommendation
        return cast(StoredSource, {"guideline": self.guideline, part: number, "confirmed": self.confirmed})


class Condition:
    """Something that holds or does not. Combine with & and |, deny with ~."""

    words: str

    def holds(self, situation: Any) -> bool:
        raise NotImplementedError

    def criteria(self) -> "frozenset[Criterion]":
        """Every criterion of the condition."""
        raise NotImplementedError

    def __and__(self, other: "Condition") -> "Condition":
        return Both(self, other)

    def __or__(self, other: "Condition") -> "Condition":
        return Either(self, other)

    def __invert__(self) -> "Condition":
        return Negation(self)


@dataclass(frozen=True, slots=True)
class Criterion(Condition):
    """A condition with its own name, in the words of the handbook; `denied` is the name of its opposite.

    `reads` lists the paths of the questions it depends on, and `stream` where it reads that. `ask_next` tries no other.
    """

    words: str
    test: Callable[[Any], bool]
    denied: str = ""
    reads: tuple[str, ...] = ()

    def holds(self, situation: Any) -> bool:
        return self.test(situation)

    def criteria(self) -> "frozenset[Criterion]":
        return frozenset({self})


@dataclass(frozen=True, slots=True)
class Both(Condition):
    left: Condition
    right: Condition

    @property
    def words(self) -> str:  # type: ignore[override]  # computed here, stored in Criterion
        return f"{_bracket(self.left, Either)} and {_bracket(self.right, Either)}"

    def holds(self, situation: Any) -> bool:
        return self.left.holds(situation) and self.right.holds(situation)

    def criteria(self) -> "frozenset[Criterion]":
        return self.left.criteria() | self.right.criteria()


@dataclass(frozen=True, slots=True)
class Either(Condition):
    left: Condition
    right: Condition

    @property
    def words(self) -> str:  # type: ignore[override]  # computed here, stored in Criterion
        return f"{_bracket(self.left, Both)} or {_bracket(self.right, Both)}"

    def holds(self, situation: Any) -> bool:
        return self.left.holds(situation) or self.right.holds(situation)

    def criteria(self) -> "frozenset[Criterion]":
        return self.left.criteria() | self.right.criteria()


@dataclass(frozen=True, slots=True)
class Negation(Condition):
    denied: Condition

    @property
    def words(self) -> str:  # type: ignore[override]  # computed here, stored in Criterion
        if isinstance(self.denied, Criterion) and self.denied.denied:
            return self.denied.denied
        return f"not {_bracket(self.denied, Both | Either)}"

    def holds(self, situation: Any) -> bool:
        return not self.denied.holds(situation)

    def criteria(self) -> "frozenset[Criterion]":
        return self.denied.criteria()


def _bracket(condition: Condition, kinds: Any) -> str:
    return f"({condition.words})" if isinstance(condition, kinds) else condition.words


ALWAYS = Criterion("always", lambda situation: True)


class Stream(StrEnum):
    EMERGENCY = "emergency"
    ONE_WEEK = "one_week"
    URGENT_ONCOLOGY = "urgent_oncology"
    SAFETY_NET = "safety_net"
    INSUFFICIENT_INFORMATION = "insufficient_information"
    OUTSIDE_PATHWAY = "outside_pathway"


STREAM_WORDS = {
    Stream.EMERGENCY: "Emergency",
    Stream.ONE_WEEK: "One week",
    Stream.URGENT_ONCOLOGY: "Urgent oncology",
    Stream.SAFETY_NET: "Safety net",
    Stream.INSUFFICIENT_INFORMATION: "Not enough information",
    Stream.OUTSIDE_PATHWAY: "Outside this pathway",
}

# insufficient_information has no rank: it is not an answer yet.
URGENCY = {
    Stream.EMERGENCY: 4,
    Stream.ONE_WEEK: 3,
    Stream.URGENT_ONCOLOGY: 2,
    Stream.SAFETY_NET: 1,
    Stream.OUTSIDE_PATHWAY: 0,
}


class ContactUrgency(StrEnum):
    IMMEDIATELY = "immediately"
    WITHIN_24_HOURS = "within_24_hours"
    URGENT_ONCOLOGY_REFERRAL = "urgent_oncology_referral"
    NONE = "none"


class Strength(StrEnum):
    """The three strengths of the guideline, and `act` for a line without the words offer, consider or do not."""

    OFFER = "offer"
    CONSIDER = "consider"
    DO_NOT = "do_not"
    ACT = "act"


@dataclass(frozen=True, kw_only=True)  # no slots: a sentence is put together once
class Rule:
    """One rule: when it holds, what it says in one sentence, and where that comes from."""

    id: str
    when: Condition
    says: str
    sources: tuple[Citation, ...]

    def __post_init__(self) -> None:
        if not self.sources:
            raise ValueError(f"rule {self.id} has no source")
        if not self.says.endswith("."):
            raise ValueError(f"rule {self.id} is not a sentence")

    @cached_property
    def because(self) -> str:
        """The sentence with its citation, as the screen and the API give it."""
        return self.because_with({})

    def because_with(self, numbers: Mapping[str, str]) -> str:
        """The same, with the numbers that a clinical lead has confirmed, by row id."""
        return f"{self.says[:-1]} ({'; '.join(source.words_with(numbers) for source in self.sources)})."

    def holds(self, situation: Any) -> bool:
        return self.when.holds(situation)


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamRule(Rule):
    """A rule that sets the stream. Lower steps are read first; rules of one step share a stream."""

    step: int
    stream: Stream
    provisional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AdviceRule(Rule):
    """A rule that gives an advice code; several rules may give the same one."""

    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WarningRule(Rule):
    """A rule that warns; `says` is the warning's text."""

    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactRule(Rule):
    contact: ContactUrgency


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockRule(Rule):
    """A rule that starts a clock of so many elapsed hours, counted from the named instant."""

    kind: str
    limit_hours: float
    starts: str
    formal: bool
