"""NICE CG75 of 2008, superseded: for comparison only, never active, read by no rule in force.

Its key priorities sort pain by where in the spine it is. Where that would decide and
nobody recorded it, the answer is “not computable”. Nothing is guessed.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from triage.guideline.evaluate import stream_of
from triage.guideline.findings import Answer, CancerContext, Presentation
from triage.guideline.normalisation import context_of, stream_inputs
from triage.guideline.rule import Stream

SOURCE = "CG75 (2008), key priorities"


class LegacyOutcome(StrEnum):
    EMERGENCY = "emergency"
    WITHIN_A_WEEK = "within_a_week"
    NOT_ADDRESSED = "not_addressed"
    NOT_COMPUTABLE = "not_computable"


OUTCOME_WORDS: dict[str, str] = {
    LegacyOutcome.EMERGENCY: "Contact immediately; MRI in time to plan treatment within 24 hours",
    LegacyOutcome.WITHIN_A_WEEK: "Contact within 24 hours; MRI in time to plan treatment within a week",
    LegacyOutcome.NOT_ADDRESSED: "Not addressed by its key priorities",
    LegacyOutcome.NOT_COMPUTABLE: "Not computable",
}
SAME: dict[str, str] = {
    Stream.EMERGENCY: LegacyOutcome.EMERGENCY,
    Stream.ONE_WEEK: LegacyOutcome.WITHIN_A_WEEK,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One difference between the editions, with the row that explains it."""

    row: str
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One case under both editions."""

    stream: Stream
    outcome: LegacyOutcome
    because: str
    differences: tuple[Difference, ...]

    @property
    def agree(self) -> bool:
        return SAME.get(self.stream, LegacyOutcome.NOT_ADDRESSED) == self.outcome


def compare(presentation: Presentation, pain_levels: Collection[str] | None) -> Comparison:
    """A presentation under NG234 and under CG75. `pain_levels` is None or empty when nobody recorded them."""
    stream, _ = stream_of(stream_inputs(presentation))
    outcome, because = evaluate_cg75(presentation, pain_levels or None)
    return Comparison(
        stream=stream,
        outcome=outcome,
        because=because,
        differences=tuple(_differences(presentation, stream, outcome)),
    )


def evaluate_cg75(
    presentation: Presentation, pain_levels: Collection[str] | None
) -> tuple[LegacyOutcome, str]:
    """The answer of the key priorities of 2008, and why."""
    if context_of(presentation) != CancerContext.CURRENT:
        return LegacyOutcome.NOT_ADDRESSED, "CG75 speaks of patients with cancer."
    pain, neurology = _suspicious_pain(presentation, pain_levels), _neurology(presentation)
    if pain is False:
        return LegacyOutcome.NOT_ADDRESSED, "CG75 begins with spinal pain of its own list, and there is none."
    if pain is None:
        return (
            LegacyOutcome.NOT_COMPUTABLE,
            "CG75 needs to know where in the spine the pain is, or more of its kind.",
        )
    if neurology is None:
        return LegacyOutcome.NOT_COMPUTABLE, "Some neurology was not assessed."
    if neurology:
        return LegacyOutcome.EMERGENCY, "Spinal pain of its list with neurology is an oncological emergency."
    return (
        LegacyOutcome.WITHIN_A_WEEK,
        "Spinal pain of its list without neurology is discussed within 24 hours.",
    )


def _suspicious_pain(p: Presentation, levels: Collection[str] | None) -> bool | None:
    """Whether there is pain of the list of 2008. None where nobody recorded what decides it."""
    anywhere = (p.pain.aggravated_by_straining, p.pain.localised_tenderness, p.pain.nocturnal)
    if Answer.YES in anywhere or p.pain.severe_unremitting == Answer.YES:
        return True  # severe unremitting pain is of the list at every level
    by_level = (p.pain.progressive, p.pain.mechanical, p.pain.claudication, p.low_back_pain)
    if Answer.YES in by_level:
        if levels is None:
            return None
        if {"cervical", "thoracic"} & set(levels):
            return True
        if p.pain.progressive == Answer.YES and "lumbar" in levels:
            return True
    answers = (*anywhere, p.pain.severe_unremitting, p.pain.progressive)
    return None if Answer.NOT_ASSESSED in answers else False


def _neurology(p: Presentation) -> bool | None:
    answers = [getattr(p.neurology, name) for name in p.neurology.__slots__]
    if Answer.YES in (*answers, p.saddle_or_sphincter_signs):
        return True
    return None if Answer.NOT_ASSESSED in answers else False


def _differences(p: Presentation, stream: Stream, outcome: LegacyOutcome) -> list[Difference]:
    differences: list[Difference] = []

    def differ(row: str, says: str) -> None:
        differences.append(Difference(row=row, says=says))

    neurology = _neurology(p)
    urgent = stream in (Stream.EMERGENCY, Stream.ONE_WEEK)
    if urgent and context_of(p) == CancerContext.PAST:
        differ("CG-1", "NG234 counts a past cancer; CG75 spoke of patients with cancer.")
    if urgent and context_of(p) in (CancerContext.SUSPECTED, CancerContext.NONE_KNOWN):
        differ(
            "CG-1", "This service acts on neurology whatever is known of cancer; CG75 did not reach so far."
        )
    newly = Answer.YES in (p.pain.mechanical, p.pain.claudication)
    if urgent and newly and outcome in (LegacyOutcome.NOT_ADDRESSED, LegacyOutcome.NOT_COMPUTABLE):
        differ(
            "CG-2",
            "Mechanical pain and claudication are on the list of NG234, at any level; CG75 had neither.",
        )
    elif outcome == LegacyOutcome.NOT_COMPUTABLE:
        differ("CG-2", "CG75 sorts pain by its level in the spine; NG234 does not.")
    if neurology and outcome == LegacyOutcome.NOT_ADDRESSED and context_of(p) == CancerContext.CURRENT:
        differ("CG-3", "Under NG234 neurology alone is an emergency; CG75 asked for spinal pain as well.")
    if urgent and outcome in (LegacyOutcome.EMERGENCY, LegacyOutcome.WITHIN_A_WEEK):
        differ("CG-5", "NG234 limits the scan itself; CG75 asked for it in time to plan treatment.")
    if neurology and p.instability_signs != Answer.YES:
        differ(
            "CG-7",
            "CG75 nursed everybody with neurology flat; NG234 immobilises where signs suggest instability.",
        )
    return differences
