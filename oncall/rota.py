"""Who is on call."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.models import User
from accounts.people import DUTY_WORDS, Duty
from kernel.time import in_words
from oncall.models import Shift


@dataclass(frozen=True, slots=True, kw_only=True)
class OnCall:
    """A duty and who holds it at an instant; nobody is an empty name."""

    duty: Duty
    label: str
    holder: str
    telephone: str
    until: datetime | None


def holder_of(duty: str, *, at: datetime) -> User | None:
    """The active person who holds a duty at an instant."""
    shift = (
        Shift.objects.select_related("holder")
        .filter(duty=duty, starts_at__lte=at, ends_at__gt=at, holder__is_active=True)
        .first()
    )
    return shift.holder if shift else None


def on_call(*, at: datetime) -> tuple[OnCall, ...]:
    """Every duty and its holder at an instant: one query."""
    shifts = {
        shift.duty: shift
        for shift in Shift.objects.select_related("holder").filter(
            starts_at__lte=at, ends_at__gt=at, holder__is_active=True
        )
    }
    return tuple(
        OnCall(
            duty=duty,
            label=DUTY_WORDS[duty],
            holder=shifts[duty].holder.name if duty in shifts else "",
            telephone=shifts[duty].holder.telephone if duty in shifts else "",
            until=shifts[duty].ends_at if duty in shifts else None,
        )
        for duty in Duty
    )


AHEAD = timedelta(days=14)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A time in which nobody holds a duty."""

    starts_at: datetime
    ends_at: datetime

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
        found.append(Gap(starts_at=reached, ends_at=until))
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
