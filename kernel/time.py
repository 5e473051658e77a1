"""Instants, durations and how they read in Europe/London.

Every instant is aware UTC. Elapsed time is added and subtracted in UTC: twice a year a day in London
lasts 23 or 25 hours, but a 24-hour limit never does.
"""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


class NonexistentTime(ValueError):
    """A wall time in the hour that the clocks skip in March."""


class AmbiguousTime(ValueError):
    """A wall time in the hour that happens twice in October, given without GMT or BST."""


_demo_clock: tuple[datetime, datetime, float] | None = None


def machine_time() -> datetime:
    """The time that this machine shows, whatever the pace of a demo."""
    return datetime.now(UTC)


def now(*, ahead_by: timedelta = timedelta()) -> datetime:
    """The present instant in UTC, on a machine that is `ahead_by` so much. Called at doors only; other code takes `at`."""
    real = machine_time() - ahead_by
    if _demo_clock is None:
        return real
    since, start, pace = _demo_clock
    return start + (real - since) * pace


def set_pace(*, since: datetime, start: datetime, pace: float) -> None:
    """For the demo: from the real instant `since` on, `now` begins at `start` and runs `pace` times as fast."""
    global _demo_clock
    _demo_clock = (since, start, pace)


def as_utc(instant: datetime) -> datetime:
    """The same instant in UTC; a naive datetime is a programming error."""
    if instant.tzinfo is None:
        raise ValueError("a naive datetime is not an instant")
    return instant.astimezone(UTC)


def from_rfc3339(text: str) -> datetime:
    """An instant with its offset, such as 2026-11-20T09:30:00Z; ValueError otherwise.

    Years before 1900 and after 2200 are refused as typing errors.
    """
    if not re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ]", text):  # no ISO week either
        raise ValueError("an instant has a date and a time")
    try:
        instant = as_utc(datetime.fromisoformat(text.upper()))
    except OverflowError:
        raise ValueError("the instant is beyond the calendar") from None
    if not 1900 <= instant.year <= 2200:
        raise ValueError("the year is not between 1900 and 2200")
    return instant


def rfc3339(instant: datetime) -> str:
    """An instant for machines: UTC with Z, and microseconds if there are any."""
    return as_utc(instant).isoformat().replace("+00:00", "Z")


def london_date(instant: datetime) -> date:
    """The calendar day of an instant in London."""
    return as_utc(instant).astimezone(LONDON).date()


def from_london(day: date, at: time, *, season: str = "") -> datetime:
    """The instant of a London wall time. In the repeated hour `season` is GMT or BST."""
    earlier = datetime.combine(day, at, tzinfo=LONDON).replace(fold=0)
    later = earlier.replace(fold=1)
    first, second = as_utc(earlier), as_utc(later)
    if first.astimezone(LONDON).replace(tzinfo=None) != earlier.replace(tzinfo=None):
        raise NonexistentTime(f"{at:%H:%M} on {long_date(day)} does not exist: the clocks go forward")
    if first == second:
        return first
    if season == "BST":
        return first
    if season == "GMT":
        return second
    raise AmbiguousTime(f"{at:%H:%M} on {long_date(day)} happens twice: say GMT or BST")


def happens_twice(day: date, at: time) -> bool:
    """Whether a London wall time is in the hour that is repeated when summer time ends."""
    try:
        from_london(day, at.replace(tzinfo=None))
    except AmbiguousTime:
        return True
    except NonexistentTime:
        return False
    return False


def long_date(day: date) -> str:
    """20 November 2026"""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def clock_time(instant: datetime) -> str:
    """14:05 GMT"""
    wall = as_utc(instant).astimezone(LONDON)
    return f"{wall:%H:%M} {wall.tzname()}"


def in_words(instant: datetime) -> str:
    """14:05 GMT on 20 November 2026"""
    return f"{clock_time(instant)} on {long_date(london_date(instant))}"


def near(instant: datetime, *, at: datetime) -> str:
    """The clock time; on another day also `tomorrow`, `yesterday` or the date."""
    days = (london_date(instant) - london_date(at)).days
    if days == 0:
        return clock_time(instant)
    if days in (1, -1):
        return f"{clock_time(instant)} {'tomorrow' if days == 1 else 'yesterday'}"
    return in_words(instant)


def dated(instant: datetime, *, at: datetime) -> str:
    """The clock time; on another day than `at` with its date. For words that people read on a later day."""
    return clock_time(instant) if london_date(instant) == london_date(at) else in_words(instant)


def duration_in_words(length: timedelta) -> str:
    """3 days 2 hours, 2 hours 5 minutes, 7 minutes, under a minute; the sign is the caller's."""
    minutes = int(abs(length).total_seconds()) // 60
    days, hours = minutes // 1440, minutes // 60 % 24
    parts = [
        f"{count} {unit}{'' if count == 1 else 's'}"
        for count, unit in ((days, "day"), (hours, "hour"), (minutes % 60, "minute"))
        if count
    ]
    return " ".join(parts[:2]) or "under a minute"


def duration_in_short(length: timedelta) -> str:
    """3 d 2 h, 2 h 5 min, 7 min, under a minute: for a narrow column."""
    words = duration_in_words(length)
    for long, short in _IN_SHORT.items():
        words = words.replace(f"{long}s", short).replace(long, short)
    return words if words != "under a min" else "under a minute"


_IN_SHORT = {"day": "d", "hour": "h", "minute": "min"}


def minute_after(instant: datetime) -> datetime:
    """The first instant of the next minute."""
    return instant.replace(second=0, microsecond=0) + timedelta(minutes=1)


def is_earlier(instant: datetime, *, than: datetime) -> bool:
    """Whether a typed instant is before a stored one. Forms have no seconds: within one minute it is not."""
    return minute_after(instant) <= than


def not_earlier(instant: datetime, *, than: datetime) -> datetime:
    """A typed instant; or the stored one, if it is later within the same minute."""
    return instant if is_earlier(instant, than=than) else max(instant, than)


def earliest(instants: Iterable[datetime | None]) -> datetime | None:
    """The earliest instant; None when every one is None."""
    return min((instant for instant in instants if instant is not None), default=None)
