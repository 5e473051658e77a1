"""When a channel that fails is a danger: at the very instant of each limit."""

from datetime import datetime, timedelta

import pytest

from oncall.ways import DANGER, FRESH, OLD_NEWS, Failing
from tests.builders import NOON

SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("since", "failed_at", "is_danger"),
    [
        (NOON - DANGER, NOON, True),
        (NOON - DANGER + SECOND, NOON, False),
        (NOON - 2 * OLD_NEWS, NOON - OLD_NEWS, True),
        (NOON - 2 * OLD_NEWS, NOON - OLD_NEWS - SECOND, False),
        (NOON + FRESH + SECOND, NOON + FRESH + SECOND, True),  # the time was put back since
        (NOON + FRESH, NOON + FRESH, False),
    ],
    ids=["two minutes", "less", "an hour ago", "old news", "of the future", "clocks differ a little"],
)
def test_a_channel_is_a_danger_after_two_minutes_until_it_is_old_news(
    since: datetime, failed_at: datetime, is_danger: bool
) -> None:
    failing = Failing(channel="email", since=since, failed_at=failed_at, fault="refused")
    assert failing.is_danger(at=NOON) == is_danger
