"""What a recommendation is: one value with its source, its rules, what the clinician is told, and why.

The file of a section lists its recommendations in the order of the guideline. Tables that run across sections (all
rules in their order, all citations, all advice) are put together in `contents`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from triage.guideline.rows.row import GuidelineRow, Stage, Verdict, Who
from triage.guideline.rule import (
    AdviceRule,
    Citation,
    ClockRule,
    Condition,
    ContactRule,
    ContactUrgency,
    Rule,
    Stream,
    StreamRule,
    Strength,
    WarningRule,
)

OFFER, CONSIDER, DO_NOT, ACT = Strength.OFFER, Strength.CONSIDER, Strength.DO_NOT, Strength.ACT
AT_ITS_STAGE = "test:tests/guideline/test_care.py::test_a_row_speaks_at_its_stage_and_not_before"
RESOLUTION = "test:tests/guideline/test_resolutions.py::"


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """An instruction: its code, the guideline's strength, its text, and the topic it belongs to."""

    code: str
    strength: Strength
    text: str
    topic: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """A rule as its recommendation writes it: what it cites is named by id. No id means the recommendation itself."""

    kind: type[Rule]
    id: str
    when: Condition
    says: str
    cites: tuple[str, ...]
    outcome: Mapping[str, Any]

    def rule(self, own: str, citations: Mapping[str, Citation]) -> Rule:
        """The rule with its citations. KeyError where an id is not the id of a source."""
        sources = tuple(citations[cited] for cited in self.cites or (own,))
        return self.kind(id=self.id, when=self.when, says=self.says, sources=sources, **self.outcome)


def sort(
    id: str,
    *,
    step: int,
    stream: Stream,
    when: Condition,
    because: str,
    cites: tuple[str, ...] = (),
    provisional: bool = False,
) -> Ground:
    """A rule that sets the stream. The first rule that holds sets it; `because` is the reason, one sentence."""
    outcome = {"step": step, "stream": stream, "provisional": provisional}
    return Ground(kind=StreamRule, id=id, when=when, says=because, cites=cites, outcome=outcome)


def contact(
    id: str, urgency: ContactUrgency, *, when: Condition, because: str, cites: tuple[str, ...] = ()
) -> Ground:
    """A rule that says how soon to contact whom. The first rule that holds counts."""
    return Ground(kind=ContactRule, id=id, when=when, says=because, cites=cites, outcome={"contact": urgency})


def start_clock(
    kind: str,
    id: str,
    *,
    hours: float,
    starts: str,
    formal: bool,
    when: Condition,
    because: str,
    cites: tuple[str, ...] = (),
) -> Ground:
    """A rule that starts a clock of elapsed hours from a named instant; `formal` where NICE set the limit."""
    outcome = {"kind": kind, "limit_hours": hours, "starts": starts, "formal": formal}
    return Ground(kind=ClockRule, id=id, when=when, says=because, cites=cites, outcome=outcome)


def give(id: str, *, when: Condition, because: str, cites: tuple[str, ...] = ()) -> Ground:
    """A rule that gives an advice. Its id is the advice code, or the code, a full stop and the variant."""
    code = id.partition(".")[0]
    return Ground(kind=AdviceRule, id=id, when=when, says=because, cites=cites, outcome={"code": code})


def warn(code: str, *, when: Condition, text: str, cites: tuple[str, ...] = ()) -> Ground:
    """A rule that warns. The text is what the clinician reads; its id is its code."""
    return Ground(kind=WarningRule, id=code, when=when, says=text, cites=cites, outcome={"code": code})


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendation:
    """A recommendation of NG234, a statement of QS56 or a decision of this service, whole.

    `says` is the line of the guideline in our words. Its source is one of `number` (NG234: 1.4.2, or 1.4 where only
    the section is known), `statement` (QS56) and `decision` (this service, in words). A line that no rule cites may
    have none of them. `confirmed` is true only where the number was seen in print by NICE or the BMJ. `source` names
    the source on the page of the guideline where that differs: local practice, or earlier guidance.

    `tells` is what the clinician is told, `rules` when and why. The text of an advice code is written once, with the
    recommendation it comes from; a rule of another recommendation may give it too. The rest is as in `GuidelineRow`.
    """

    id: str
    stage: Stage
    who: tuple[Who, ...]
    says: str
    number: str = ""
    statement: str = ""
    decision: str = ""
    confirmed: bool = False
    source: str = ""
    strength: str = ""
    limit: str = ""
    tells: tuple[Advice, ...] = ()
    rules: tuple[Ground, ...] = ()
    places: tuple[str, ...] = ()
    why: str = ""
    verdict: Verdict = Verdict.HERE

    @property
    def citation(self) -> Citation | None:
        """What a rule cites; None for a line that no rule can cite."""
        if not (self.number or self.statement or self.decision):
            return None
        guideline = "NG234" if self.number else "QS56" if self.statement else "service"
        return Citation(
            row=self.id,
            guideline=guideline,
            recommendation=self.number,
            statement=self.statement,
            decision=self.decision,
            confirmed=self.confirmed,
        )

    @property
    def row(self) -> GuidelineRow:
        """The recommendation as the page of the guideline lists it."""
        return GuidelineRow(
            id=self.id,
            stage=self.stage,
            who=self.who,
            says=self.says,
            source=self.source or self._source,
            confirmed=self.confirmed,
            strength=self.strength,
            limit=self.limit,
            places=self.places,
            why=self.why,
            verdict=self.verdict,
        )

    @property
    def _source(self) -> str:
        if self.number:
            return f"NG234 {'section ' if self.number.count('.') == 1 else ''}{self.number}"
        return f"QS56 statement {self.statement}" if self.statement else "decision of this service"

    def rules_citing(self, citations: Mapping[str, Citation]) -> Iterator[Rule]:
        """The rules, in the order written here."""
        return (ground.rule(self.id, citations) for ground in self.rules)
