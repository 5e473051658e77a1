"""The figures by groups of people: who is in which group, and what is said of few."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from governance.episode import MeasuredEpisode, MeasuredPerson, MeasuredScan
from governance.inequalities import (
    CHARACTERISTICS,
    ETHNIC_GROUPS,
    IN_HOURS,
    NOT_RECORDED,
    OUT_OF_HOURS,
    Group,
    groups_of,
)
from referrals.intake.fields import ETHNIC_CATEGORY

MONDAY = datetime(2026, 11, 23, 12, tzinfo=UTC)
PERIOD: dict[str, Any] = {"since": MONDAY - timedelta(days=40), "until": MONDAY + timedelta(days=30)}
SPINE = frozenset({"cervical", "thoracic", "lumbar"})
OF = {each.title: each for each in CHARACTERISTICS}


def episode(*, hours: float | None = None, at: datetime = MONDAY, **person: Any) -> MeasuredEpisode:
    """An episode with neurology, with a whole-spine MRI some hours after the suspicion."""
    scans = (
        ()
        if hours is None
        else (MeasuredScan(at=at + timedelta(hours=hours), modality="mri", regions=SPINE),)
    )
    return MeasuredEpisode(
        reference="MSCC-7K3QF-X",
        person=MeasuredPerson(**person),
        suspected_at=at,
        began_at=at,
        neurology_at=at,
        came_with_neurology=True,
        scans=scans,
    )


def groups(title: str, *rows: MeasuredEpisode) -> dict[str, Group]:
    counted = groups_of(OF[title], rows, at=MONDAY + timedelta(days=9), **PERIOD)
    return {group.title: group for group in counted}


@pytest.mark.parametrize(
    ("age", "title"),
    [
        (49, "Under 50"),
        (50, "50 to 64"),
        (64, "50 to 64"),
        (65, "65 to 79"),
        (79, "65 to 79"),
        (80, "80 and over"),
        (None, NOT_RECORDED),
    ],
)
def test_ages_fall_into_their_band(age: int | None, title: str) -> None:
    assert set(groups("Age at the first suspicion", episode(age=age))) == {title}


def test_every_ethnic_category_has_its_group_and_what_is_not_known_is_not_recorded() -> None:
    placed = {
        code: next(iter(groups("Ethnic group", episode(ethnic_category=code))))
        for code in (*ETHNIC_CATEGORY, "")
    }
    assert {code for code, title in placed.items() if title == NOT_RECORDED} == {"Z", "99", ""}
    assert (placed["B"], placed["G"], placed["K"], placed["N"], placed["R"]) == tuple(ETHNIC_GROUPS)


def test_a_code_of_a_later_version_is_not_recorded_here() -> None:
    later = episode(sex="x", ethnic_category="QQ", referred_by="robot")
    assert {title: set(groups(title, later)) for title in ("Sex", "Ethnic group", "First referred by")} == {
        "Sex": {NOT_RECORDED},
        "Ethnic group": {NOT_RECORDED},
        "First referred by": {NOT_RECORDED},
    }


@pytest.mark.parametrize(
    ("at", "title"),
    [
        (MONDAY.replace(hour=7, minute=59), OUT_OF_HOURS),
        (MONDAY.replace(hour=8), IN_HOURS),
        (MONDAY.replace(hour=17, minute=59), IN_HOURS),
        (MONDAY.replace(hour=18), OUT_OF_HOURS),
        (MONDAY + timedelta(days=5), OUT_OF_HOURS),
        (datetime(2026, 10, 26, 8, tzinfo=UTC), IN_HOURS),  # a Monday, an hour after the change of clocks
        (datetime(2026, 10, 23, 17, 30, tzinfo=UTC), OUT_OF_HOURS),  # 18:30 BST
    ],
)
def test_the_hour_is_that_of_london(at: datetime, title: str) -> None:
    assert set(groups("When it was suspected", episode(at=at))) == {title}


def test_a_measure_counts_by_its_own_date_like_the_measures_of_the_period() -> None:
    before = PERIOD["since"] - timedelta(days=3)
    suspected_before = replace(
        episode(hours=10, sex="female"), suspected_at=before, came_with_neurology=False
    )
    neurology_after = replace(
        episode(hours=10, at=PERIOD["until"], sex="female"), suspected_at=MONDAY, came_with_neurology=False
    )
    counted = groups("Sex", suspected_before, neurology_after)["Female"]
    assert (counted.shares[1].met, counted.shares[1].of) == (1, 1)
    assert counted.episodes == 1  # the other one was suspected before the period
    only = groups("Sex", suspected_before)["Female"]
    assert (only.episodes, only.shares[1].of) == (0, 1)
    neither = replace(suspected_before, neurology_at=None)
    assert groups("Sex", neither) == {}


def test_each_group_is_counted_by_itself() -> None:
    quick = [episode(hours=10, sex="female") for _ in range(5)]
    slow = [episode(hours=30, sex="male") for _ in range(4)]
    late = episode(hours=10, at=MONDAY + timedelta(days=31), sex="female")
    counted = groups("Sex", *quick, *slow, episode(sex="unknown"), late)
    assert list(counted) == ["Female", "Male", NOT_RECORDED]
    female, male = counted["Female"], counted["Male"]
    assert (female.episodes, female.shares[1].met, female.shares[1].of, female.shares[1].percent) == (
        5,
        5,
        5,
        100,
    )
    assert female.median == timedelta(hours=10)
    assert (male.episodes, male.shares[1].met, male.shares[1].of) == (4, 0, 4)
    assert (male.shares[1].percent, male.median) == (None, None)  # too few
