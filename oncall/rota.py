"""Who is on call."""

from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
from accounts.people import DUTY_WORDS, Duty
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
