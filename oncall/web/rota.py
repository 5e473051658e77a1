"""The rota: who holds each duty in the next days, the gaps, and changes to it."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST
from icalendar import Calendar, Event

from accounts.calendar_links import expiry_of, make_calendar_link, owner_of
from accounts.people import DUTIES, DUTY_WORDS, Duty
from accounts.web.actor import actor_of, only, refuse_unconfirmed, user_of
from accounts.web.page import render
from kernel.actors import Role
from kernel.refusals import Denied, Invalid, NotFound
from kernel.time import from_rfc3339, now
from oncall.queries import shift_at, shifts_of
from oncall.roster import ShiftPlan, end_shift, give_at_once, plan_shifts, swap_shift, words_of
from oncall.rota import WITH_HANDOVER, shift_not_handed_over
from oncall.web.rota_screen import PlanForm, RotaConfirmation, rota_screen
from webkit.attempt import Attempt
from webkit.forms import NOTHING

PLANNERS = (Role.LEAD, Role.ADMINISTRATOR)
BEHIND = timedelta(days=30)
Errors = Mapping[str, Sequence[str]]


@never_cache
@login_required
def rota(request: HttpRequest) -> HttpResponse:
    """Who holds each duty now and in the next 14 days."""
    refuse_unconfirmed(actor_of(request))
    return rota_page(request)


@never_cache
@only(*PLANNERS)
def plan(request: HttpRequest) -> HttpResponse:
    """Plan a shift, and the same for some weeks."""
    if request.method != "POST":
        return redirect("on_call")
    form = PlanForm.sent(request)
    try:
        values = form.values()
        shift_plan = ShiftPlan(
            duty=form.text("duty"),
            username=form.text("user_name"),
            starts_at=from_rfc3339(values["starts"]),
            ends_at=from_rfc3339(values["ends"]),
        )
        weeks, sure = values["weeks"], "sure" in request.POST
        shifts = plan_shifts(
            shift_plan, weeks=1 if weeks is None else weeks, sure=sure, by=actor_of(request), at=now()
        )
    except Invalid as invalid:
        return rota_page(request, attempt_of(request, "plan", invalid.errors))
    messages.success(request, f"{len(shifts)} {'shift' if len(shifts) == 1 else 'shifts'} planned")
    return redirect("on_call")


def attempt_of(request: HttpRequest, form: str, errors: Errors) -> Attempt:
    """A form of the page as it was sent and refused."""
    return Attempt(form=form, typed=dict(request.POST.lists()), errors=errors)


@never_cache
@only(*PLANNERS)
def change(request: HttpRequest, number: int) -> HttpResponse:
    """Swap a shift to somebody else, give a running shift at once, or take a shift off the rota."""
    act = request.POST.get("act", "") or "swap"
    if request.method != "POST":
        return redirect("on_call")
    if act == "end" and not request.POST.get("sure"):
        return rota_page(request, confirmation=_confirmation(number, act))
    try:
        message = _change(request, number, act)
    except Invalid as invalid:
        if why := invalid.errors.get("sure"):
            return rota_page(request, confirmation=_confirmation(number, act, why))
        return rota_page(request, attempt_of(request, f"{act}-{number}", invalid.errors))
    messages.success(request, message)
    return redirect("on_call")


def _change(request: HttpRequest, number: int, act: str) -> str:
    """Make the change and return its message."""
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
    if shift.duty in WITH_HANDOVER and shift.starts_at <= at and shift_not_handed_over(shift, at=at):
        return (
            f"The rota is changed. Until {shift.holder.name} accepts the hand-over both are paged. "
            "If nobody can hand over, give the duty at once"
        )
    return "The rota is changed"


def _confirmation(number: int, act: str, why: Sequence[str] = ()) -> RotaConfirmation | None:
    """The question before a change of a shift; None when the shift is gone."""
    shift = shift_at(number)
    return RotaConfirmation(number=number, act=act, shift=words_of(shift), why=why) if shift else None


def calendar(request: HttpRequest, token: str) -> HttpResponse:
    """One person's shifts for their own calendar: duties and times, no patients."""
    person = owner_of(token, at=now())
    if person is None:
        raise NotFound(
            "This calendar address has ended or is not one of ours. Make a new one on the page “On call”"
        )
    feed = Calendar()
    feed.add("prodid", "-//MSCC Coordinator//On call//EN")
    feed.add("version", "2.0")
    for shift in shifts_of(person, since=now() - BEHIND):
        event = Event()
        event.add("uid", f"shift-{shift.pk}@mscc")
        event.add("dtstamp", shift.starts_at)
        event.add("dtstart", shift.starts_at)
        event.add("dtend", shift.ends_at)
        event.add("summary", f"On call: {DUTY_WORDS[Duty(shift.duty)]}")
        feed.add_component(event)
    return HttpResponse(feed.to_ical(), content_type="text/calendar; charset=utf-8")


def rota_page(
    request: HttpRequest, attempt: Attempt = NOTHING, *, confirmation: RotaConfirmation | None = None
) -> HttpResponse:
    """The rota now, with the problems of a change or the question about it."""
    actor, at = actor_of(request), now()
    of_shift = f"-{attempt.form}" if "-" in attempt.form else ""
    return render(
        request,
        "oncall/on-call.jinja",
        status=422 if attempt.errors else 200,
        title="On call",
        screen=rota_screen(attempt, at=at),
        may_plan=actor.role in PLANNERS,
        may_see_reach=actor.role != Role.REFERRER,
        may_hand_over=actor.role in (Role.COORDINATOR, Role.LEAD),
        asked=confirmation,
        duty_choices=DUTIES,
        typed=request.POST,
        errors=attempt.errors,
        problems=[(text, f"#{field}{of_shift}") for field, texts in attempt.errors.items() for text in texts],
        has_duty=bool(actor.duties),
        calendar_until=expiry_of(user_of(request), at=at) if actor.duties else None,
    )


@never_cache
@require_POST
@login_required
def renew_calendar(request: HttpRequest) -> HttpResponse:
    """Make a new calendar address of one's own and show it once; the earlier one ends."""
    user = user_of(request)
    if not user.duties:
        raise Denied("You hold no duty on the rota, so your calendar would be empty")
    address = settings.BASE_URL + reverse("calendar", args=[make_calendar_link(user, at=now())])
    return render(request, "oncall/calendar.jinja", title="Your calendar address", address=address)
