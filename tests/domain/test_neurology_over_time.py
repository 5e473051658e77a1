"""What was found of a person's nerves, examination by examination: when it is worse, and what it raises."""

import itertools
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from referrals.evidence.case_evidence import Evidence, SentFindings, evidence
from referrals.evidence.examination import POWER_PATHS
from referrals.evidence.facts import EXAMINED, Fact
from referrals.evidence.neurology import finding_of
from referrals.intake.codes import FINDINGS_COMPLETED
from referrals.intake.record_fields import MYOTOMES, SIDES
from triage.guideline.evaluate import evaluate
from triage.guideline.findings import (
    Answer,
    CancerContext,
    Neurology,
    Pain,
    Presentation,
    PrimarySite,
    answer_at,
    as_json,
    with_answer,
)

REFERRED = datetime(2026, 11, 20, 10, tzinfo=UTC)
SIX = tuple(f"neurology.{name}" for name in Neurology.__slots__)
WEAKNESS, GAIT = "neurology.limb_weakness", "neurology.gait_disturbance"
BLADDER, SIGNS = "neurology.bladder_or_bowel_dysfunction", "neurology.cord_or_cauda_equina_signs"
SENSORY, SADDLE, INSTABILITY = (
    "neurology.sensory_disturbance",
    "saddle_or_sphincter_signs",
    "instability_signs",
)
WALKING = ("unaided", "with_aid", "not_walking_some_power", "no_power")
ALL_NO = Presentation(
    cancer_context=CancerContext.CURRENT,
    primary_site=PrimarySite.BREAST,
    pain=Pain(**dict.fromkeys(Pain.__slots__, Answer.NO)),
    neurology=Neurology(**dict.fromkeys(Neurology.__slots__, Answer.NO)),
    saddle_or_sphincter_signs=Answer.NO,
    instability_signs=Answer.NO,
)


def at(minute: int) -> datetime:
    return REFERRED + timedelta(minutes=minute)


def answers(*yes: str, **other: str) -> Presentation:
    """A presentation in which all was asked and only these are yes; `other` by the last part of their path."""
    found = ALL_NO
    for path in yes:
        found = with_answer(found, path, Answer.YES)
    for name, value in other.items():
        path = next((path for path in SIX if path.endswith(name)), name)
        found = with_answer(found, path, Answer(value))
    return found


def changed(
    minute: int, *yes: str, worse: Iterable[str] = (), walking: str = "", no: Iterable[str] = ()
) -> Fact:
    """A neurology_changed event."""
    data: dict[str, Any] = {"neurology": {}}
    for path, value in [*((path, "yes") for path in yes), *((path, "no") for path in no)]:
        group, _, name = path.rpartition(".")
        (data[group] if group else data)[name] = value
    if worse:
        data["worse"] = [path.rpartition(".")[2] for path in worse]
    if walking:
        data["walking_now"] = walking
    return Fact(kind="neurology_changed", occurred_at=at(minute), data=data)


def examined(minute: int, **record: Any) -> Fact:
    """Fields of the record, as one person wrote them."""
    data = {
        ("clinical." if name == "walking_now" else "record.") + name: value for name, value in record.items()
    }
    return Fact(kind=EXAMINED, occurred_at=at(minute), data=data, by_service=True, by_name="Dr A Marlowe")


def known(sent: Presentation, *facts: Fact, walking: str = "") -> Evidence:
    """What is known after these facts, arrived in this order."""
    rows = [replace(fact, number=number) for number, fact in enumerate(facts, 1)]
    return evidence(
        SentFindings(
            presentation=as_json(sent), referred_at=REFERRED, symptoms_began=REFERRED, walking=walking
        ),
        rows,
    )


