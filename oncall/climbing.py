"""Climbing one clock: which rungs are reached, whom they page, and what that writes. Nothing is saved here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from accounts.models import User
from ledger.append import Entry
from ledger.kinds import Kind
from oncall.clocks import next_instant
from oncall.ladder import SCREEN, Rung, from_json, instant_of, rung_at
from oncall.models import Clock, Page
from oncall.outbox import page_to
from oncall.reach import Reach

Holders = Mapping[str, Sequence[User]]  # whom a page for a duty goes to


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What climbing has to write beside the clock itself."""

    pages: list[Page] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)


def climb_clock(clock: Clock, *, holders: Holders, reach: Reach, at: datetime) -> Written:
    """Every rung that is reached, in order; a rung that finds nobody is passed at once. Changes the clock."""
    written = Written()
    ladder = from_json(clock.ladder)
    passed_on = clock.pass_on_at is not None  # nobody was reached by the rung before
    while (rung := rung_at(ladder, clock.climbed)) is not None:
        reached = instant_of(
            ladder, clock.climbed, started_at=clock.started_at, last_climbed_at=clock.last_climbed_at
        )
        if reached is None or (reached > at and not passed_on):
            break
        passed_on = not _page(clock, rung, written, holders=holders, reach=reach, at=at)
        if passed_on and clock.climbed >= len(ladder) - 1:
            passed_on = False  # nobody at all: the last rung tries again when it repeats
        clock.climbed, clock.last_climbed_at = clock.climbed + 1, at
    if clock.breach_recorded_at is None and clock.due_at <= at:
        clock.breach_recorded_at = at
        facts = {"clock": clock.kind, "limit_hours": clock.limit_hours, "due_at": clock.due_at}
        written.entries.append(Entry(kind=Kind.CLOCK_BREACHED, case=clock.case, facts=facts))
    clock.pass_on_at = clock.quarantined_at = None
    clock.next_at = next_instant(clock)
    return written


def _page(
    clock: Clock, rung: Rung, written: Written, *, holders: Holders, reach: Reach, at: datetime
) -> bool:
    """The pages of a rung; False when nobody holds its duty."""
    if rung.unless_booked and clock.booked_at is not None:
        return True
    facts = {"clock": clock.kind, "rung": clock.climbed, "duty": rung.duty}
    people = holders.get(rung.duty, ())
    for person in people:
        channels = reach.channels_of(person) if rung.loud else (SCREEN,)
        written.pages.extend(
            page_to(person, channel, duty=rung.duty, clock=clock, rung=clock.climbed, at=at)
            for channel in channels
        )
        told = {**facts, "recipient": f"user:{person.pk}", "channels": list(channels)}
        written.entries.append(Entry(kind=Kind.PAGE_WRITTEN, case=clock.case, facts=told))
    if not people:
        written.entries.append(Entry(kind=Kind.RUNG_FOUND_NOBODY, case=clock.case, facts=facts))
    return bool(people)
