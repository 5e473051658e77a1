"""The rota: who holds which duty in the next days, the gaps, and changing it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from icalendar import Calendar, Event

from accounts.actor import actor_of, only, refuse_unconfirmed
from accounts.models import User
from accounts.people import DUTIES, DUTY_WORDS, Duty
from accounts.web.page import render
from kernel.actors import Role
from kernel.refusals import Invalid, NotFound
from kernel.time import AmbiguousTime, NonexistentTime, from_london, in_words, near, now
from oncall.models import Shift
from oncall.reach import Reach, reach_of
from oncall.rostering import Plan, end_shift, import_rota, plan_shifts, swap_shift, words_of
from oncall.rota import gaps_ahead, on_call, shifts_ahead

PLANNERS = (Role.LEAD, Role.ADMINISTRATOR)
SALT = "oncall.calendar"
BEHIND = timedelta(days=30)
Errors = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftLine:
    number: int
    duty: str
    of_coordinator: bool
    holder: str
    starts: str
    ends: str
    running: bool
    unproven: bool
    swaps: Sequence[tuple[str, str]]


@never_cache
@login_required
def rota(request: HttpRequest) -> HttpResponse:
    """Who holds each duty now and in the next 14 days."""
    refuse_unconfirmed(actor_of(request))
    return _page(request, {})


@never_cache
@only(*PLANNERS)
def plan(request: HttpRequest) -> HttpResponse:
    """Plan a shift, and the same for some weeks."""
    if request.method != "POST":
        return redirect("on_call")
    errors: dict[str, list[str]] = {}
    starts_at, ends_at = (_instant(request, name, errors) for name in ("starts", "ends"))
    weeks = request.POST.get("weeks", "1").strip() or "1"
    if not (weeks.isdecimal() and len(weeks) < 3):
        errors["weeks"] = ["Enter 1 to 26 weeks"]
    if errors or starts_at is None or ends_at is None:
        return _page(request, errors)
    wished = Plan(
        duty=request.POST.get("duty", ""),
        username=request.POST.get("user_name", ""),
        starts_at=starts_at,
        ends_at=ends_at,
    )
    try:
        planned = plan_shifts(wished, weeks=int(weeks), by=actor_of(request), at=now())
    except Invalid as invalid:
        return _page(request, invalid.errors)
    messages.success(request, f"{len(planned)} {'shift' if len(planned) == 1 else 'shifts'} planned")
    return redirect("on_call")


@never_cache
@only(*PLANNERS)
def change(request: HttpRequest, number: int) -> HttpResponse:
    """Swap a shift to somebody else, or take it off the rota."""
    if request.method == "POST":
        by, at = actor_of(request), now()
        try:
            if request.POST.get("act") == "end":
                if not request.POST.get("sure"):
                    return _page(request, {}, ending=number)
                end_shift(number, by=by, at=at)
            else:
                swap_shift(number, username=request.POST.get("user_name", ""), by=by, at=at)
        except Invalid as invalid:
            return _page(request, invalid.errors)
        messages.success(request, "The rota is changed")
    return redirect("on_call")


@never_cache
@only(*PLANNERS)
def load(request: HttpRequest) -> HttpResponse:
    """Import a rota from a CSV; every wrong line is named and nothing is kept."""
    if request.method != "POST":
        return redirect("on_call")
    try:
        number = import_rota(request.POST.get("csv", ""), by=actor_of(request), at=now())
    except Invalid as invalid:
        return _page(request, {"csv": invalid.errors["file"]})
    messages.success(request, f"{number} shifts imported")
    return redirect("on_call")


def calendar(request: HttpRequest, token: str) -> HttpResponse:
    """One person's shifts for their own calendar: duties and times, no patients."""
    try:
        number = signing.loads(token, salt=SALT)
    except signing.BadSignature:
        raise NotFound("This calendar is not one of ours") from None
    person = User.objects.filter(pk=number, is_active=True).first()
    if person is None:
        raise NotFound("This calendar is not one of ours")
    feed = Calendar()
    feed.add("prodid", "-//MSCC Coordinator//On call//EN")
    feed.add("version", "2.0")
    for shift in Shift.objects.filter(holder=person, ends_at__gt=now() - BEHIND).order_by("starts_at"):
        event = Event()
        event.add("uid", f"shift-{shift.pk}@mscc")
        event.add("dtstamp", shift.starts_at)
        event.add("dtstart", shift.starts_at)
        event.add("dtend", shift.ends_at)
        event.add("summary", f"On call: {DUTY_WORDS[Duty(shift.duty)]}")
        feed.add_component(event)
    return HttpResponse(feed.to_ical(), content_type="text/calendar; charset=utf-8")


def _instant(request: HttpRequest, name: str, errors: dict[str, list[str]]) -> datetime | None:
    day, wall = request.POST.get(f"{name}_day", ""), request.POST.get(f"{name}_time", "")
    try:
        return from_london(
            date.fromisoformat(day), time.fromisoformat(wall), season=request.POST.get(f"{name}_season", "")
        )
    except (AmbiguousTime, NonexistentTime) as problem:
        errors[name] = [str(problem)]
    except ValueError:
        errors[name] = ["Enter a day and a time"]
    return None


def _page(request: HttpRequest, errors: Errors, *, ending: int = 0) -> HttpResponse:
    actor, at = actor_of(request), now()
    may_plan = actor.role in PLANNERS
    ending_shift = Shift.objects.select_related("holder").filter(pk=ending).first()
    shifts = shifts_ahead(at=at)
    reach = reach_of(shift.holder for shift in shifts)
    people = list(User.objects.filter(is_active=True).exclude(duties=[]).order_by("name"))
    return render(
        request,
        "oncall/on-call.jinja",
        status=422 if errors else 200,
        title="On call",
        duties=on_call(at=at),
        gaps=[gap.words for gap in gaps_ahead(at=at)],
        shifts=[_line(shift, people, reach=reach, at=at) for shift in shifts],
        may_plan=may_plan,
        may_hand_over=actor.role in (Role.COORDINATOR, Role.LEAD),
        ending=ending_shift and (ending_shift.pk, words_of(ending_shift)),
        people=[(person.username, f"{person.name}, {_duties(person)}") for person in people],
        duty_choices=DUTIES,
        typed=request.POST,
        errors=errors,
        problems=[(text, f"#{field}") for field, texts in errors.items() for text in texts],
        calendar=_calendar_of(request) if actor.user_id else "",
    )


def _duties(person: User) -> str:
    return ", ".join(DUTY_WORDS[Duty(duty)].lower() for duty in person.duties)


def _calendar_of(request: HttpRequest) -> str:
    user: Any = request.user
    return reverse("calendar", args=[signing.dumps(user.pk, salt=SALT)]) if user.duties else ""


def _line(shift: Shift, people: Sequence[User], *, reach: Reach, at: datetime) -> ShiftLine:
    return ShiftLine(
        number=shift.pk,
        duty=DUTY_WORDS[Duty(shift.duty)],
        of_coordinator=shift.duty == Duty.COORDINATOR,
        holder=shift.holder.name,
        starts=near(shift.starts_at, at=at),
        ends=in_words(shift.ends_at)
        if shift.ends_at - at > timedelta(days=1)
        else near(shift.ends_at, at=at),
        running=shift.starts_at <= at,
        unproven=not reach.proven(shift.holder),
        swaps=[
            (person.username, person.name)
            for person in people
            if shift.duty in person.duties and person.pk != shift.holder_id
        ],
    )
