"""A statement that is kept for nobody is asked with the values of whoever asks."""

from datetime import UTC, datetime, timedelta

from kernel.actors import Actor, Role
from referrals.case.statements import NO_TIME, NOBODY, values_for

AT = datetime(2026, 11, 20, 3, tzinfo=UTC)
HER = Actor(key="user:12", role=Role.COORDINATOR)


def test_everything_of_nobody_becomes_hers_and_the_rest_stays() -> None:
    marks = (NOBODY.key, NOBODY.user_id, NO_TIME, "MSCC-NONE", ["emergency", NOBODY.key], 25, None, True)
    expected = [HER.key, 12, AT, "MSCC-QWKQK-2", ["emergency", HER.key], 25, None, True]
    assert values_for(marks, by=HER, at=AT, also={"MSCC-NONE": "MSCC-QWKQK-2"}) == expected


def test_a_while_before_or_after_no_time_is_as_long_before_or_after_the_instant() -> None:
    while_ = timedelta(hours=12)
    assert values_for((NO_TIME - while_, NO_TIME + while_), by=HER, at=AT) == [AT - while_, AT + while_]


def test_without_an_instant_the_times_of_the_statement_stay() -> None:
    assert values_for((NO_TIME,), by=HER, at=None) == [NO_TIME]