def worse_at(sent: Presentation, *facts: Fact, walking: str = "") -> list[int]:
    """The minutes at which it was worse."""
    found = known(sent, *facts, walking=walking).worsened_at
    return [int((instant - REFERRED).total_seconds() // 60) for instant in found]


def better_at(sent: Presentation, *facts: Fact, walking: str = "") -> list[int]:
    found = known(sent, *facts, walking=walking).examinations
    return [int((one.at - REFERRED).total_seconds() // 60) for one in found if one.better]


def reads(path: str, sent: Presentation, *facts: Fact, walking: str = "") -> str:
    return str(answer_at(known(sent, *facts, walking=walking).presentation, path))


def asked(found: Evidence) -> set[tuple[str, str]]:
    """The questions to the coordinator: the field of the record, and the finding that it concerns."""
    return {(one.path, one.finding.rpartition(".")[2]) for one in found.questions}


# What is worse: newly yes


@pytest.mark.parametrize("path", [*SIX, SADDLE])
@pytest.mark.parametrize("before", ["no", "not_assessed"])
def test_a_finding_that_is_newly_yes_is_worse(path: str, before: str) -> None:
    sent = answers(**{path.rpartition(".")[2]: before})
    assert worse_at(sent, changed(60, path)) == [60]
    assert reads(path, sent, changed(60, path)) == "yes"


@pytest.mark.parametrize("path", [*SIX, SADDLE])
def test_a_finding_that_was_yes_already_is_not_worse_by_being_said_again(path: str) -> None:
    assert worse_at(answers(path), changed(60, path)) == []
    assert worse_at(answers(), changed(60, path), changed(90, path)) == [60]


def test_the_referral_itself_is_no_worsening() -> None:
    assert worse_at(answers(*SIX, SADDLE, INSTABILITY), walking="no_power") == []


def test_instability_that_is_newly_yes_is_no_worsening() -> None:
    assert worse_at(answers(), changed(60, INSTABILITY)) == []
    assert reads(INSTABILITY, answers(), changed(60, INSTABILITY)) == "yes"


def test_findings_that_an_event_omits_keep_their_value() -> None:
    found = known(answers(WEAKNESS, SADDLE), changed(60, GAIT), changed(90, SENSORY)).presentation
    yes = {path for path in (*SIX, SADDLE, INSTABILITY) if answer_at(found, path) == "yes"}
    assert yes == {WEAKNESS, SADDLE, GAIT, SENSORY}
    assert found.neurology.radicular_pain == "no"
    assert found.cancer_context == "current"


def test_findings_nobody_assessed_stay_so_when_an_event_omits_them() -> None:
    assert (
        reads(SIGNS, answers(cord_or_cauda_equina_signs="not_assessed"), changed(60, GAIT)) == "not_assessed"
    )


def test_a_finding_that_an_event_leaves_open_keeps_its_value() -> None:
    left_open = Fact(
        kind="neurology_changed",
        occurred_at=at(60),
        data={"neurology": {"limb_weakness": "not_assessed"}, "saddle_or_sphincter_signs": "not_assessed"},
    )
    sent = answers(WEAKNESS, SADDLE)
    assert reads(WEAKNESS, sent, left_open) == "yes"
    assert reads(SADDLE, sent, left_open) == "yes"
    assert worse_at(sent, left_open, changed(90, WEAKNESS)) == []


# What is worse: named


@pytest.mark.parametrize("path", [*SIX, SADDLE])
def test_a_finding_that_is_named_as_worse_is_worse_and_reads_yes(path: str) -> None:
    named = changed(60, worse=[path])
    assert worse_at(answers(path), named) == [60]
    assert worse_at(answers(path), changed(60, path, worse=[path])) == [60]
    assert worse_at(answers(), named) == [60]
    assert reads(path, answers(), named) == "yes"
    assert reads(path, answers(path), named) == "yes"


def test_each_naming_is_a_worsening_of_its_own() -> None:
    facts = (changed(60, worse=[WEAKNESS]), changed(120, worse=[WEAKNESS]))
    assert worse_at(answers(WEAKNESS), *facts) == [60, 120]


def test_what_is_named_as_worse_wins_over_a_no_beside_it() -> None:
    fact = changed(60, no=[WEAKNESS], worse=[WEAKNESS])
    assert worse_at(answers(WEAKNESS), fact) == [60]
    assert reads(WEAKNESS, answers(WEAKNESS), fact) == "yes"


# What is worse: walking


@pytest.mark.parametrize(("before", "after"), list(itertools.product(WALKING, repeat=2)))
def test_a_walking_category_below_the_last_is_worse(before: str, after: str) -> None:
    sent = answers(GAIT, WEAKNESS)
    lower = WALKING.index(after) > WALKING.index(before)
    higher = WALKING.index(after) < WALKING.index(before)
    for later in (changed(60, walking=after), examined(60, walking_now=after)):
        assert worse_at(sent, later, walking=before) == ([60] if lower else [])
        assert better_at(sent, later, walking=before) == ([60] if higher else [])
    for first in (changed(30, walking=before), examined(30, walking_now=before)):
        for later in (changed(60, walking=after), examined(60, walking_now=after)):
            assert worse_at(sent, first, later) == ([60] if lower else [])


def test_lower_walking_sets_the_gait_to_yes() -> None:
    for fact in (changed(60, walking="with_aid"), examined(60, walking_now="with_aid")):
        assert reads(GAIT, answers(), fact, walking="unaided") == "yes"
        assert worse_at(answers(), fact, walking="unaided") == [60]
        assert reads(GAIT, answers(), fact, walking="with_aid") == "no"


def test_walking_is_compared_with_what_was_last_recorded_and_not_with_the_first() -> None:
    sent = answers(GAIT, WEAKNESS)
    facts = (changed(30, walking="unaided"), changed(60, walking="with_aid"))
    assert worse_at(sent, *facts, walking="no_power") == [60]


@pytest.mark.parametrize("open_answer", ["", "not_assessed"])
def test_walking_that_nobody_assessed_is_neither_lower_nor_forgotten(open_answer: str) -> None:
    sent = answers(GAIT, WEAKNESS)
    between = changed(30, walking=open_answer)
    assert worse_at(sent, between, walking="unaided") == []
    assert worse_at(sent, between, changed(60, walking="with_aid"), walking="unaided") == [60]


@pytest.mark.parametrize("value", WALKING)
def test_somebody_who_is_said_not_to_walk_has_lost_their_gait_though_nobody_recorded_it_before(
    value: str,
) -> None:
    is_lost = value in ("not_walking_some_power", "no_power")
    for unknown in ("", "not_assessed"):
        told = changed(60, walking=value)
        assert worse_at(answers(), told, walking=unknown) == ([60] if is_lost else [])
        assert reads(GAIT, answers(), told, walking=unknown) == ("yes" if is_lost else "no")


def test_a_referral_of_somebody_who_does_not_walk_and_has_no_neurology_is_asked_about() -> None:
    asked = [question.path for question in known(answers(), walking="no_power").questions]
    assert asked == ["clinical.walking_now"]
    assert not known(answers(GAIT), walking="no_power").questions
    assert not known(answers(), walking="unaided").questions


@pytest.mark.parametrize("unknown", ["", "not_assessed"])
def test_the_first_walking_that_is_recorded_is_no_worsening_by_itself(unknown: str) -> None:
    assert worse_at(answers(GAIT, WEAKNESS), changed(60, walking="no_power"), walking=unknown) == []


@pytest.mark.parametrize(
    ("before", "is_worse"),
    [("normal", True), ("urgency_or_hesitancy", True), ("retention", False), ("incontinence", False)],
)
def test_a_bladder_that_has_to_be_drained_is_as_bad_as_one_that_retains(before: str, is_worse: bool) -> None:
    sent = answers(BLADDER)
    facts = (examined(30, bladder=before), examined(60, bladder="catheter"))
    assert worse_at(sent, *facts) == ([60] if is_worse else [])


def test_somebody_whose_referral_says_that_they_do_not_walk_is_not_worse_by_its_being_said_again() -> None:
    said_again = changed(30, walking="no_power")
    assert worse_at(answers(), said_again, walking="no_power") == []


def test_the_first_walking_in_the_record_is_a_question_and_no_worsening() -> None:
    first = examined(30, walking_now="no_power")
    assert worse_at(answers(), first) == []
    assert ("clinical.walking_now", "gait_disturbance") in asked(known(answers(), first))


@pytest.mark.parametrize("before", ["no", "not_assessed"])
def test_a_no_about_the_gait_of_somebody_who_does_not_walk_takes_no_gait_disturbance_away(
    before: str,
) -> None:
    told = changed(30, walking="no_power", no=[GAIT])
    sent = answers(gait_disturbance=before)
    for facts in ((told,), (told, told), (told, changed(60, walking="not_walking_some_power", no=[GAIT]))):
        assert worse_at(sent, *facts) == [30]
        assert reads(GAIT, sent, *facts) == "yes"
    assert reads(GAIT, answers(GAIT), told) == "yes"
    assert reads(GAIT, sent, told, changed(60, walking="with_aid", no=[GAIT])) == "no"


def test_the_same_change_told_twice_counts_once() -> None:
    told = changed(30, walking="with_aid", no=[GAIT])
    for facts in ((told,), (told, told)):
        assert reads(GAIT, answers(), *facts, walking="unaided") == "yes"
    taken_back = replace(told, by_service=True)  # a person of the service who says the same has seen it
    assert reads(GAIT, answers(), told, taken_back, walking="unaided") == "no"


def test_not_walking_in_the_record_hides_no_later_report_of_it() -> None:
    """The record alone asks; a ward that reports it is heard, whatever the record said before."""
    facts = (examined(30, walking_now="no_power"), changed(60, walking="not_walking_some_power"))
    assert worse_at(answers(), *facts) == [60]
    assert reads(GAIT, answers(), *facts) == "yes"


# What is worse: power


@pytest.mark.parametrize("side", list(SIDES))
@pytest.mark.parametrize("myotome", list(MYOTOMES))
def test_power_below_the_last_of_the_same_myotome_and_side_is_worse(myotome: str, side: str) -> None:
    power = f"power_{myotome}_{side}"
    sent = answers(WEAKNESS)
    assert worse_at(sent, examined(30, **{power: "4"}), examined(60, **{power: "3"})) == [60]
    assert worse_at(sent, examined(30, **{power: "3"}), examined(60, **{power: "3"})) == []


@pytest.mark.parametrize(("before", "after"), list(itertools.combinations("543210", 2)))
def test_every_step_of_power_down_is_worse_and_every_step_up_is_better(before: str, after: str) -> None:
    sent = answers(WEAKNESS)
    down = (examined(30, power_l3_right=before), examined(60, power_l3_right=after))
    assert (worse_at(sent, *down), better_at(sent, *down)) == ([60], [])
    up = (examined(30, power_l3_right=after), examined(60, power_l3_right=before))
    assert (worse_at(sent, *up), better_at(sent, *up)) == ([], [60])


def test_the_two_sides_and_the_myotomes_are_not_compared_with_each_other() -> None:
    sent = answers(WEAKNESS)
    first = examined(30, power_l2_left="4")
    assert worse_at(sent, first, examined(60, power_l2_right="1")) == []
    assert worse_at(sent, first, examined(60, power_l3_left="1")) == []


def test_one_side_worse_and_the_other_better_is_worse() -> None:
    facts = (
        examined(30, power_l2_left="4", power_l2_right="2"),
        examined(60, power_l2_left="3", power_l2_right="5"),
    )
    assert worse_at(answers(WEAKNESS), *facts) == [60]


def test_power_that_cannot_be_tested_is_neither_lower_nor_forgotten() -> None:
    sent = answers(WEAKNESS)
    facts = (examined(30, power_l2_left="4"), examined(60, power_l2_left="nt"))
    assert worse_at(sent, *facts) == []
    assert worse_at(sent, *facts, examined(90, power_l2_left="3")) == [90]
    assert worse_at(sent, examined(30, power_l2_left="nt"), examined(60, power_l2_left="0")) == []


def test_power_that_a_later_examination_leaves_out_is_not_forgotten() -> None:
    facts = (
        examined(30, power_l2_left="4"),
        examined(60, power_l3_left="4"),
        examined(90, power_l2_left="3"),
    )
    assert worse_at(answers(WEAKNESS), *facts) == [90]


def test_lower_power_sets_the_weakness_to_yes() -> None:
    facts = (examined(30, power_l2_left="5"), examined(60, power_l2_left="4"))
    assert reads(WEAKNESS, answers(), *facts) == "yes"
    assert worse_at(answers(), *facts) == [60]
    no_again = (examined(30, power_l2_left="4"), changed(45, no=[WEAKNESS]), examined(60, power_l2_left="3"))
    assert reads(WEAKNESS, answers(), *no_again) == "yes"


# What is worse: bladder, bowel and anal tone

LOWER_SPHINCTER = [
    ("bladder", "normal", "urgency_or_hesitancy"),
    ("bladder", "normal", "retention"),
    ("bladder", "normal", "incontinence"),
    ("bladder", "urgency_or_hesitancy", "retention"),
    ("bladder", "urgency_or_hesitancy", "incontinence"),
    ("bowel", "normal", "incontinence"),
    ("anal_tone", "normal", "reduced"),
    ("anal_tone", "normal", "absent"),
    ("anal_tone", "reduced", "absent"),
]


@pytest.mark.parametrize(("name", "before", "after"), LOWER_SPHINCTER)
def test_sphincter_function_below_the_last_is_worse(name: str, before: str, after: str) -> None:
    sent = answers(BLADDER, SADDLE)
    assert worse_at(sent, examined(30, **{name: before}), examined(60, **{name: after})) == [60]
    back = (examined(30, **{name: after}), examined(60, **{name: before}))
    assert (worse_at(sent, *back), better_at(sent, *back)) == ([], [60])


@pytest.mark.parametrize(("name", "before", "after"), LOWER_SPHINCTER)
def test_lower_sphincter_function_sets_its_finding_to_yes(name: str, before: str, after: str) -> None:
    path = SADDLE if name == "anal_tone" else BLADDER
    first, lower = examined(30, **{name: before}), examined(60, **{name: after})
    assert reads(path, answers(), first, lower) == "yes"
    assert reads(path, answers(), first, changed(45, no=[path]), lower) == "yes"


def test_sphincter_function_that_nobody_assessed_is_neither_lower_nor_forgotten() -> None:
    sent = answers(BLADDER, SADDLE)
    facts = (examined(30, bladder="normal"), examined(60, bladder="not_assessed"))
    assert worse_at(sent, *facts) == []
    assert worse_at(sent, *facts, examined(90, bladder="retention")) == [90]


# What is worse: the sensory level


@pytest.mark.parametrize(
    ("before", "after", "is_worse"),
    [
        ("T10", "T4", True),
        ("L1 on both sides", "T12", True),
        ("S3", "L5", True),
        ("T1", "C8", True),
        ("T6 left, T10 right", "t 5 left, T10 right", True),
        ("T4", "T10", False),
        ("T06", "T6 left, T8 right", False),
        ("T10", "not examined", False),
        ("T13", "T10", False),
    ],
)
def test_a_sensory_level_that_rises_is_worse(before: str, after: str, is_worse: bool) -> None:
    facts = (examined(30, sensory_level=before), examined(60, sensory_level=after))
    assert worse_at(answers(SIGNS), *facts) == ([60] if is_worse else [])


def test_a_sensory_level_is_compared_with_the_last_one_that_was_named() -> None:
    first, unnamed = examined(30, sensory_level="T10"), examined(60, sensory_level="not examined")
    assert worse_at(answers(SIGNS), first, unnamed, examined(90, sensory_level="T8")) == [90]


# What is written into the record is the same evidence

MEANS = [
    ({"power_l3_left": "4"}, WEAKNESS),
    ({"power_c5_right": "0"}, WEAKNESS),
    ({"bladder": "urgency_or_hesitancy"}, BLADDER),
    ({"bladder": "retention"}, BLADDER),
    ({"bladder": "incontinence"}, BLADDER),
    ({"post_void_residual_ml": 200}, BLADDER),
    ({"post_void_residual_ml": 800}, BLADDER),
    ({"saddle_sensation": "reduced"}, SADDLE),
    ({"saddle_sensation": "absent"}, SADDLE),
    ({"anal_tone": "reduced"}, SADDLE),
    ({"anal_tone": "absent"}, SADDLE),
    ({"sensory_level": "T10"}, SIGNS),
    ({"plantars": "extensor_left"}, SIGNS),
    ({"plantars": "extensor_right"}, SIGNS),
    ({"plantars": "extensor_both"}, SIGNS),
    ({"clonus": "yes"}, SIGNS),
]
MEANS_NOTHING = [
    {"power_l3_left": "5"},
    {"power_l3_left": "nt"},
    {"bladder": "normal"},
    {"bladder": "not_assessed"},
    {"bowel": "normal"},
    {"post_void_residual_ml": 199},
    {"post_void_residual_ml": 0},
    {"saddle_sensation": "normal"},
    {"saddle_sensation": "not_assessed"},
    {"anal_tone": "normal"},
    {"plantars": "flexor"},
    {"clonus": "no"},
    {"clonus": "not_assessed"},
    {"sensory_level": ""},
    {"walking_now": "unaided"},
]


@pytest.mark.parametrize(("record", "path"), MEANS, ids=str)
@pytest.mark.parametrize("before", ["no", "not_assessed"])
def test_what_is_examined_raises_the_finding_that_it_means(
    record: dict[str, Any], path: str, before: str
) -> None:
    sent = answers(**{path.rpartition(".")[2]: before})
    assert reads(path, sent, examined(60, **record)) == "yes"
    assert worse_at(sent, examined(60, **record)) == [60], "newly yes"


@pytest.mark.parametrize(("record", "path"), MEANS, ids=str)
def test_the_first_value_that_is_recorded_is_no_worsening_where_its_finding_was_known(
    record: dict[str, Any], path: str
) -> None:
    assert worse_at(answers(path, *SIX, SADDLE), examined(60, **record)) == []


@pytest.mark.parametrize("record", MEANS_NOTHING, ids=str)
def test_what_is_normal_raises_nothing(record: dict[str, Any]) -> None:
    found = known(answers(), examined(60, **record))
    assert found.presentation == answers()
    assert (list(found.worsened_at), asked(found)) == ([], set())


@pytest.mark.parametrize("record", MEANS_NOTHING, ids=str)
def test_what_is_normal_lowers_nothing(record: dict[str, Any]) -> None:
    every = answers(*SIX, SADDLE, INSTABILITY)
    assert known(every, examined(60, **record)).presentation == every
    raised = (changed(30, *SIX, SADDLE), examined(60, **record))
    assert known(answers(INSTABILITY), *raised).presentation == every


@pytest.mark.parametrize(("record", "path"), MEANS, ids=str)
def test_what_the_record_raised_is_not_lowered_by_a_normal_value_later(
    record: dict[str, Any], path: str
) -> None:
    normal = {
        "post_void_residual_ml": 0,
        "saddle_sensation": "normal",
        "anal_tone": "normal",
        "plantars": "flexor",
        "clonus": "no",
        "bladder": "normal",
        "sensory_level": "",
    }
    name = next(iter(record))
    later = examined(90, **{name: normal.get(name, "5")})
    assert reads(path, answers(), examined(60, **record), later) == "yes"


def test_what_the_record_raised_is_not_lowered_from_outside_after_the_service_confirmed_it() -> None:
    """To say yes again takes nothing back: only a no by a person of the service does."""
    raised, outside = examined(60, power_l3_left="3"), changed(120, no=[WEAKNESS])
    for confirmed in (changed(90, WEAKNESS), changed(90, worse=[WEAKNESS])):
        by_service = replace(confirmed, by_service=True)
        assert reads(WEAKNESS, answers(), raised, by_service, outside) == "yes"
        assert reads(WEAKNESS, answers(), by_service, raised, outside) == "yes"
    taken_back = replace(changed(90, no=[WEAKNESS]), by_service=True)
    assert reads(WEAKNESS, answers(), raised, taken_back) == "no"


def test_the_residual_volume_and_the_bladder_speak_for_each_other_but_once() -> None:
    facts = (
        examined(60, bladder="retention", post_void_residual_ml=800),
        examined(90, post_void_residual_ml=800),
    )
    assert worse_at(answers(), *facts) == [60]


# Better


def test_an_improvement_is_recorded_and_lowers_nothing() -> None:
    facts = (examined(30, power_l2_left="3"), examined(60, power_l2_left="5"))
    assert (worse_at(answers(WEAKNESS), *facts), better_at(answers(WEAKNESS), *facts)) == ([], [60])
    assert reads(WEAKNESS, answers(WEAKNESS), *facts) == "yes"
    walked = known(answers(GAIT), changed(60, walking="unaided"), walking="with_aid")
    assert walked.presentation.neurology.gait_disturbance == "yes"
    assert [bool(one.better) for one in walked.examinations if one.number == 1] == [True]


def test_what_got_better_and_worse_again_is_worse() -> None:
    facts = (
        examined(30, power_l2_left="3"),
        examined(60, power_l2_left="5"),
        examined(90, power_l2_left="4"),
    )
    assert worse_at(answers(WEAKNESS), *facts) == [90]


def test_a_finding_that_an_event_says_is_gone_is_better_and_newly_yes_when_it_returns() -> None:
    gone = changed(60, no=[WEAKNESS])
    assert reads(WEAKNESS, answers(WEAKNESS), gone) == "no"
    assert better_at(answers(WEAKNESS), gone) == [60]
    assert worse_at(answers(WEAKNESS), gone, changed(90, WEAKNESS)) == [90]


# Contradictions are questions, and a device is one


@pytest.mark.parametrize(("record", "path"), MEANS, ids=str)
def test_a_value_that_contradicts_a_no_is_a_question_to_the_coordinator(
    record: dict[str, Any], path: str
) -> None:
    name = next(iter(record))
    question = (f"record.{name}", path.rpartition(".")[2])
    found = known(answers(), examined(60, **record))
    assert question in asked(found)
    assert {one.answer for one in found.questions if one.finding == path} == {"no"}
    assert question not in asked(known(answers(path), examined(60, **record)))


@pytest.mark.parametrize(
    ("record", "path"),
    [
        ({"bladder": "normal"}, BLADDER),
        ({"saddle_sensation": "normal"}, SADDLE),
        ({"anal_tone": "normal"}, SADDLE),
    ],
    ids=str,
)
def test_a_normal_value_that_contradicts_a_yes_is_a_question_and_lowers_nothing(
    record: dict[str, str], path: str
) -> None:
    found = known(answers(path), examined(60, **record))
    assert asked(found) == {(f"record.{next(iter(record))}", path.rpartition(".")[2])}
    assert answer_at(found.presentation, path) == "yes"


def test_a_question_stands_in_the_way_of_nothing_else() -> None:
    found = known(answers(), examined(60, bladder="retention", mri_pacemaker="yes"))
    assert list(found.worsened_at) == [at(60)]
    assert found.presentation.neurology.bladder_or_bowel_dysfunction == "yes"


@pytest.mark.parametrize("name", ["mri_pacemaker", "mri_clips", "mri_cochlear"])
@pytest.mark.parametrize("before", ["not_assessed", "no"])
def test_a_device_is_a_question_and_no_answer(name: str, before: str) -> None:
    sent = answers(mri_contraindicated=before)
    found = known(sent, examined(60, **{name: "yes"}))
    assert asked(found) == {(f"record.{name}", "mri_contraindicated")}
    assert found.presentation.mri_contraindicated == before
    assert list(found.worsened_at) == []
    for other in ("no", "not_assessed"):
        assert asked(known(sent, examined(60, **{name: other}))) == set()


def test_a_device_asks_nothing_where_mri_is_known_to_be_contraindicated() -> None:
    assert asked(known(answers(mri_contraindicated="yes"), examined(60, mri_pacemaker="yes"))) == set()


# The order of arrival, and what the referral says


def test_a_fact_that_arrives_late_moves_the_comparison() -> None:
    sent = answers(WEAKNESS)
    first, last = examined(30, power_l2_left="2"), examined(90, power_l2_left="2")
    assert worse_at(sent, first, last) == []
    assert worse_at(sent, first, last, examined(60, power_l2_left="4")) == [90]
    assert worse_at(sent, last) == []
    assert worse_at(sent, last, examined(30, power_l2_left="4")) == [90]


def test_a_finding_that_arrives_late_was_newly_yes_when_it_was_seen() -> None:
    assert worse_at(answers(), changed(90, WEAKNESS)) == [90]
    assert worse_at(answers(), changed(90, WEAKNESS), changed(30, WEAKNESS)) == [30]


def test_the_order_of_arrival_changes_neither_what_is_worse_nor_what_is_known() -> None:
    facts = (
        changed(20, WEAKNESS, walking="with_aid"),
        examined(40, power_l2_left="3", bladder="normal"),
        examined(60, power_l2_left="4", bladder="retention"),
        changed(80, worse=[GAIT], no=[SENSORY]),
        examined(100, power_l2_left="1", walking_now="unaided"),
    )
    sent = answers(SENSORY)
    first = known(sent, *facts, walking="unaided")
    assert worse_at(sent, *facts, walking="unaided") == [20, 60, 80, 100]
    for order in itertools.permutations(facts):
        other = known(sent, *order, walking="unaided")
        assert other.worsened_at == first.worsened_at
        assert other.presentation == first.presentation
        assert [(one.at, one.worse, one.better) for one in other.examinations] == [
            (one.at, one.worse, one.better) for one in first.examinations
        ]


def test_what_the_referral_says_counts_from_when_it_was_suspected() -> None:
    earlier = changed(-60, no=[WEAKNESS], walking="no_power")
    found = known(answers(WEAKNESS), earlier, walking="with_aid")
    assert found.presentation.neurology.limb_weakness == "yes"
    facts = (earlier, changed(60, WEAKNESS, walking="with_aid"))
    assert 60 not in worse_at(answers(WEAKNESS), *facts, walking="with_aid"), "as the referral said"
    facts = (earlier, changed(60, walking="not_walking_some_power"))
    assert 60 in worse_at(answers(WEAKNESS, GAIT), *facts, walking="with_aid"), "below the referral"


def test_what_was_yes_before_the_referral_said_so_is_not_worse_by_the_referral() -> None:
    found = worse_at(answers(WEAKNESS), changed(-60, WEAKNESS))
    assert [minute for minute in found if minute >= 0] == []


def test_what_was_examined_before_the_referral_is_compared_with_what_comes_after() -> None:
    facts = (examined(60, power_l2_left="3"), examined(-60, power_l2_left="4"))
    assert [minute for minute in worse_at(answers(WEAKNESS), *facts) if minute >= 0] == [60]


def test_an_examination_keeps_when_it_was_and_which_row_told_it() -> None:
    found = known(answers(WEAKNESS), examined(60, power_l2_left="4"), changed(30, GAIT))
    rows = [(one.at, one.number, one.kind) for one in found.examinations if one.number]
    assert rows == [(at(30), 2, "neurology_changed"), (at(60), 1, EXAMINED)]


# Together with imaging


def scanned_clean(minute: int) -> tuple[Fact, Fact]:
    regions = ["cervical", "thoracic", "lumbar"]
    return (
        Fact(kind="mri_performed", occurred_at=at(minute), data={"modality": "mri", "regions": regions}),
        Fact(
            kind="mri_reported",
            occurred_at=at(minute + 5),
            data={"result": "no_malignant_disease", "verified": True},
        ),
    )


@pytest.mark.parametrize(
    "worse",
    [
        changed(60, GAIT),
        changed(60, worse=[WEAKNESS]),
        changed(60, walking="no_power"),
        examined(60, power_l2_left="0", bladder="retention"),
    ],
    ids=["newly yes", "named", "walking", "examined"],
)
def test_earlier_scans_rule_nothing_out_after_any_worsening(worse: Fact) -> None:
    sent = answers(WEAKNESS)
    before = known(sent, *scanned_clean(20), walking="unaided")
    assert before.picture.ruled_out
    assert (before.presentation.whole_spine_imaged, before.presentation.imaging_report) == ("yes", "final")
    assert before.presentation.imaging_finding == "no_malignant_disease"
    after = known(sent, *scanned_clean(20), worse, walking="unaided")
    assert not after.picture.ruled_out
    assert (after.presentation.whole_spine_imaged, after.presentation.imaging_report) == (
        "not_assessed",
        "none",
    )
    assert after.presentation.imaging_finding == "none"
    again = known(sent, *scanned_clean(20), worse, *scanned_clean(90), walking="unaided")
    assert again.picture.ruled_out


def test_instability_and_an_improvement_leave_earlier_scans_as_they_were() -> None:
    found = known(
        answers(WEAKNESS),
        *scanned_clean(20),
        changed(60, INSTABILITY),
        changed(70, walking="unaided"),
        walking="with_aid",
    )
    assert found.picture.ruled_out


# Cases from the field


def test_w01_the_same_weakness_named_as_worse_overnight() -> None:
    sent = answers(WEAKNESS)
    overnight = changed(720, WEAKNESS, worse=[WEAKNESS], walking="no_power")
    facts = (examined(5, power_l3_left="4"), *scanned_clean(20))
    assert known(sent, *facts).picture.ruled_out
    found = known(sent, *facts, overnight)
    assert list(found.worsened_at) == [at(720)]
    assert not found.picture.ruled_out
    assert found.presentation.neurology.limb_weakness == "yes"
    assert "mri_whole_spine_24h" in {
        one.advice.code for one in evaluate(found.presentation, at=at(721)).advice
    }
    by_power = known(sent, *facts, examined(720, power_l3_left="0"))
    assert list(by_power.worsened_at) == [at(720)]


def test_r01_the_record_of_a_one_week_case_says_cauda_equina() -> None:
    sent = answers("pain.progressive")
    assert evaluate(sent, at=at(1)).stream == "one_week"
    record = {
        "bladder": "retention",
        "post_void_residual_ml": 800,
        "saddle_sensation": "absent",
        "power_l3_left": "0",
        "sensory_level": "T10",
    }
    found = known(sent, examined(60, **record))
    result = evaluate(found.presentation, at=at(61))
    assert result.stream == "emergency"
    assert "cauda_equina_4h" in {one.code for one in result.warnings}
    assert list(found.worsened_at) == [at(60)]
    assert {path for path, _ in asked(found)} == {f"record.{name}" for name in record}
    assert {one.answer for one in found.questions} == {"no"}
    yes = {path for path in (*SIX, SADDLE) if answer_at(found.presentation, path) == "yes"}
    assert yes >= {BLADDER, SADDLE, WEAKNESS, SIGNS}


def test_r02_a_pacemaker_in_the_record_is_asked_at_once() -> None:
    sent = answers("pain.progressive")
    found = known(sent, examined(60, mri_pacemaker="yes"))
    assert asked(found) == {("record.mri_pacemaker", "mri_contraindicated")}
    assert [(one.value, one.answer) for one in found.questions] == [("yes", "not_assessed")]
    assert found.presentation == sent


def test_findings_that_a_person_completes_are_read() -> None:
    completed = Fact(
        kind=FINDINGS_COMPLETED,
        occurred_at=at(60),
        data={"neurology": {"gait_disturbance": "yes"}, "mri_contraindicated": "yes"},
        by_service=True,
    )
    found = known(answers(gait_disturbance="not_assessed"), completed)
    assert found.presentation.neurology.gait_disturbance == "yes"
    assert found.presentation.mri_contraindicated == "yes"


def test_a_lower_value_of_each_measured_function_means_its_finding() -> None:
    assert finding_of("clinical.walking_now") == "gait_disturbance"
    assert {finding_of(path) for path in POWER_PATHS} == {"limb_weakness"}
    assert finding_of("record.bowel") == "bladder_or_bowel_dysfunction"
    assert finding_of("record.anal_tone") == "saddle_or_sphincter_signs"
    assert finding_of("clinical.notes") == ""


def test_an_answer_from_before_the_referral_takes_no_yes_of_the_referral_away() -> None:
    sent = answers(WEAKNESS)
    assert reads(WEAKNESS, sent, changed(-60, no=[WEAKNESS])) == "yes"
    assert reads(WEAKNESS, answers(), changed(-60, WEAKNESS)) == "yes"  # but it may add one
    assert reads(WEAKNESS, sent, changed(60, no=[WEAKNESS])) == "no"
