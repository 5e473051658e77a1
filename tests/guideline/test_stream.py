"""The stream, exhaustively: every class of every finding that it reads, and the laws that hold over all."""

import dataclasses
import itertools
from collections.abc import Iterator

import pytest

from triage.guideline.evaluate import evaluate, stream_of
from triage.guideline.findings import (
    Answer,
    CancerContext,
    ImagingFinding,
    MovementPain,
    Neurology,
    Pain,
    Presentation,
)
from triage.guideline.normalisation import KNOWN, POSITIVE, FindingGroup, StreamInputs, stream_inputs
from triage.guideline.rule import URGENCY, Stream
from triage.guideline.ruleset import NEWEST

YES, NO, OPEN = Answer.YES, Answer.NO, Answer.NOT_ASSESSED
GROUPS = [FindingGroup(any_yes, any_open) for any_yes in (True, False) for any_open in (True, False)]
SEVERITIES = (None, 0, 6, 7, 10)


CLASSES = (CancerContext, GROUPS, GROUPS, Answer, Answer, Answer, MovementPain, SEVERITIES, ImagingFinding)
Place = tuple[int, ...]  # of each value of a class among the values of its field
PLACE_OF_PAIN, PLACE_OF_NEUROLOGY, PLACE_OF_SADDLE = 1, 2, 3


@dataclasses.dataclass(frozen=True, slots=True)
class Outcome:
    """One class of findings and the stream that the rules give it."""

    inputs: StreamInputs
    stream: Stream
    provisional: bool


def every_class() -> Iterator[StreamInputs]:
    names = StreamInputs.__dataclass_fields__
    for values in itertools.product(*CLASSES):
        yield StreamInputs(**dict(zip(names, values, strict=True)))  # type: ignore[arg-type]  # each value from its own field


@pytest.fixture(scope="module")
def outcomes() -> dict[Place, Outcome]:
    places = itertools.product(*(range(len(values)) for values in CLASSES))
    return {
        place: Outcome(inputs, *stream_of(inputs))
        for place, inputs in zip(places, every_class(), strict=True)
    }


def beside(place: Place, field: int, value: int) -> Place:
    """The class that differs in one field."""
    return (*place[:field], value, *place[field + 1 :])


def group_at(any_yes: bool, any_not_assessed: bool) -> int:
    return GROUPS.index(FindingGroup(any_yes, any_not_assessed))


@pytest.mark.parametrize("group", [Pain, Neurology])
def test_a_group_is_read_only_as_any_yes_any_not_assessed_or_all_no(group: type) -> None:
    """All 2187 and 729 combinations: nothing of the single findings reaches the stream."""
    names = [field.name for field in dataclasses.fields(group)]
    name = group.__name__.lower()
    for answers in itertools.product(Answer, repeat=len(names)):
        findings = group(**dict(zip(names, answers, strict=True)))
        presentation = Presentation(cancer_context=CancerContext.CURRENT, **{name: findings})
        reading = getattr(stream_inputs(presentation), name)
        assert reading == FindingGroup(YES in answers, OPEN in answers)
        assert reading.all_no == (set(answers) == {NO})


def test_the_stream_reads_nothing_else_and_never_age() -> None:
    assert set(StreamInputs.__dataclass_fields__) == {
        "context",
        "pain",
        "neurology",
        "saddle",
        "low_back_pain",
        "instability",
        "movement_pain",
        "pain_severity",
        "imaging",
    }
    names = {field.name for field in dataclasses.fields(Presentation)}
    assert not any("age" in name.split("_") or "birth" in name for name in names)


def test_pain_severity_is_read_only_as_seven_or_more() -> None:
    for inputs in itertools.islice(every_class(), 0, None, 97):
        for severity in range(11):
            same_side = 10 if severity >= 7 else 0
            outcome = stream_of(dataclasses.replace(inputs, pain_severity=severity))
            assert outcome == stream_of(dataclasses.replace(inputs, pain_severity=same_side))


def test_every_class_has_a_stream(outcomes: dict[Place, Outcome]) -> None:
    assert len(outcomes) == 4 * 4 * 4 * 3 * 3 * 3 * 5 * 5 * 6
    assert {outcome.stream for outcome in outcomes.values()} == set(Stream)
    assert all(outcome.stream == Stream.EMERGENCY for outcome in outcomes.values() if outcome.provisional)


