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


def every_class() -> Iterator[StreamInputs]:
    for values in itertools.product(
        CancerContext, GROUPS, GROUPS, Answer, Answer, Answer, MovementPain, SEVERITIES, ImagingFinding
    ):
        yield StreamInputs(**dict(zip(StreamInputs.__dataclass_fields__, values, strict=True)))  # type: ignore[arg-type]  # each value from its own field


@pytest.fixture(scope="module")
def streams() -> dict[StreamInputs, tuple[Stream, bool]]:
    return {inputs: stream_of(inputs) for inputs in every_class()}


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
        "context", "pain", "neurology", "saddle", "low_back_pain", "instability", "movement_pain", "pain_severity", "imaging",
    }  # fmt: skip
    names = {field.name for field in dataclasses.fields(Presentation)}
    assert not any("age" in name.split("_") or "birth" in name for name in names)


def test_pain_severity_is_read_only_as_seven_or_more() -> None:
    for inputs in itertools.islice(every_class(), 0, None, 97):
        for severity in range(11):
            same_side = 10 if severity >= 7 else 0
            outcome = stream_of(dataclasses.replace(inputs, pain_severity=severity))
            assert outcome == stream_of(dataclasses.replace(inputs, pain_severity=same_side))


def test_every_class_has_a_stream(streams: dict[StreamInputs, tuple[Stream, bool]]) -> None:
    assert len(streams) == 4 * 4 * 4 * 3 * 3 * 3 * 5 * 5 * 6
    assert {stream for stream, _ in streams.values()} == set(Stream)
    assert all(stream == Stream.EMERGENCY for stream, provisional in streams.values() if provisional)


def test_any_neurology_yes_is_an_emergency(streams: dict[StreamInputs, tuple[Stream, bool]]) -> None:
    for inputs, outcome in streams.items():
        if inputs.neurology.any_yes or inputs.saddle == YES or inputs.imaging == ImagingFinding.MSCC:
            assert outcome == (Stream.EMERGENCY, False)


def test_a_further_neurology_yes_never_lowers_the_stream(
    streams: dict[StreamInputs, tuple[Stream, bool]],
) -> None:
    for inputs, (stream, _) in streams.items():
        for worse in (
            dataclasses.replace(inputs, neurology=FindingGroup(True, inputs.neurology.any_not_assessed)),
            dataclasses.replace(inputs, neurology=FindingGroup(True, False)),
            dataclasses.replace(inputs, saddle=YES),
        ):
            assert URGENCY[streams[worse][0]] >= URGENCY.get(stream, 0)


def test_a_further_pain_yes_never_lowers_the_stream_but_for_leaving_insufficient_information(
    streams: dict[StreamInputs, tuple[Stream, bool]],
) -> None:
    for inputs, (stream, _) in streams.items():
        if stream == Stream.INSUFFICIENT_INFORMATION:
            continue
        for still_open in {inputs.pain.any_not_assessed, False}:
            more = dataclasses.replace(inputs, pain=FindingGroup(True, still_open))
            assert URGENCY[streams[more][0]] >= URGENCY[stream]


def test_not_assessed_never_reads_as_no(streams: dict[StreamInputs, tuple[Stream, bool]]) -> None:
    """While any neurology is open nobody is told that it is less than an emergency, only that it is not known."""
    for inputs, (stream, provisional) in streams.items():
        if inputs.neurology.any_not_assessed and not inputs.any_neurology and inputs.imaging != "mscc":
            assert stream == Stream.INSUFFICIENT_INFORMATION or (stream == Stream.EMERGENCY and provisional)
        answered = dataclasses.replace(
            inputs,
            pain=FindingGroup(inputs.pain.any_yes, False),
            neurology=FindingGroup(inputs.neurology.any_yes, False),
        )
        as_if_no = streams[answered][0]
        assert stream == Stream.INSUFFICIENT_INFORMATION or URGENCY[stream] >= URGENCY[as_if_no]


def test_once_neurology_is_answered_known_cancer_with_instability_or_severe_pain_is_never_below_one_week(
    streams: dict[StreamInputs, tuple[Stream, bool]],
) -> None:
    for inputs, (stream, _) in streams.items():
        unstable = inputs.instability == YES or inputs.severe_pain
        if not inputs.neurology.any_not_assessed and inputs.context in KNOWN and unstable:
            assert stream in (Stream.EMERGENCY, Stream.ONE_WEEK)


def test_once_neurology_is_answered_positive_imaging_is_never_below_one_week(
    streams: dict[StreamInputs, tuple[Stream, bool]],
) -> None:
    for inputs, (stream, _) in streams.items():
        if not inputs.neurology.any_not_assessed and inputs.imaging in POSITIVE:
            assert stream in (Stream.EMERGENCY, Stream.ONE_WEEK)


def test_the_answer_does_not_depend_on_when_it_is_asked() -> None:
    from datetime import UTC, datetime, timedelta

    first = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
    presentation = Presentation(cancer_context=CancerContext.PAST, pain=Pain(nocturnal=YES))
    later = first + timedelta(days=400)
    assert evaluate(presentation, at=first, ruleset=NEWEST) == evaluate(
        presentation, at=later, ruleset=NEWEST
    )
