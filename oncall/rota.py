"""Who is on call."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.models import User
from accounts.people import DUTY_WORDS, Duty
from kernel.time import in_words
from oncall.models import Shift
from oncall.reach import reach_of

HANDED_OVER = (Duty.COORDINATOR,)
LAPSES = timedelta(hours=12)


@dataclass(frozen=True, slots=True, kw_only=True)
class OnCall:
    """A duty and who holds it at an instant; nobody is an empty name."""

    duty: Duty
    label: str
    holder: str
    telephone: str
    until: datetime | None
    awaited: str = ""  # on the rota, and has not accepted the hand-over yet


def holders_at(at: datetime) -> dict[str, tuple[User, ...]]:
    """Whom a page for each duty goes to at an instant, the holder first: two queries.

    A duty that is handed over stays with the outgoing holder until the hand-over is accepted; until
    then both are paged. A duty that nobody is on the rota for is not in the answer.
    """
    return {shift.duty: people for shift, people in _held(at)}


def _held(at: datetime) -> list[tuple[Shift, tuple[User, ...]]]:
    """The shifts that run, each with those who are paged for it."""
    running = Shift.objects.select_related("holder").filter(
        starts_at__lte=at, ends_at__gt=at, holder__is_active=True
    )
    held = []
    for shift in running:
        outgoing = shift_not_handed_over(shift, at=at) if shift.duty in HANDED_OVER else None
        held.append((shift, (outgoing.holder, shift.holder) if outgoing else (shift.holder,)))
    return held


def holder_of(duty: str, *, at: datetime) -> User | None:
    """The active person who holds a duty at an instant."""
    people = holders_at(at).get(duty)
    return people[0] if people else None


def shift_not_handed_over(running: Shift, *, at: datetime) -> Shift | None:
    """The shift before, whose holder still holds the duty because the one that runs was not taken over yet.

    It lapses some hours after the change: nobody is held to a duty for days by a form.
    """
    if running.taken_over_at is not None and running.taken_over_at <= at:
        return None
    before = shift_before(running)
    if before is None or before.holder_id == running.holder_id or running.starts_at + LAPSES <= at:
        return None
    return before


def shift_before(shift: Shift) -> Shift | None:
    """The shift of the same duty that ended when this one began, by somebody who is still here."""
    held = Shift.objects.select_related("holder").filter(holder__is_active=True)
    return held.filter(duty=shift.duty, ends_at=shift.starts_at).first()


def on_call(*, at: datetime) -> tuple[OnCall, ...]:
    """Every duty and its holder at an instant: two queries."""
    held = {shift.duty: (shift, people) for shift, people in _held(at)}
    return tuple(
        OnCall(
            duty=duty,
            label=DUTY_WORDS[duty],
            holder=held[duty][1][0].name if duty in held else "",
            telephone=held[duty][1][0].telephone if duty in held else "",
            until=held[duty][0].ends_at if duty in held and len(held[duty][1]) == 1 else None,
            awaited=held[duty][1][1].name if duty in held and len(held[duty][1]) > 1 else "",
        )
        for duty in Duty
    )


AHEAD = timedelta(days=14)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A time in which nobody holds a duty."""

    starts_at: datetime
    ends_at: datetime
    open_ended: bool = False  # it reaches beyond the days that were looked at

    @property
    def words(self) -> str:
        return f"{in_words(self.starts_at)} to {in_words(self.ends_at)}"


def gaps(
    covered: Sequence[tuple[datetime, datetime]], *, since: datetime, until: datetime
) -> tuple[Gap, ...]:
    """The uncovered times between two instants; `covered` are the starts and ends of shifts. Pure."""
    found, reached = [], since
    for starts_at, ends_at in sorted(covered):
        if starts_at >= until:
            break
        if starts_at > reached:
            found.append(Gap(starts_at=reached, ends_at=starts_at))
        reached = max(reached, ends_at)
    if reached < until:
        found.append(Gap(starts_at=reached, ends_at=until, open_ended=True))
    return tuple(found)


def gaps_ahead(duty: Duty = Duty.COORDINATOR, *, at: datetime) -> tuple[Gap, ...]:
    """Every uncovered minute of a duty in the next 14 days: one query."""
    until = at.replace(second=0, microsecond=0) + AHEAD
    shifts = Shift.objects.filter(duty=duty, ends_at__gt=at, starts_at__lt=until, holder__is_active=True)
    return gaps(list(shifts.values_list("starts_at", "ends_at")), since=at, until=until)


def shifts_ahead(*, at: datetime) -> list[Shift]:
    """The shifts of the next 14 days, those that run now among them."""
    ahead = Shift.objects.select_related("holder").filter(ends_at__gt=at, starts_at__lt=at + AHEAD)
    order = {str(duty): place for place, duty in enumerate(Duty)}
    return sorted(ahead, key=lambda shift: (shift.starts_at, order[shift.duty]))


WARNED_BEFORE = timedelta(days=1)


def unreached_shifts(*, at: datetime) -> list[Shift]:
    """The shifts of now and the next day whose holder no page would reach: two queries."""
    near = Shift.objects.select_related("holder").filter(
        ends_at__gt=at, starts_at__lte=at + WARNED_BEFORE, holder__is_active=True
    )
    shifts = list(near.order_by("starts_at", "id"))
    reach = reach_of(shift.holder for shift in shifts)
    return [shift for shift in shifts if not reach.is_reached(shift.holder)]
