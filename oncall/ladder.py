"""Who is paged when while a clock runs. Pure: a ladder is a value, copied onto the clock at its start."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import NotRequired, TypedDict, cast

from kernel.time import LONDON, from_london

SCREEN, EMAIL, LOOPBACK = "screen", "email", "loopback"


class StoredRung(TypedDict):
    """A rung as its clock stores it. A key that is not required is missing in rungs of earlier versions."""

    after_minutes: float
    duty: str
    channels: tuple[str, ...]  # a list, once it is read back
    unless_booked: bool
    repeat_minutes: float
    opens: NotRequired[int]
    closes: NotRequired[int]
    person: NotRequired[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """Page a duty so many minutes after the start; the last rung may repeat until the clock stops."""

    after_minutes: float
    duty: str
    channels: tuple[str, ...] = (SCREEN, EMAIL)
    unless_booked: bool = False
    repeat_minutes: float = 0
    opens: int = 0  # a repetition waits for these hours in London; 0 to 24 is any hour
    closes: int = 24
    person: int = 0  # the number of an account, paged instead of the holder of the duty

    @property
    def loud(self) -> bool:
        """Whether it pages by every channel of the person, not on the screen alone."""
        return len(self.channels) > 1

    def as_json(self) -> StoredRung:
        return cast(StoredRung, asdict(self))


Ladder = tuple[Rung, ...]


def check(ladder: Ladder, *, later: bool = False) -> None:
    """Check that a ladder begins at once, or `later`, and ends with a page that repeats until somebody answers.

    An empty ladder never pages and is right. ValueError says what is missing.
    """
    if not ladder:
        return
    if ladder[0].after_minutes > 0 and not later:
        raise ValueError("The first rung of a ladder is climbed at once")
    if not (ladder[-1].loud and ladder[-1].repeat_minutes > 0):
        raise ValueError("The last rung of a ladder pages and repeats")


def from_json(rows: Sequence[StoredRung]) -> Ladder:
    """The ladder as it was stored on a clock, its rungs in the stored order."""
    return tuple(replace(Rung(**rung), channels=tuple(rung["channels"])) for rung in rows)


def rung_at(ladder: Ladder, number: int) -> Rung | None:
    """The rung with this number, counted from 0; after the last, the last again if it repeats."""
    if number < len(ladder):
        return ladder[number]
    return ladder[-1] if ladder and ladder[-1].repeat_minutes else None


def instant_of(
    ladder: Ladder, number: int, *, started_at: datetime, last_climbed_at: datetime | None
) -> datetime | None:
    """When a rung is due. A repetition counts from the last page, so that an outage costs one page only."""
    if number < len(ladder):
        return started_at + timedelta(minutes=ladder[number].after_minutes)
    if rung_at(ladder, number) is None or last_climbed_at is None:
        return None
    again = last_climbed_at + timedelta(minutes=ladder[-1].repeat_minutes)
    wall = again.astimezone(LONDON)
    if ladder[-1].opens <= wall.hour < ladder[-1].closes:
        return again
    return _at_hour(wall.date() + timedelta(days=wall.hour >= ladder[-1].closes), ladder[-1].opens)


def within_hours(
    ladder: Ladder, *, started_at: datetime, due_at: datetime, opens: int, closes: int
) -> Ladder:
    """The same ladder with its night rungs moved to the evening before, London time.

    The first rung stays. A rung that would come before the start moves to the next morning instead, never
    past the deadline. If neither fits, it stays. Repetitions, which come after the deadline, wait for the
    morning.
    """

    def move(rung: Rung) -> Rung:
        instant = started_at + timedelta(minutes=rung.after_minutes)
        wall = instant.astimezone(LONDON)
        if opens <= wall.hour < closes:
            return rung
        evening = _at_hour(wall.date() - timedelta(days=wall.hour < opens), closes)
        morning = _at_hour(wall.date() + timedelta(days=wall.hour >= closes), opens)
        if evening > started_at:
            target = evening
        elif morning <= due_at:
            target = morning
        else:
            return rung
        return replace(rung, after_minutes=(target - started_at) / timedelta(minutes=1))

    moved_rungs = [ladder[0], *(move(rung) for rung in ladder[1:])] if ladder else []
    in_order = sorted(moved_rungs, key=lambda rung: rung.after_minutes)
    return tuple(
        replace(rung, opens=opens, closes=closes) if rung.repeat_minutes else rung for rung in in_order
    )


def _at_hour(day: date, hour: int) -> datetime:
    return from_london(day, time(hour)) if hour < 24 else from_london(day + timedelta(days=1), time(0))
