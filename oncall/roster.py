"""Changes to the rota: shifts planned, swapped, given at once and ended. Each change is in the ledger."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from accounts.models import User
from accounts.people import DUTY_WORDS, Duty
from kernel.actors import Actor, Role
from kernel.refusals import Denied, Invalid, OutOfTurn
from kernel.text import fault, tidy
from kernel.time import LONDON, NonexistentTime, from_london, in_words
from ledger.append import append, bind
from ledger.keep import forget, keep
from ledger.kinds import Kind
from ledger.transaction import one_transaction
from oncall.alarms import GIVEN_AT_ONCE, page_about
from oncall.line_facts import HandOverTold, ShiftChanged
from oncall.models import HandOver, Shift
from oncall.reach import reach_of
from oncall.rota import WITH_HANDOVER, shift_not_handed_over

LONGEST = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftPlan:
    """A shift to plan; instants are aware UTC."""

    duty: str
    username: str
    starts_at: datetime
    ends_at: datetime


def check_planner(by: Actor) -> None:
    """Denied for everybody but the clinical lead and the administrator."""
    if by.role not in (Role.LEAD, Role.ADMINISTRATOR):
        raise Denied("Only the clinical lead or the service administrator changes the rota")


@one_transaction()
def plan_shifts(
    plan: ShiftPlan, *, weeks: int = 1, sure: bool = False, by: Actor, at: datetime
) -> list[Shift]:
    """Plan a shift at the same London time for some weeks; all of them or none.

    A person without an address for pages is planned only when the planner is `sure`.
    """
    check_planner(by)
    if not 1 <= weeks <= 26:
        raise Invalid("The shifts cannot be planned", errors={"weeks": ["Enter 1 to 26 weeks"]})
    errors: dict[str, list[str]] = {}
    shifts = []
    for week in range(weeks):
        week_plan = ShiftPlan(
            duty=plan.duty,
            username=plan.username,
            starts_at=_weeks_later(plan.starts_at, week) if week else plan.starts_at,
            ends_at=_weeks_later(plan.ends_at, week) if week else plan.ends_at,
        )
        faults = faults_of(week_plan, at=at) or _overlap_fault(week_plan)
        for field, why in faults.items():
            if why not in errors.setdefault(field, []):
                errors[field].append(why)
        if not faults:
            shifts.append(_write(week_plan, by=by, at=at))
    if errors:
        raise Invalid("The shifts cannot be planned", errors=errors)
    question(shifts[0].holder, sure=sure)
    return shifts


def question(*people: User, sure: bool) -> None:
    """Refuse people whom no page would reach, until the planner is `sure`; Invalid names them under `sure`."""
    reach = reach_of(people)
    unreached = [unreached_words(person) for person in people if not reach.is_reached(person)]
    if unreached and not sure:
        raise Invalid("Somebody could not be paged", errors={"sure": unreached})


def unreached_words(person: User) -> str:
    """What happens to the pages of a person without an address."""
    return f"{person.name} has no e-mail address, text number or pager: pages go to the next person at once"


def _weeks_later(instant: datetime, weeks: int) -> datetime:
    """The same London time some weeks later, across a change of the clocks."""
    wall = instant.astimezone(LONDON)
    day = wall.date() + timedelta(weeks=weeks)
    try:
        return from_london(day, wall.time().replace(tzinfo=None), season="BST")
    except NonexistentTime:
        return from_london(day, (datetime.combine(day, wall.time()) + timedelta(hours=1)).time())


def faults_of(plan: ShiftPlan, *, at: datetime) -> dict[str, str]:
    """What is wrong with a plan by itself, by field. Other shifts at that time are not looked at."""
    person = User.objects.filter(username=plan.username).first()
    unknown = {} if plan.duty in set(Duty) else {"duty": "Choose the duty"}
    if person is None or not person.is_active:
        return {**unknown, "user_name": "Choose somebody who may sign in"}
    if unknown:
        return unknown
    if why := _why_unable(person, plan.duty):
        return {"user_name": why}
    if plan.ends_at <= plan.starts_at:
        return {"ends": "The shift ends before it starts"}
    if plan.ends_at - plan.starts_at > LONGEST:
        return {"ends": "A shift lasts 7 days at most: plan the rest as another shift"}
    if plan.ends_at <= at:
        return {"ends": "This shift is over already"}
    return {}


def _why_unable(person: User, duty: str) -> str:
    """Why somebody cannot hold a duty; empty when they can."""
    if duty == Duty.COORDINATOR and person.role != Role.COORDINATOR:
        return f"{person.name} does not have the coordinator's role and could not open a case"
    if duty not in person.duties:
        return f"{person.name} cannot hold this duty: the administrator adds it under users"
    return ""


def _overlap_fault(plan: ShiftPlan) -> dict[str, str]:
    shift = overlapping_shifts(plan).first()
    if shift is None:
        return {}
    times = f"{in_words(shift.starts_at)} to {in_words(shift.ends_at)}"
    return {"starts": f"{shift.holder.name} holds this duty from {times}: change that shift first"}


def overlapping_shifts(plan: ShiftPlan) -> QuerySet[Shift]:
    """The shifts on the rota that overlap with a plan, the earliest first."""
    shifts = Shift.objects.select_related("holder").order_by("starts_at")
    return shifts.filter(duty=plan.duty, starts_at__lt=plan.ends_at, ends_at__gt=plan.starts_at)


def _write(plan: ShiftPlan, *, by: Actor, at: datetime) -> Shift:
    holder = User.objects.get(username=plan.username)
    facts = ShiftChanged(
        duty=plan.duty,
        holder=f"user:{holder.pk}",
        starts_at=plan.starts_at,
        ends_at=plan.ends_at,
    )
    line = append(Kind.SHIFT_CHANGED, by=by, at=at, facts=facts)
    shift = Shift(duty=plan.duty, holder=holder, starts_at=plan.starts_at, ends_at=plan.ends_at)
    try:
        with transaction.atomic():
            return keep(shift, line=line, by=by, at=at)
    except IntegrityError:  # the database refuses two holders of one duty at once
        raise OutOfTurn("Somebody else has just planned this time. Look at the rota and plan again") from None


@one_transaction()
def swap_shift(number: int, *, username: str, sure: bool = False, by: Actor, at: datetime) -> Shift:
    """Give the rest of a shift to somebody else; the part before now stays with its holder.

    A running shift is handed over: until the new holder accepts, both are paged. Where its holder never accepted it,
    whoever still holds the duty hands it to the new holder.
    """
    check_planner(by)
    shift = _open_shift(number, at=at)
    question(_able(shift, username), sure=sure)
    return replace([shift], _rest(shift, username, at=at), by=by, at=at)


@one_transaction()
def give_at_once(
    number: int, *, username: str, because: str, sure: bool = False, by: Actor, at: datetime
) -> Shift:
    """Give a running shift to somebody from now on: its holder has fallen ill and hands nothing over.

    The new holder is paged and holds the duty alone, even before they confirm it. The new holder may also be
    the person on the rota who waits for a hand-over that cannot come.
    """
    check_planner(by)
    shift = _open_shift(number, at=at)
    if shift.starts_at > at:
        raise OutOfTurn("This shift has not begun. Swap it instead")
    if problem := fault(because, limit=200) or ("" if tidy(because) else "Say why, such as: taken ill"):
        raise Invalid("The duty cannot be given", errors={"because": [problem]})
    person = _able(shift, username)
    question(person, sure=sure)
    if person.pk != shift.holder_id:
        shift = replace([shift], _rest(shift, username, at=at), by=by, at=at)
    elif shift.duty not in WITH_HANDOVER or shift_not_handed_over(shift, at=at) is None:
        why = f"{person.name} holds this duty already: choose somebody else"
        raise Invalid("The duty cannot be given", errors={"user_name": [why]})
    facts = ShiftChanged(
        duty=shift.duty,
        holder=f"user:{person.pk}",
        shift=shift.pk,
        at_once=True,
        because=bind(tidy(because), salt=f"hand_over:{shift.pk}"),
    )
    line = append(Kind.SHIFT_CHANGED, by=by, at=at, facts=facts)
    hand_over = HandOver.objects.filter(shift=shift).first() or HandOver(shift=shift)
    hand_over.without_words_because = tidy(because)
    keep(hand_over, line=line, by=by, at=at)
    shift.taken_over_at = at
    keep(shift, line=line, by=by, at=at)
    page_about(
        GIVEN_AT_ONCE,
        f"{DUTY_WORDS[Duty(shift.duty)]}, {in_words(at)}",
        person=person,
        duty=shift.duty,
        at=at,
    )
    return shift


def _able(shift: Shift, username: str) -> User:
    person = User.objects.filter(username=username, is_active=True).first()
    if person is None or _why_unable(person, shift.duty):
        raise Invalid(
            "The shift cannot be swapped", errors={"user_name": ["Choose somebody who can hold this duty"]}
        )
    return person


def _rest(shift: Shift, username: str, *, at: datetime) -> ShiftPlan:
    """The rest of a shift, as a plan for somebody else."""
    starts_at = max(shift.starts_at, at)
    return ShiftPlan(duty=shift.duty, username=username, starts_at=starts_at, ends_at=shift.ends_at)


def replace(shifts: Sequence[Shift], plan: ShiftPlan, *, by: Actor, at: datetime) -> Shift:
    """Plan a shift in place of others. A hand-over written for them goes to the new holder."""
    hand_over = HandOver.objects.filter(shift__in=shifts, accepted_at=None).exclude(told="").first()
    words = (
        (hand_over.open_promises, hand_over.told, hand_over.told_by, hand_over.told_at) if hand_over else None
    )
    for shift in shifts:
        _end(shift, by=by, at=at)
    new = _write(plan, by=by, at=at)
    if words is not None:
        promises, text, author, written_at = words
        copy = HandOver(shift=new, open_promises=promises, told=text, told_by=author, told_at=written_at)
        line = append(Kind.HAND_OVER_TOLD, by=by, at=at, facts=HandOverTold(shift=new.pk, moved=True))
        keep(copy, line=line, by=by, at=at)
    return new


@one_transaction()
def end_shift(number: int, *, by: Actor, at: datetime) -> None:
    """Take a shift off the rota; a running shift ends now."""
    check_planner(by)
    _end(_open_shift(number, at=at), by=by, at=at)


def _open_shift(number: int, *, at: datetime) -> Shift:
    shift = Shift.objects.select_for_update().filter(pk=number).first()
    if shift is None:
        raise OutOfTurn("This shift is no longer on the rota: somebody else has changed it")
    if shift.ends_at <= at:
        raise OutOfTurn("This shift is over and cannot be changed")
    return shift


def _end(shift: Shift, *, by: Actor, at: datetime) -> None:
    """Take the rest of a shift off the rota. Where its holder has not accepted it, whoever kept the duty kept it until now."""
    facts = ShiftChanged(duty=shift.duty, holder=f"user:{shift.holder_id}", shift=shift.pk, ended=True)
    line = append(Kind.SHIFT_CHANGED, by=by, at=at, facts=facts)
    kept_by = None
    if shift.starts_at < at and shift.duty in WITH_HANDOVER:
        kept_by = shift_not_handed_over(shift, at=at)
    if kept_by is None and shift.starts_at < at:
        shift.ends_at = at
        keep(shift, line=line, by=by, at=at)
        return
    forget(shift, line=line, by=by, at=at)
    if kept_by is not None:
        kept_by.ends_at = at
        keep(kept_by, line=line, by=by, at=at)


def words_of(shift: Shift) -> str:
    """A shift in words."""
    duty = DUTY_WORDS[Duty(shift.duty)]
    return f"{duty}: {shift.holder.name}, {in_words(shift.starts_at)} to {in_words(shift.ends_at)}"
