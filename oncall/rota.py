"""Who is on call."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Case, F, OuterRef, Q, Subquery, When
from django.db.models.functions import Coalesce

from accounts.models import User
from accounts.people import DUTY_WORDS, Duty
from kernel.time import in_words
from oncall.models import Shift
from oncall.reach import reach_of

WITH_HANDOVER = (Duty.COORDINATOR,)
LAPSES = timedelta(hours=12)


@dataclass(frozen=True, slots=True, kw_only=True)
class OnCall:
    """A duty and its holder at an instant; the name is empty when nobody holds it."""

    duty: Duty
    label: str
    holder: str
    telephone: str
    until: datetime | None
    awaited: str = ""  # on the rota, and has not accepted the hand-over yet


def holders_at(at: datetime) -> dict[str, tuple[User, ...]]:
    """The people a page for each duty goes to at an instant, the holder first: two queries.

    A duty with a hand-over stays with the outgoing holder until the hand-over is accepted; until then both
    are paged. A duty with nobody on the rota is not in the answer.
    """
    return {shift.duty: people for shift, people in _shifts_with_recipients(at)}


def _shifts_with_recipients(at: datetime) -> list[tuple[Shift, tuple[User, ...]]]:
    """The running shifts, each with the people who are paged for it."""
    shifts = Shift.objects.select_related("holder").filter(
        starts_at__lte=at, ends_at__gt=at, holder__is_active=True
    )
    rows: list[tuple[Shift, tuple[User, ...]]] = []
    for shift in shifts:
        previous = shift_not_handed_over(shift, at=at) if shift.duty in WITH_HANDOVER else None
        rows.append((shift, (previous.holder, shift.holder) if previous else (shift.holder,)))
    return rows


def holder_of(duty: str, *, at: datetime) -> User | None:
    """The active holder of a duty at an instant; None when there is none."""
    people = holders_at(at).get(duty)
    return people[0] if people else None


def holder_name(duty: str, *, at: datetime) -> Subquery:
    """A subquery for the name of the holder of a duty, as `holder_of` finds them; null when there is none."""
    shifts = Shift.objects.filter(holder__is_active=True, duty=duty)
    before = shifts.filter(ends_at=OuterRef("starts_at")).values("holder__name")
    keeps = Q(taken_over_at=None) | Q(taken_over_at__gt=at)
    running = shifts.filter(starts_at__lte=at, ends_at__gt=at).annotate(
        holder_now=Case(
            When(keeps & Q(starts_at__gt=at - LAPSES), then=Coalesce(Subquery(before[:1]), "holder__name")),
            default="holder__name",
        )
        if duty in WITH_HANDOVER
        else F("holder__name")
    )
    return Subquery(running.values("holder_now")[:1])


def shift_not_handed_over(running: Shift, *, at: datetime) -> Shift | None:
    """The previous shift, if its holder keeps the duty because the running shift is not taken over yet.

    This lapses some hours after the change, so that a missing form keeps nobody on duty for days.
    """
    is_taken_over = running.taken_over_at is not None and running.taken_over_at <= at
    if is_taken_over or running.starts_at + LAPSES <= at:
        return None
    previous = shift_before(running)
    return None if previous is None or previous.holder_id == running.holder_id else previous


def shift_before(shift: Shift) -> Shift | None:
    """The shift of the same duty that ended when this one began, with an active holder."""
    shifts = Shift.objects.select_related("holder").filter(holder__is_active=True)
    return shifts.filter(duty=shift.duty, ends_at=shift.starts_at).first()


def on_call(*, at: datetime) -> tuple[OnCall, ...]:
    """Every duty and its holder at an instant: two queries."""
    by_duty = {shift.duty: (shift, people) for shift, people in _shifts_with_recipients(at)}
    return tuple(
        OnCall(
            duty=duty,
            label=DUTY_WORDS[duty],
            holder=by_duty[duty][1][0].name if duty in by_duty else "",
            telephone=by_duty[duty][1][0].telephone if duty in by_duty else "",
            until=by_duty[duty][0].ends_at if duty in by_duty and len(by_duty[duty][1]) == 1 else None,
            awaited=by_duty[duty][1][1].name if duty in by_duty and len(by_duty[duty][1]) > 1 else "",
        )
        for duty in Duty
    )


AHEAD = timedelta(days=14)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A time in which nobody holds a duty."""

    starts_at: datetime
    ends_at: datetime
    open_ended: bool = False  # it goes on after the last day that was read

    @property
    def words(self) -> str:
        return f"{in_words(self.starts_at)} to {in_words(self.ends_at)}"


def gaps(shifts: Sequence[tuple[datetime, datetime]], *, since: datetime, until: datetime) -> tuple[Gap, ...]:
    """The gaps between two instants; `shifts` are the starts and ends of shifts. Pure."""
    rows: list[Gap] = []
    covered_until = since
    for starts_at, ends_at in sorted(shifts):
        if starts_at >= until:
            break
        if starts_at > covered_until:
            rows.append(Gap(starts_at=covered_until, ends_at=starts_at))
        covered_until = max(covered_until, ends_at)
    if covered_until < until:
        rows.append(Gap(starts_at=covered_until, ends_at=until, open_ended=True))
    return tuple(rows)


def gaps_ahead(duty: Duty = Duty.COORDINATOR, *, at: datetime) -> tuple[Gap, ...]:
    """The gaps of a duty in the next 14 days: one query."""
    until = at.replace(second=0, microsecond=0) + AHEAD
    shifts = Shift.objects.filter(duty=duty, ends_at__gt=at, starts_at__lt=until, holder__is_active=True)
    return gaps(list(shifts.values_list("starts_at", "ends_at")), since=at, until=until)


def shifts_ahead(*, at: datetime) -> list[Shift]:
    """The shifts of the next 14 days, including the running ones."""
    ahead = Shift.objects.select_related("holder").filter(ends_at__gt=at, starts_at__lt=at + AHEAD)
    order = {str(duty): place for place, duty in enumerate(Duty)}
    return sorted(ahead, key=lambda shift: (shift.starts_at, order[shift.duty]))


WARNED_BEFORE = timedelta(days=1)


def unreached_shifts(*, at: datetime) -> list[Shift]:
    """The shifts now and in the next day whose holder no page would reach: two queries."""
    near = Shift.objects.select_related("holder").filter(
        ends_at__gt=at, starts_at__lte=at + WARNED_BEFORE, holder__is_active=True
    )
    shifts = list(near.order_by("starts_at", "id"))
    reach = reach_of(shift.holder for shift in shifts)
    return [shift for shift in shifts if not reach.is_reached(shift.holder)]
