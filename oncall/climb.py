"""Climbing one clock: the rungs it has reached, the people they page, and the rows to write. Nothing is saved here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from accounts.models import User
from accounts.people import Duty
from ledger.kinds import Kind
from ledger.unit import NewEntry
from oncall.clocks import next_instant
from oncall.ladder import SCREEN, Ladder, Rung, from_json, instant_of, rung_at
from oncall.line_facts import ClockBreached, PageWritten, RungFoundNobody, RungPassedOver
from oncall.models import Clock, Page
from oncall.outbox import page_to
from oncall.owners import owner_key, person_key
from oncall.reach import Reach

MISSED = timedelta(minutes=5)  # a rung later than this was missed: the service, or everybody, was away
NOBODY = timedelta(minutes=1)  # how soon a page that found nobody is tried again
LAST_RESORT = (Duty.DEPUTY, Duty.CONSULTANT, Duty.MANAGER, Duty.LEAD, Duty.COORDINATOR)
Holders = Mapping[str, Sequence[User]]  # the people a page for a duty goes to


@dataclass(frozen=True, slots=True, kw_only=True)
class Climb:
    """The rows to write after a climb, beside the clock itself."""

    pages: list[Page] = field(default_factory=list)
    entries: list[NewEntry] = field(default_factory=list)
    was_missed: bool = False  # the clock is climbed late, to its present rung


def climb_clock(clock: Clock, *, holders: Holders, reach: Reach, at: datetime) -> Climb:
    """Climb every rung that is due, in order. A rung that reaches nobody is passed at once. Changes the clock."""
    ladder = from_json(clock.ladder)
    climb = Climb(was_missed=_is_missed(clock, ladder, at=at))
    if climb.was_missed:
        _pass_over(clock, ladder, climb, at=at)
    passed_on = clock.pass_on_at is not None  # nobody was reached by the rung before
    nobody = False
    while (rung := rung_at(ladder, clock.climbed)) is not None:
        instant = instant_of(
            ladder, clock.climbed, started_at=clock.started_at, last_climbed_at=clock.last_climbed_at
        )
        if instant is None or (max(instant, clock.snoozed_until or instant) > at and not passed_on):
            break
        loud_channels = _page(clock, rung, climb, holders=holders, reach=reach, at=at)
        nobody = loud_channels is None
        if nobody:
            break
        clock.climbed, clock.last_climbed_at = clock.climbed + 1, at
        # Nobody waits for a page that reached no channel, unless there is no further rung.
        passed_on = rung.loud and not loud_channels and clock.climbed < len(ladder)
    if not nobody:
        clock.found_nobody_at = clock.pass_on_at = None
    if clock.breach_recorded_at is None and clock.due_at <= at:
        clock.breach_recorded_at = at
        facts = ClockBreached(clock=clock.kind, limit_hours=clock.limit_hours, due_at=clock.due_at)
        if clock.subject:
            facts["subject"] = clock.subject
        climb.entries.append(NewEntry(kind=Kind.CLOCK_BREACHED, case=clock.case, facts=facts))
    clock.quarantined_at = None
    clock.next_at = at + NOBODY if nobody else next_instant(clock)
    return climb


def _is_missed(clock: Clock, ladder: Ladder, *, at: datetime) -> bool:
    """Whether the next rung was due some minutes ago, since the service knew of the clock."""
    if clock.pass_on_at is not None or clock.found_nobody_at is not None:
        return False
    instant = instant_of(
        ladder, clock.climbed, started_at=clock.started_at, last_climbed_at=clock.last_climbed_at
    )
    known = [clock.recorded_at, clock.snoozed_until, clock.quarantined_at and at]
    since = max((one for one in (instant, *known) if one is not None), default=at)
    return instant is not None and since + MISSED <= at


def _pass_over(clock: Clock, ladder: Ladder, climb: Climb, *, at: datetime) -> None:
    """Go to the present rung of the clock: only it pages, and those before it are recorded as passed over."""
    reached = [
        number
        for number in range(clock.climbed, len(ladder))
        if clock.started_at + timedelta(minutes=ladder[number].after_minutes) <= at
    ]
    paging = [n for n in reached if not (ladder[n].unless_booked and clock.booked_at is not None)]
    stands = max(paging, default=clock.climbed)
    for number in range(clock.climbed, stands):
        rung = ladder[number]
        facts = RungPassedOver(
            clock=clock.kind,
            limit_hours=clock.limit_hours,
            rung=number,
            duty=rung.duty,
            due_at=clock.started_at + timedelta(minutes=rung.after_minutes),
        )
        climb.entries.append(NewEntry(kind=Kind.RUNG_PASSED_OVER, case=clock.case, facts=facts))
    clock.climbed = max(stands, clock.climbed)


def _page(
    clock: Clock, rung: Rung, climb: Climb, *, holders: Holders, reach: Reach, at: datetime
) -> int | None:
    """Write the pages of a rung and count their channels beside the screen; None when nobody at all is on duty.

    With nobody on duty the rung is tried again each minute. Where nobody holds the rung's duty, the next
    duty up the ladder with a holder is paged at once and the ladder stays the same. A note on the screen wakes nobody else.
    """
    if rung.unless_booked and clock.booked_at is not None:
        return 1
    people = holders.get(_key_of(clock, rung, holders), ())
    if not people and clock.found_nobody_at is None:
        facts = RungFoundNobody(clock=clock.kind, rung=clock.climbed, duty=rung.duty)
        climb.entries.append(NewEntry(kind=Kind.RUNG_FOUND_NOBODY, case=clock.case, facts=facts))
    if not people and not rung.loud:
        return 1
    if not people:
        duty = next((duty for duty in _duties_above(clock, rung) if duty in holders), None)
        if duty is None:
            clock.found_nobody_at = clock.found_nobody_at or at
            return None
        rung, people = replace(rung, duty=duty), holders[duty]
    loud_channels = 0
    for person in people:
        channels = reach.channels_of(person) if rung.loud else rung.channels
        climb.pages.extend(
            page_to(person, channel, duty=rung.duty, clock=clock, rung=clock.climbed, at=at)
            for channel in channels
        )
        written = PageWritten(
            clock=clock.kind,
            rung=clock.climbed,
            duty=rung.duty,
            recipient=f"user:{person.pk}",
            channels=list(channels),
        )
        climb.entries.append(NewEntry(kind=Kind.PAGE_WRITTEN, case=clock.case, facts=written))
        loud_channels += sum(channel != SCREEN for channel in channels)
    return loud_channels


def _key_of(clock: Clock, rung: Rung, holders: Holders) -> str:
    """The key of a rung's recipient: a named person, the owner of the case for the coordinator, or a duty."""
    if rung.person:
        return person_key(rung.person)
    owner = owner_key(clock.case)
    return owner if rung.duty == Duty.COORDINATOR and owner in holders else rung.duty


def _duties_above(clock: Clock, rung: Rung) -> list[str]:
    """The duties above a rung on its ladder, then every other: anybody is better than nobody.

    Where the rung names a person who has left, the holder of its duty comes first.
    """
    steps = clock.ladder[clock.climbed :]
    above = [step["duty"] for step in steps if step["duty"] != rung.duty or rung.person]
    return [*above, *LAST_RESORT]
