"""The worklist page, its live part, and the locked board."""

from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache

from accounts.actor import actor_of, only
from accounts.web.page import render
from kernel.actors import Role
from kernel.text import fault
from kernel.time import near, now
from oncall.handing_over import change_for
from referrals import worklist as work
from referrals.viewing import record_list
from referrals.web.coordinator.board import Board, board
from triage.guideline.rule import STREAM_WORDS

PER_PAGE = 50
SEARCH, SHOWN = "worklist_search", "worklist_shown"
SHOWS = {"open": "Open", "over": "Ended", "all": "All"}


@never_cache
@only(Role.COORDINATOR)
def worklist(request: HttpRequest) -> HttpResponse:
    """Every open case in the order in which it needs somebody. A search is posted, so that no name is in an address."""
    if request.method == "POST":
        text = request.POST.get("search", "").strip()
        request.session[SEARCH] = "" if fault(text) else text
        return redirect("worklist")
    page, screen = _board(request, every_view=True)
    return render(
        request,
        "coordinator/worklist.jinja",
        title=f"({screen.alarms}) Worklist" if screen.alarms else "Worklist",
        screen=screen,
        page=page,
        view=_view(request),
        streams=STREAM_WORDS,
        shows=SHOWS,
        change=change_for(actor_of(request).user_id, at=now()),
        clocks_stalled=False,  # the live part says so, and takes it back
    )


@never_cache
@only(Role.COORDINATOR)
def worklist_rows(request: HttpRequest) -> HttpResponse:
    """The live part of the page; asked for every five seconds."""
    _, screen = _board(request, every_view=False)
    return render(request, "coordinator/worklist-rows.jinja", screen=screen)


@never_cache
def board_locked(request: HttpRequest) -> HttpResponse:
    """A board nobody has touched for half an hour: no patient data, and it goes on counting."""
    if not request.user.is_authenticated:
        return redirect("sign_in")
    request.session_locked = True  # type: ignore[attr-defined]  # the frame then shows nobody's name
    return render(request, "coordinator/locked.jinja", title="Locked", waiting=work.waiting(), at=now())


@never_cache
def board_locked_counts(request: HttpRequest) -> HttpResponse:
    """How many emergencies wait; no patient data."""
    if not request.user.is_authenticated or request.user.role != Role.COORDINATOR:
        return JsonResponse({"ended": True}, status=401)
    counts = work.waiting()
    since = near(counts.since, at=now()) if counts.since else ""
    return JsonResponse({"emergencies": counts.emergencies, "since": since})


def _view(request: HttpRequest) -> work.View:
    stream, show = request.GET.get("stream", ""), request.GET.get("show", "open")
    return work.View(
        stream=stream if stream in set(STREAM_WORDS) else "",
        show=show if show in SHOWS else "open",
        search=request.session.get(SEARCH, ""),
    )


def _board(request: HttpRequest, *, every_view: bool) -> tuple[Page, Board]:
    actor, at = actor_of(request), now()
    found = work.cases(_view(request), by=actor)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    cases = list(page.object_list)
    numbers = [case.pk for case in cases]
    # A poll is a view only when it shows somebody who was not on the screen before.
    if every_view or set(numbers) - set(request.session.get(SHOWN, [])):
        record_list(cases, by=actor, at=at, where="worklist")
        request.session[SHOWN] = numbers
    return page, board(cases, at=at)
