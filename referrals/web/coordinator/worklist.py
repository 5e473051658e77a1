"""The worklist page, its live part, and the locked board."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.shortcuts import render as render_template
from django.urls import reverse
from django.views.decorators.cache import never_cache

from accounts.web.actor import actor_of, only
from accounts.web.page import render
from kernel.actors import Role
from kernel.time import near, now
from oncall.handover import change_for
from referrals.case import worklist as work
from referrals.case.access_log import record_list
from referrals.case.openings import is_closed
from referrals.web.coordinator.board import Board, board
from referrals.web.searches import keep_search, search_at
from triage.guideline.rule import STREAM_WORDS
from webkit.page import note

PER_PAGE = 25
SHOWN, ORDER = "worklist_shown", "worklist_order"
SHOWS = {**work.SAVED, "over": "Ended", "all": "All"}


@never_cache
@only(Role.COORDINATOR)
def worklist(request: HttpRequest) -> HttpResponse:
    """Every open case in order of need."""
    if request.method == "POST":
        return redirect(_search(request))
    screen, following = _board(request, every_view=True)
    view = _view(request)
    return render(
        request,
        "coordinator/worklist.jinja",
        title=f"({screen.alarms}) Worklist" if screen.alarms else "Worklist",
        screen=screen,
        empty=_empty(view),
        here=_here(request),
        view=view,
        found=request.GET.get("found", "") if view.search else "",
        following=following,
        saved=_saved_views(request, view),
        orders=work.ORDERS,
        streams=STREAM_WORDS,
        shows=SHOWS,
        change=change_for(actor_of(request).user_id, at=now()),
        clocks_stalled=False,  # the live part says so, and takes it back
    )


@never_cache
@only(Role.COORDINATOR)
def worklist_rows(request: HttpRequest) -> HttpResponse:
    """The live part of the page; asked for every two and a half seconds. Unchanged since that number it is not sent again."""
    sequence = work.sequence(at=now())
    if request.GET.get("seen") == sequence:
        answer = HttpResponse(status=204)
    else:
        screen, _ = _board(request, every_view=False)
        # Without the frame of a page, which would read the settings again with each poll.
        answer = render_template(
            request,
            "coordinator/worklist-rows.jinja",
            {"screen": screen, "empty": _empty(_view(request)), "here": _here(request)},
        )
    answer["X-Sequence"] = sequence
    return answer


@never_cache
def board_locked(request: HttpRequest) -> HttpResponse:
    """A board nobody has touched for half an hour: no patient data, and it goes on counting."""
    if not request.user.is_authenticated:
        return redirect("sign_in")
    note(request, session_locked=True)  # the frame then shows nobody's name
    return render(
        request, "coordinator/locked.jinja", title="Locked", waiting=work.unseen_emergencies(), at=now()
    )


@never_cache
def board_locked_counts(request: HttpRequest) -> HttpResponse:
    """How many emergencies wait; no patient data."""
    if not request.user.is_authenticated or request.user.role != Role.COORDINATOR:
        return JsonResponse({"ended": True}, status=401)
    counts = work.unseen_emergencies()
    since = near(counts.since, at=now()) if counts.since else ""
    return JsonResponse({"emergencies": counts.emergencies, "since": since})


def _search(request: HttpRequest) -> str:
    """The address of what was searched for."""
    key = keep_search(request)
    return f"{reverse('worklist')}?found={key}&show=all" if key else reverse("worklist")


def _view(request: HttpRequest) -> work.View:
    stream, show, order = (request.GET.get(name, "") for name in ("stream", "show", "order"))
    search = search_at(request)
    if (
        request.GET.get("found") and not search
    ):  # of another session, or forgotten: nobody is shown as if they matched
        show = "open"
    if order in work.ORDERS and order != request.session.get(
        ORDER
    ):  # remembered, so that a board stays as its coordinator reads it
        request.session[ORDER] = order
    return work.View(
        stream=stream if stream in set(STREAM_WORDS) else "",
        show=show if show in SHOWS else "open",
        search=search,
        order=request.session.get(ORDER, "urgency"),
        after=work.Spot.read(request.GET.get("after", "")),
    )


def _here(request: HttpRequest) -> str:
    """The board with its filters, for somebody who comes back from an act."""
    query = request.GET.copy()
    query.pop("seen", None)
    return f"{reverse('worklist')}?{query.urlencode()}" if query else reverse("worklist")


def _empty(view: work.View) -> str:
    """Why no case is shown, and what to try."""
    if view.search and view.show == "all":
        return "No case matches, open or ended. Try the family name alone, the NHS number or the reference"
    if view.search:
        return f"No case in “{SHOWS[view.show]}” matches. Search again to look in every view"
    return "No case is in this view" if view.show != "open" or view.stream else "No case is open"


def _saved_views(request: HttpRequest, view: work.View) -> list[tuple[str, str, str, bool]]:
    """The saved views with their counts: address part, words, count, whether it is shown."""
    counts = work.counts(by=actor_of(request), at=now())
    most = work.MOST_COUNTED
    return [
        (show, words, f"{most - 1}+" if counts[show] >= most else str(counts[show]), view.show == show)
        for show, words in work.SAVED.items()
    ]


def _board(request: HttpRequest, *, every_view: bool) -> tuple[Board, str]:
    """The rows of one page, and where the next one begins; empty when there is none."""
    actor, at = actor_of(request), now()
    cases = work.cases(_view(request), by=actor, at=at, limit=PER_PAGE + 1)
    following = str(cases[PER_PAGE - 1].spot) if len(cases) > PER_PAGE else ""
    cases = cases[:PER_PAGE]
    numbers = [case.pk for case in cases]
    # A poll is a view only when it shows somebody who was not on the screen before.
    if every_view or set(numbers) - set(request.session.get(SHOWN, [])):
        record_list([case for case in cases if not is_closed(case)], by=actor, at=at, page="worklist")
        if request.session.get(SHOWN) != numbers:
            request.session[SHOWN] = numbers
    return board(cases, at=at), following
