"""Neurology over time: every record of it, through any door, and when it became worse. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final, cast

from referrals.evidence.event_data import EventData
from referrals.evidence.examination import (
    BLADDER,
    DEFAULT_LIMITS,
    GAIT,
    LEVELS,
    POWER_PATHS,
    SADDLE,
    SENSORY_LEVEL,
    SIGNS,
    WEAKNESS,
    Limits,
    findings_raised,
    highest_level,
)
from referrals.evidence.facts import CHANGED, EXAMINED, Fact, in_true_order
from referrals.intake.codes import FINDINGS_COMPLETED
from triage.guideline.findings import NEUROLOGY_QUESTIONS, Answer

REFERRED = "referred"  # the referral itself, among the facts
FINDINGS = (*(question.name for question in NEUROLOGY_QUESTIONS), SADDLE)
WALKING: Final = "walking_now"
RECORDED_WALKING = "clinical.walking_now"
# The best first; other values are not compared.
WALKING_ORDER = ("unaided", "with_aid", "not_walking_some_power", "no_power")
NOT_WALKING = WALKING_ORDER[2:]
_POWER_ORDER = ("5", "4", "3", "2", "1", "0")
# Sphincter functions in the record, the best first, and the finding that a loss means.
_SPHINCTERS: Mapping[str, tuple[tuple[str, ...], str]] = {
    "record.bladder": (("normal", "urgency_or_hesitancy", "retention", "incontinence"), BLADDER),
    "record.bowel": (("normal", "constipation", "incontinence"), BLADDER),
    "record.anal_tone": (("normal", "reduced", "absent"), SADDLE),
    "record.saddle_sensation": (("normal", "reduced", "absent"), SADDLE),
}
_ALIKE = {"catheter": "retention"}  # a bladder that has to be drained does not empty
# The measured functions: their order, and the finding that a lower value means.
_MEASURED: Mapping[str, tuple[tuple[str, ...], str]] = {
    **dict.fromkeys(POWER_PATHS, (_POWER_ORDER, WEAKNESS)),
    RECORDED_WALKING: (WALKING_ORDER, GAIT),
    SENSORY_LEVEL: (LEVELS, SIGNS),
    **_SPHINCTERS,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """The content of one fact: the findings it answers, its measurements, and which of them are worse or better."""

    at: datetime
    number: int
    kind: str
    by_name: str
    by_service: bool
    answers: Mapping[str, str]  # by name of the finding
    measured: Mapping[str, str]  # by path of the record
    worse: tuple[str, ...]  # names of findings, and paths of measurements
    better: tuple[str, ...]

    @property
    def walking(self) -> str:
        return str(self.measured.get(RECORDED_WALKING, ""))


@dataclass(slots=True, kw_only=True)
class _State:
    referred: Mapping[str, str]
    answers: dict[str, str] = field(default_factory=dict)
    measured: dict[str, str] = field(default_factory=dict)
    is_referred: bool = False  # whether the referral itself has been read
    is_walking_told: bool = False  # by the referral or a report; the record alone only asks


def examinations(
    presentation: Mapping[str, Any],
    facts: Iterable[Fact],
    *,
    referred_at: datetime,
    walking_sent: str = "",
    limits: Limits = DEFAULT_LIMITS,
) -> list[Examination]:
    """Every examination in true order. `presentation` is the one of the referral, which counts from `referred_at`."""
    referred = {**presentation["neurology"], SADDLE: presentation[SADDLE]}
    state = _State(referred=referred)
    baseline = Fact(kind=REFERRED, occurred_at=referred_at, data={WALKING: walking_sent})
    return [
        examination
        for fact in in_true_order([baseline, *facts])
        if (examination := _examination(fact, state, limits)) is not None and fact.kind != REFERRED
    ]


def without_contradiction(fact: Fact) -> Fact:
    """The fact without a "no" about the gait of somebody who, as it says itself, does not walk."""
    gait, answers = GAIT.rpartition(".")[2], fact.data.get("neurology", {})
    if fact.data.get(WALKING) not in NOT_WALKING or answers.get(gait) != Answer.NO:
        return fact
    rest = {name: answer for name, answer in answers.items() if name != gait}
    return replace(fact, data=cast(EventData, {**fact.data, "neurology": rest}))


def worsened_at(all_examinations: Iterable[Examination]) -> list[datetime]:
    """The instants at which neurology was worse than the last record."""
    return [examination.at for examination in all_examinations if examination.worse]


def _examination(fact: Fact, state: _State, limits: Limits) -> Examination | None:
    if fact.kind == REFERRED:
        _refer(fact, state)
        return None
    reported_worse = tuple(fact.data.get("worse", ())) if fact.kind == CHANGED else ()
    answers = {name: answer for name, answer in _answers(fact, limits) if _counts(name, answer, state)}
    answers |= dict.fromkeys(reported_worse, str(Answer.YES))
    measured = dict(_measured(fact))
    if not answers and not measured:
        return None
    first_walking = fact.kind == CHANGED and _shows_loss(measured, state)
    worse_measures, better_measures = _compare_measures(measured, state)
    worse_measures += [RECORDED_WALKING] if first_walking and RECORDED_WALKING not in worse_measures else []
    state.is_walking_told |= fact.kind == CHANGED and measured.get(RECORDED_WALKING) in WALKING_ORDER
    answers |= {_MEASURED[path][1].rpartition(".")[2]: str(Answer.YES) for path in worse_measures}
    answers = {name: answer for name, answer in answers.items() if name in FINDINGS}
    worse_answers, better_answers = _compare_answers(answers, state)
    reported = [name for name in reported_worse if name in FINDINGS]
    return Examination(
        at=fact.occurred_at,
        number=fact.number,
        kind=fact.kind,
        by_name=fact.by_name,
        by_service=fact.by_service,
        answers=answers,
        measured=measured,
        worse=tuple(dict.fromkeys([*reported, *worse_measures, *worse_answers])),
        better=(*better_measures, *better_answers),
    )


def _counts(name: str, answer: str, state: _State) -> bool:
    """An answer older than the referral does not remove a yes of the referral."""
    return state.is_referred or answer == Answer.YES or state.referred.get(name) != Answer.YES


def _shows_loss(measured: Mapping[str, str], state: _State) -> bool:
    """Whether somebody cannot walk, where nobody had told how they walked and no gait disturbance is known."""
    gait = GAIT.rpartition(".")[2]
    is_known = Answer.YES in (state.answers.get(gait), state.referred.get(gait))
    return measured.get(RECORDED_WALKING) in NOT_WALKING and not state.is_walking_told and not is_known


def _compare_measures(measured: Mapping[str, str], state: _State) -> tuple[list[str], list[str]]:
    """The measures that are worse and better than the last record, by path. The record then holds the new ones."""
    worse: list[str] = []
    better: list[str] = []
    for path, value in measured.items():
        order, _ = _MEASURED[path]
        value = _ALIKE.get(value, value)
        if value not in order:
            continue
        earlier = state.measured.get(path, "")
        if earlier in order and value != earlier:
            (worse if order.index(value) > order.index(earlier) else better).append(path)
        state.measured[path] = value
    return worse, better


def _compare_answers(answers: Mapping[str, str], state: _State) -> tuple[list[str], list[str]]:
    """The findings that are worse and better than the last record, by name. The record then holds the new ones."""
    worse: list[str] = []
    better: list[str] = []
    for name, answer in answers.items():
        earlier = state.answers.get(name, "")
        if answer == Answer.YES and earlier != Answer.YES:
            if state.is_referred or state.referred.get(name) != Answer.YES:
                worse.append(name)
        elif answer == Answer.NO and earlier == Answer.YES:
            better.append(name)
        state.answers[name] = answer
    return worse, better


def _refer(fact: Fact, state: _State) -> None:
    """Start from the findings of the referral; its "no" removes no earlier finding."""
    state.is_referred = True
    for name, answer in state.referred.items():
        if state.answers.get(name) != Answer.YES:
            state.answers[name] = answer
    for path, value in _measured(fact):
        state.measured[path] = value
        state.is_walking_told |= path == RECORDED_WALKING and value in WALKING_ORDER


def _answers(fact: Fact, limits: Limits) -> Iterator[tuple[str, str]]:
    """The findings that a fact answers, by name. An examination in the record only raises."""
    if fact.kind == EXAMINED:
        yield from ((path.rpartition(".")[2], str(Answer.YES)) for path in findings_raised(fact.data, limits))
    elif fact.kind in (CHANGED, FINDINGS_COMPLETED):
        answers = {
            **fact.data.get("neurology", {}),
            **({SADDLE: fact.data[SADDLE]} if SADDLE in fact.data else {}),
        }
        for name, answer in answers.items():
            # "Not assessed" says nothing in a change; in a completed form it takes the answer back.
            if name in FINDINGS and not (fact.kind == CHANGED and answer == Answer.NOT_ASSESSED):
                yield name, str(answer)


def finding_of(path: str) -> str:
    """The name of the finding that a lower value of a measured function means; empty for other fields."""
    return _MEASURED[path][1].rpartition(".")[2] if path in _MEASURED else ""


def _measured(fact: Fact) -> Iterator[tuple[str, str]]:
    if fact.kind == EXAMINED:
        for path, value in fact.data.items():
            if path == SENSORY_LEVEL and (level := highest_level(str(value))):
                yield path, level
            elif path in _MEASURED and path != SENSORY_LEVEL:
                yield path, str(value)
    elif fact.data.get(WALKING):
        yield RECORDED_WALKING, str(fact.data[WALKING])
