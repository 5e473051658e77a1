"""The rota: who holds which duty in the next days, the gaps, and changing it."""

from collections.abc import Mapping, Sequence
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
from kernel.time import AmbiguousTime, NonexistentTime, from_london, now
from oncall.models import Shift
from oncall.rostering import Plan, end_shift, give_at_once, plan_shifts, swap_shift, words_of
from oncall.rota import HANDED_OVER, shift_not_handed_over
from oncall.web.rota_screen import Asked, rota_screen

PLANNERS = (Role.LEAD, Role.ADMINISTRATOR)
SALT = "oncall.calendar"
BEHIND = timedelta(days=30)
Errors = Mapping[str, Sequence[str]]


@never_cache
@login_required
def rota(request: HttpRequest) -> HttpResponse:
    """Who holds each duty now and in the next 14 days."""
    refuse_unconfirmed(actor_of(request))
    return rota_page(request, {})


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
        return rota_page(request, errors)
    wished = Plan(
        duty=request.POST.get("duty", ""),
        username=request.POST.get("user_name", ""),
        starts_at=starts_at,
        ends_at=ends_at,
    )
    try:
        planned = plan_shifts(
            wished, weeks=int(weeks), sure=bool(request.POST.get("sure")), by=actor_of(request), at=now()
        )
    except Invalid as invalid:
        return rota_page(request, invalid.errors)
    messages.success(request, f"{len(planned)} {'shift' if len(planned) == 1 else 'shifts'} planned")
    return redirect("on_call")


@never_cache
@only(*PLANNERS)
def change(request: HttpRequest, number: int) -> HttpResponse:
    """Swap a shift to somebody else, give a running one at once, or take it off the rota."""
    act = request.POST.get("act", "") or "swap"
    if request.method != "POST":
        return redirect("on_call")
    if act == "end" and not request.POST.get("sure"):
        return rota_page(request, {}, asked=_asked(number, act))
    try:
        done = _change(request, number, act)
    except Invalid as invalid:
        if why := invalid.errors.get("sure"):
            return rota_page(request, {}, asked=_asked(number, act, why))
        errors = {f"{field}-{act}-{number}": why for field, why in invalid.errors.items()}
        return rota_page(request, errors)
    messages.success(request, done)
    return redirect("on_call")


def _change(request: HttpRequest, number: int, act: str) -> str:
    """Make the change; what to say of it."""
    post, by, at = request.POST, actor_of(request), now()
    username, sure = post.get("user_name", ""), bool(post.get("sure"))
    if act == "at_once":
        shift = give_at_once(
            number, username=username, because=post.get("because", ""), sure=sure, by=by, at=at
        )
        return f"{shift.holder.name} holds the duty from now and is paged"
    if act == "end":
        end_shift(number, by=by, at=at)
        return "The rota is changed"
    shift = swap_shift(number, username=username, sure=sure, by=by, at=at)
    if shift.duty in HANDED_OVER and shift.starts_at <= at and shift_not_handed_over(shift, at=at):
        return (
            f"The rota is changed. Until {shift.holder.name} accepts the hand-over both are paged. "
            "If nobody can hand over, give the duty at once"
        )
    return "The rota is changed"


def _asked(number: int, act: str, why: Sequence[str] = ()) -> Asked | None:
    """What is asked before a shift is changed; None when it is gone."""
    shift = Shift.objects.select_related("holder").filter(pk=number).first()
    return Asked(number=number, act=act, shift=words_of(shift), why=why) if shift else None


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


def rota_page(request: HttpRequest, errors: Errors, *, asked: Asked | None = None) -> HttpResponse:
    """The rota as it stands, with what is wrong or asked about a change of it."""
    actor, at = actor_of(request), now()
    return render(
        request,
        "oncall/on-call.jinja",
        status=422 if errors else 200,
        title="On call",
        screen=rota_screen(at=at),
        may_plan=actor.role in PLANNERS,
        may_see_reach=actor.role != Role.REFERRER,
        may_hand_over=actor.role in (Role.COORDINATOR, Role.LEAD),
        asked=asked,
        duty_choices=DUTIES,
        typed=request.POST,
        errors=errors,
        problems=[(text, f"#{field}") for field, texts in errors.items() for text in texts],
        calendar=_calendar_of(request) if actor.user_id else "",
    )


def _calendar_of(request: HttpRequest) -> str:
    user: Any = request.user
    return reverse("calendar", args=[signing.dumps(user.pk, salt=SALT)]) if user.duties else ""