def test_any_neurology_yes_is_an_emergency(outcomes: dict[Place, Outcome]) -> None:
    for outcome in outcomes.values():
        inputs = outcome.inputs
        if inputs.neurology.any_yes or inputs.saddle == YES or inputs.imaging == ImagingFinding.MSCC:
            assert (outcome.stream, outcome.provisional) == (Stream.EMERGENCY, False), inputs


def test_a_further_neurology_yes_never_lowers_the_stream(outcomes: dict[Place, Outcome]) -> None:
    yes = list(Answer).index(YES)
    groups = {still_open: group_at(True, still_open) for still_open in (True, False)}
    for place, outcome in outcomes.items():
        for worse in (
            beside(place, PLACE_OF_NEUROLOGY, groups[outcome.inputs.neurology.any_not_assessed]),
            beside(place, PLACE_OF_NEUROLOGY, groups[False]),
            beside(place, PLACE_OF_SADDLE, yes),
        ):
            assert URGENCY[outcomes[worse].stream] >= URGENCY.get(outcome.stream, 0), outcome.inputs


def test_a_further_pain_yes_never_lowers_the_stream_but_for_leaving_insufficient_information(
    outcomes: dict[Place, Outcome],
) -> None:
    groups = {still_open: group_at(True, still_open) for still_open in (True, False)}
    for place, outcome in outcomes.items():
        if outcome.stream == Stream.INSUFFICIENT_INFORMATION:
            continue
        for still_open in {outcome.inputs.pain.any_not_assessed, False}:
            more = outcomes[beside(place, PLACE_OF_PAIN, groups[still_open])]
            assert URGENCY[more.stream] >= URGENCY[outcome.stream], outcome.inputs


def test_not_assessed_never_reads_as_no(outcomes: dict[Place, Outcome]) -> None:
    """While any neurology is open nobody is told that it is less than an emergency, only that it is not known."""
    answered = {any_yes: group_at(any_yes, False) for any_yes in (True, False)}
    for place, outcome in outcomes.items():
        inputs, stream = outcome.inputs, outcome.stream
        if inputs.neurology.any_not_assessed and not inputs.any_neurology and inputs.imaging != "mscc":
            assert stream == Stream.INSUFFICIENT_INFORMATION or (
                stream == Stream.EMERGENCY and outcome.provisional
            )
        as_if_no = outcomes[
            beside(
                beside(place, PLACE_OF_PAIN, answered[inputs.pain.any_yes]),
                PLACE_OF_NEUROLOGY,
                answered[inputs.neurology.any_yes],
            )
        ].stream
        assert stream == Stream.INSUFFICIENT_INFORMATION or URGENCY[stream] >= URGENCY[as_if_no], inputs


def test_once_neurology_is_answered_known_cancer_with_instability_or_severe_pain_is_never_below_one_week(
    outcomes: dict[Place, Outcome],
) -> None:
    for outcome in outcomes.values():
        inputs = outcome.inputs
        unstable = inputs.instability == YES or inputs.severe_pain
        if not inputs.neurology.any_not_assessed and inputs.context in KNOWN and unstable:
            assert outcome.stream in (Stream.EMERGENCY, Stream.ONE_WEEK), inputs


def test_once_neurology_is_answered_positive_imaging_is_never_below_one_week(
    outcomes: dict[Place, Outcome],
) -> None:
    for outcome in outcomes.values():
        inputs = outcome.inputs
        if not inputs.neurology.any_not_assessed and inputs.imaging in POSITIVE:
            assert outcome.stream in (Stream.EMERGENCY, Stream.ONE_WEEK), inputs


def test_the_answer_does_not_depend_on_when_it_is_asked() -> None:
    from datetime import UTC, datetime, timedelta

    first = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
    presentation = Presentation(cancer_context=CancerContext.PAST, pain=Pain(nocturnal=YES))
    later = first + timedelta(days=400)
    assert evaluate(presentation, at=first, ruleset=NEWEST) == evaluate(
        presentation, at=later, ruleset=NEWEST
    )
