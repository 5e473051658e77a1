"""Who will be on call: shifts planned, swapped, ended and imported. Each change is in the ledger."""

import csv
import io
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import IntegrityError, transaction

from accounts.models import User
from accounts.people import DUTY_WORDS, Duty
from kernel.actors import Actor, Role
from kernel.refusals import Denied, Invalid, OutOfTurn
from kernel.text import fault
from kernel.time import LONDON, AmbiguousTime, NonexistentTime, from_london, in_words
from ledger.append import append
from ledger.keep import forget, keep
from ledger.kinds import Kind
from oncall.models import HandOver, Shift

LONGEST = timedelta(days=7)
MOST_LINES = 2000
COLUMNS = ("duty", "user_name", "starts", "ends")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A shift as it is wished for; instants are aware UTC."""

    duty: str
    username: str
    starts_at: datetime
    ends_at: datetime


def _planner(by: Actor) -> None:
    if by.role not in (Role.LEAD, Role.ADMINISTRATOR):
        raise Denied("Only the clinical lead or the service administrator changes the rota")


@transaction.atomic(durable=True)
def plan_shifts(plan: Plan, *, weeks: int = 1, by: Actor, at: datetime) -> list[Shift]:
    """Plan a shift, and the same in London's wall time for as many weeks; all of them or none."""
    _planner(by)
    if not 1 <= weeks <= 26:
        raise Invalid("The shifts cannot be planned", errors={"weeks": ["Enter 1 to 26 weeks"]})
    errors: dict[str, list[str]] = {}
    planned = []
    for week in range(weeks):
        shifted = Plan(
            duty=plan.duty,
            username=plan.username,
            starts_at=_weeks_later(plan.starts_at, week) if week else plan.starts_at,
            ends_at=_weeks_later(plan.ends_at, week) if week else plan.ends_at,
        )
        faults = _faults(shifted, at=at)
        for field, why in faults.items():
            if why not in errors.setdefault(field, []):
                errors[field].append(why)
        if not faults:
            planned.append(_write(shifted, by=by, at=at))
    if errors:
        raise Invalid("The shifts cannot be planned", errors=errors)
    return planned


def _weeks_later(instant: datetime, weeks: int) -> datetime:
    """The same wall time in London, whatever the clocks did in between."""
    from_there = instant.astimezone(LONDON)
    day = from_there.date() + timedelta(weeks=weeks)
    try:
        return from_london(day, from_there.time().replace(tzinfo=None), season="BST")
    except NonexistentTime:
        return from_london(day, (datetime.combine(day, from_there.time()) + timedelta(hours=1)).time())


def _faults(plan: Plan, *, at: datetime) -> dict[str, str]:
    """What is wrong with a plan, by field."""
    person = User.objects.filter(username=plan.username).first()
    if plan.duty not in set(Duty):
        return {"duty": "Choose the duty"}
    if person is None or not person.is_active:
        return {"user_name": "Choose somebody who may sign in"}
    if plan.duty == Duty.COORDINATOR and person.role != Role.COORDINATOR:
        return {"user_name": f"{person.name} does not have the coordinator's role and could not open a case"}
    if plan.duty not in person.duties:
        return {"user_name": f"{person.name} cannot hold this duty: the administrator adds it under users"}
    if plan.ends_at <= plan.starts_at:
        return {"ends": "The shift ends before it starts"}
    if plan.ends_at - plan.starts_at > LONGEST:
        return {"ends": "A shift lasts 7 days at most: plan the next one apart"}
    if plan.ends_at <= at:
        return {"ends": "This shift is over already"}
    other = _overlapping(plan)
    if other is not None:
        times = f"{in_words(other.starts_at)} to {in_words(other.ends_at)}"
        return {"starts": f"{other.holder.name} holds this duty from {times}: change that shift first"}
    return {}


def _overlapping(plan: Plan) -> Shift | None:
    return (
        Shift.objects.select_related("holder")
        .filter(duty=plan.duty, starts_at__lt=plan.ends_at, ends_at__gt=plan.starts_at)
        .first()
    )


def _write(plan: Plan, *, by: Actor, at: datetime) -> Shift:
    holder = User.objects.get(username=plan.username)
    facts = {
        "duty": plan.duty,
        "holder": f"user:{holder.pk}",
        "starts_at": plan.starts_at,
        "ends_at": plan.ends_at,
    }
    line = append(Kind.SHIFT_CHANGED, by=by, at=at, facts=facts)
    shift = Shift(duty=plan.duty, holder=holder, starts_at=plan.starts_at, ends_at=plan.ends_at)
    try:
        with transaction.atomic():
            kept: Shift = keep(shift, line=line, by=by, at=at)
    except IntegrityError:  # the database refuses two holders of one duty at once
        raise OutOfTurn("Somebody else has just planned this time. Look at the rota and plan again") from None
    return kept


