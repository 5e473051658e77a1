"""What to ask next: the open questions with an answer that would change something."""

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Any

from triage.guideline.compilation import Compiled
from triage.guideline.findings import (
    NEUROLOGY_QUESTIONS,
    PAIN_QUESTIONS,
    QUESTION_AT,
    QUESTIONS,
    Answer,
    HaematologicalMalignancy,
    MovementPain,
    Presentation,
    answer_at,
    with_answer,
)
from triage.guideline.normalisation import Situation, situation_of, stream_inputs
from triage.guideline.rule import URGENCY, Stream
from triage.guideline.ruleset import Ruleset

_SADDLE = "saddle_or_sphincter_signs"
_NEUROLOGY = frozenset({_SADDLE, *(question.path for question in NEUROLOGY_QUESTIONS)})
_PAIN = frozenset(question.path for question in PAIN_QUESTIONS)
# First the answers that would change the next hour.
ORDER: tuple[str, ...] = (
    _SADDLE,
    "neurology.bladder_or_bowel_dysfunction",
    "neurology.gait_disturbance",
    "neurology.limb_weakness",
    "neurology.cord_or_cauda_equina_signs",
    "instability_signs",
    "neurology.sensory_disturbance",
    "neurology.radicular_pain",
    *(question.path for question in PAIN_QUESTIONS),
    "low_back_pain",
    "movement_pain",
    "pain_severity",
    "mri_contraindicated",
    "haematological_malignancy",
    "active_infection",
    "dexamethasone_given",
    "pain_controlled_by_analgesia",
)
_UNANSWERED = (None, Answer.NOT_ASSESSED, MovementPain.NOT_ASSESSED, HaematologicalMalignancy.UNKNOWN)
# The answers to try where that is not a yes.
_TRIED: dict[str, tuple[object, ...]] = {
    "movement_pain": (MovementPain.SEVERE,),
    "pain_severity": (10,),
    "pain_controlled_by_analgesia": (Answer.NO,),
    "haematological_malignancy": (HaematologicalMalignancy.CONFIRMED, HaematologicalMalignancy.SUSPECTED),
}


def ask_next(
    presentation: Presentation, situation: Situation, *, bits: int, ruleset: Ruleset
) -> Iterator[str]:
    """The paths of the questions to ask, most important first. `bits` are the criteria that hold now."""
    insufficient = situation.stream == Stream.INSUFFICIENT_INFORMATION
    for path in ORDER:
        if answer_at(presentation, path) not in _UNANSWERED:
            continue
        always = (path in _NEUROLOGY and (insufficient or situation.provisional)) or (
            path in _PAIN and insufficient
        )
        if always or any(
            _would_change(
                with_answer(presentation, path, answer), path, situation, bits=bits, ruleset=ruleset
            )
            for answer in _TRIED.get(path, (Answer.YES,))
        ):
            yield path


def _would_change(trial: Presentation, path: str, before: Situation, *, bits: int, ruleset: Ruleset) -> bool:
    """Whether an answer raises the stream, adds a code or removes one."""
    criteria = ruleset.criteria
    inputs = stream_inputs(trial, read_context=ruleset.read_context)
    situation = situation_of(
        trial, inputs, stream=before.stream, provisional=before.provisional, course=before.course
    )
    now = criteria.after(bits, situation, (path,))
    if now == bits:
        return False
    first, changed = ruleset.streams.first(now), criteria.that_read(path)
    if _rank(first.stream) > _rank(before.stream):
        return True
    if (first.stream, first.provisional) != (before.stream, before.provisional):
        situation = replace(situation, stream=first.stream, provisional=first.provisional)
        now, changed = criteria.after(now, situation, ("stream",)), changed | criteria.that_read("stream")
    return any(
        _codes(rules, changed, now) != _codes(rules, changed, bits)
        for rules in (ruleset.advice, ruleset.warnings)
    )


@lru_cache(maxsize=100_000)
def _codes(rules: Compiled[Any], changed: int, bits: int) -> frozenset[str]:
    """The codes given, of those that a change may touch. Cached: it depends on its arguments only."""
    return frozenset(rule.code for rule in rules.reading(changed).holding(bits))


def _rank(stream: str) -> int:
    """The rank of a stream. Insufficient information ranks with outside the pathway."""
    return URGENCY.get(Stream(stream), 0)


def ask_next_before(
    presentation: Presentation, situation: Situation, *, bits: int, ruleset: Ruleset
) -> Iterator[str]:
    """The questions of 2026.1 and 2026.2: in the order of the form, and only those that would raise the stream."""
    open_paths = [
        question.path
        for question in QUESTIONS
        if answer_at(presentation, question.path) == Answer.NOT_ASSESSED
        and question.path != "active_infection"
    ]
    if situation.provisional:
        return (path for path in open_paths if path.startswith("neurology."))
    if situation.stream == Stream.INSUFFICIENT_INFORMATION:
        return (path for path in open_paths if path.startswith(("pain.", "neurology.")))
    return (path for path in open_paths if _raised(presentation, path, situation, ruleset))


def _raised(presentation: Presentation, path: str, situation: Situation, ruleset: Ruleset) -> bool:
    if QUESTION_AT[path].answers is not Answer:
        return False
    inputs = stream_inputs(with_answer(presentation, path, Answer.YES), read_context=ruleset.read_context)
    return URGENCY.get(ruleset.stream_of(inputs)[0], -1) > URGENCY[Stream(situation.stream)]
