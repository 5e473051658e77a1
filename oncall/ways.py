"""The state of each channel: closed for a while when it fails, and a danger when it fails for minutes.

A channel that fails three times in a row, is too slow, or asks to be left alone is closed. After a pause one message tries
it again. A channel that refuses a message or its address for good has answered, and stays open.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from kernel.time import clock_time
from oncall.channels.faults import LONGEST_WAIT, Busy, Refused, TookTooLong, name_of
from oncall.models import Way

IN_A_ROW = 3
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(seconds=60)
DANGER, OLD_NEWS = timedelta(minutes=2), timedelta(hours=1)
FRESH = timedelta(minutes=1)
CHANNEL_WORDS = {
    "email": "E-mail",
    "sms": "Text message",
    "pager": "Pager or telephone gateway",
    "push": "Notifications of a browser",
}


def lane_of(channel: str) -> str:
    """The name of the heartbeat of the process that sends by a channel."""
    return f"lane_{channel}"


def shut(*, at: datetime) -> list[str]:
    """The channels that are left alone now: one query. An instant beyond the longest wait is of another time."""
    shut_ways = Way.objects.filter(shut_until__gt=at, shut_until__lte=at + LONGEST_WAIT)
    return list(shut_ways.values_list("channel", flat=True))


def works(channel: str, *, at: datetime) -> bool:
    """Record that a message got through; whether the channel had failed until now."""
    way = Way.objects.filter(channel=channel).first()
    if way is not None and not way.failures and way.worked_at and way.worked_at <= at < way.worked_at + FRESH:
        return False
    Way.objects.update_or_create(
        channel=channel,
        defaults={"worked_at": at, "failing_since": None, "failures": 0, "fault": "", "shut_until": None},
    )
    return way is not None and way.failures > 0


def fails(channel: str, fault: Exception, *, is_shut: bool = True, at: datetime) -> None:
    """Record a failure, and shut the channel if it is the third in a row or says that it will not be the last.

    `is_shut` is False for a channel that takes messages and loses them. Nor is it shut for a message that it refuses for
    good: whoever types a wrong address would hold up the pages of everybody else.
    """
    Way.objects.get_or_create(channel=channel)
    way = Way.objects.select_for_update().get(channel=channel)
    way.failures += 1
    way.failing_since, way.failed_at = way.failing_since or at, at
    way.fault = name_of(fault)[:200]
    asked = fault.after if isinstance(fault, Busy) else None
    if not is_shut or isinstance(fault, Refused):
        way.failures = 1
    elif asked is not None or isinstance(fault, TookTooLong) or way.failures >= IN_A_ROW:
        pause = min(FIRST_PAUSE * 2 ** min(max(way.failures - IN_A_ROW, 0), 8), LONGEST_PAUSE)
        way.shut_until = at + max(asked or pause, pause)
    way.save()


@dataclass(frozen=True, slots=True, kw_only=True)
class Failing:
    """A channel that fails: since when, its last failure, and what was wrong then."""

    channel: str
    since: datetime
    failed_at: datetime
    fault: str

    def is_danger(self, *, at: datetime) -> bool:
        """Whether it has failed for two minutes. A failure that nothing has followed for an hour is old news, unless the
        time was put back since.
        """
        of_the_future = self.since > at + FRESH
        return of_the_future or (self.since <= at - DANGER and self.failed_at >= at - OLD_NEWS)


def channels_in_danger(failing: Iterable[Failing], *, at: datetime) -> list[str]:
    """A sentence about each channel of this installation that is a danger."""
    return [
        f"{CHANNEL_WORDS[way.channel]} has failed since {clock_time(way.since)} ({way.fault}): ring the people on call"
        for way in failing
        if way.channel in settings.CHANNELS and way.is_danger(at=at)
    ]