@transaction.atomic(durable=True)
def swap_shift(number: int, *, username: str, by: Actor, at: datetime) -> Shift:
    """Let somebody else hold a shift that is not over; what was held of it until now stays as it was."""
    _planner(by)
    shift = _open_shift(number, at=at)
    person = User.objects.filter(username=username, is_active=True).first()
    may_hold = person is not None and shift.duty in person.duties
    if person is None or not may_hold or (shift.duty == Duty.COORDINATOR and person.role != Role.COORDINATOR):
        raise Invalid(
            "The shift cannot be swapped", errors={"user_name": ["Choose somebody who can hold this duty"]}
        )
    ends_at, duty = shift.ends_at, shift.duty
    starts_at = max(shift.starts_at, at)
    told = HandOver.objects.filter(shift=shift, accepted_at=None).first()
    words = (told.open_promises, told.told, told.told_by, told.told_at) if told else None
    _end(shift, by=by, at=at)
    plan = Plan(duty=duty, username=username, starts_at=starts_at, ends_at=ends_at)
    new = _write(plan, by=by, at=at)
    if words is not None:  # what was written is for whoever comes
        promises, said, teller, said_at = words
        moved = HandOver(shift=new, open_promises=promises, told=said, told_by=teller, told_at=said_at)
        line = append(Kind.HAND_OVER_TOLD, by=by, at=at, facts={"shift": new.pk, "moved": True})
        keep(moved, line=line, by=by, at=at)
    return new


@transaction.atomic(durable=True)
def end_shift(number: int, *, by: Actor, at: datetime) -> None:
    """Take a shift off the rota; one that is running ends now."""
    _planner(by)
    _end(_open_shift(number, at=at), by=by, at=at)


def _open_shift(number: int, *, at: datetime) -> Shift:
    shift = Shift.objects.select_for_update().filter(pk=number).first()
    if shift is None:
        raise OutOfTurn("This shift is no longer on the rota: somebody else has changed it")
    if shift.ends_at <= at:
        raise OutOfTurn("This shift is over and stays as it was")
    return shift


def _end(shift: Shift, *, by: Actor, at: datetime) -> None:
    facts = {"duty": shift.duty, "holder": f"user:{shift.holder_id}", "shift": shift.pk, "ended": True}
    line = append(Kind.SHIFT_CHANGED, by=by, at=at, facts=facts)
    if shift.starts_at < at:
        shift.ends_at = at
        keep(shift, line=line, by=by, at=at)
    else:
        forget(shift, line=line, by=by, at=at)


@transaction.atomic(durable=True)
def import_rota(text: str, *, by: Actor, at: datetime) -> int:
    """Plan every line of a CSV (duty, user_name, starts, ends; London times as 2026-12-01 08:00); all or none.

    Invalid names every wrong line by its number, the heading being line 1.
    """
    _planner(by)
    if problem := fault(text, limit=500_000, lines=True):
        raise Invalid("The file cannot be read", errors={"file": [problem]})
    try:
        lines = list(csv.DictReader(io.StringIO(text.replace("\r\n", "\n").strip()), strict=True))
    except csv.Error as problem:
        raise Invalid("The file cannot be read", errors={"file": [f"This is no CSV: {problem}"]}) from None
    wrong: list[str] = []
    if not lines or not set(COLUMNS) <= set(lines[0]):
        wrong.append(f"The first line names the columns: {', '.join(COLUMNS)}")
        lines = []
    if len(lines) > MOST_LINES:
        wrong.append(f"A file has {MOST_LINES} lines at most")
        lines = []
    planned = 0
    for number, line in enumerate(lines, start=2):
        try:
            plan = Plan(
                duty=(line["duty"] or "").strip(),
                username=(line["user_name"] or "").strip().lower(),
                starts_at=_read(line["starts"]),
                ends_at=_read(line["ends"]),
            )
        except ValueError as problem:
            wrong.append(f"Line {number}: {problem}")
            continue
        if faults := _faults(plan, at=at):
            wrong += [f"Line {number}: {why}" for why in faults.values()]
        else:
            _write(plan, by=by, at=at)
            planned += 1
    if wrong:
        raise Invalid("Nothing was imported", errors={"file": wrong})
    return planned


def _read(text: str | None) -> datetime:
    """A London wall time; in the hour that happens twice it ends with BST or GMT."""
    words = (text or "").strip().split()
    season = words.pop() if words and words[-1] in ("BST", "GMT") else ""
    try:
        day, wall = date.fromisoformat(words[0]), time.fromisoformat(words[1])
    except (IndexError, ValueError):
        raise ValueError(f"{text or 'nothing'} is no time: write it as 2026-12-01 08:00") from None
    try:
        return from_london(day, wall, season=season)
    except (AmbiguousTime, NonexistentTime) as problem:
        raise ValueError(str(problem)) from None


def words_of(shift: Shift) -> str:
    """A shift in words."""
    duty = DUTY_WORDS[Duty(shift.duty)]
    return f"{duty}: {shift.holder.name}, {in_words(shift.starts_at)} to {in_words(shift.ends_at)}"
