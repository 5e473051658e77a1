"""One case: its views, its acts, and the updates of an open page."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache

from accounts import service as services
from accounts.web.actor import act_of, actor_of, only
from accounts.web.page import render
from kernel.actors import Role
from kernel.refusals import Invalid, NotFound, Refusal
from kernel.time import near, now
from referrals.case.access_log import SESSION, has_viewed, record_view
from referrals.case.idempotency import AlreadyRecorded
from referrals.case.queries import Changed
from referrals.case.reads import find_as_it_stands
from referrals.web.coordinator import views
from referrals.web.coordinator.act import SentAct, form_of
from referrals.web.coordinator.acts import ACTS
from referrals.web.coordinator.casefile import CaseFile
from referrals.web.coordinator.head import VIEWS, case_head, sequence
from referrals.web.coordinator.now import now_screen
from referrals.web.form_keys import recorded_once
from referrals.web.purpose import purposed
from webkit import drafts
from webkit.attempt import Attempt

Screens = dict[str, Callable[[CaseFile], Any]]
_TEMPLATES = {
    "case": "coordinator/now.jinja",
    "case_record": "coordinator/record.jinja",
    "case_scans": "coordinator/scans.jinja",
    "case_talk": "coordinator/talk.jinja",
    "case_treatment": "coordinator/treatment.jinja",
    "case_timeline": "coordinator/timeline.jinja",
}
_SCREENS: Screens = {
    "case_record": views.record_screen,
    "case_scans": views.scans_screen,
    "case_talk": views.talk_screen,
    "case_treatment": views.treatment_screen,
    "case_timeline": views.timeline_screen,
}


@never_cache
@only(Role.COORDINATOR, Role.LEAD)
@purposed
def case(request: HttpRequest, reference: str, view: str = "case") -> HttpResponse:
    """One view of a case."""
    file = _file(request, reference)
    part = "" if view == "case" else view.removeprefix("case_")
    record_view(file.case, by=file.by, at=file.at, part=part)
    return _view(request, file, view)


@never_cache
@only(Role.COORDINATOR, Role.LEAD)
@purposed
def live(request: HttpRequest, reference: str, view: str) -> HttpResponse:
    """A view again for the page that shows it: nothing when it has not changed since `seen`.

    A page that stays open is one view of the record.
    """
    if view not in VIEWS:
        raise NotFound("There is no such view")
    file = _file(request, reference)
    if request.GET.get("seen") == sequence(file):
        return HttpResponse(status=204)
    _record_view_once(file)
    return _view(request, file, view)


@never_cache
@only(Role.COORDINATOR, Role.LEAD)
@purposed
def menu(request: HttpRequest, reference: str) -> HttpResponse:
    """Every act, in groups; a drawer takes the list alone."""
    file = _file(request, reference)
    if _in_drawer(request):
        _record_view_once(file)
        return render(request, "coordinator/menu-list.jinja", service=file.service, **_menu(file))
    record_view(file.case, by=file.by, at=file.at, part="acts")
    return _page(request, file, "coordinator/menu.jinja", title="Everything you can do", **_menu(file))


def _menu(file: CaseFile) -> dict[str, Any]:
    return {"groups": views.menu(file), "sight": reverse("restriction", args=[file.case.reference])}


@never_cache
@only(Role.COORDINATOR)
def act(request: HttpRequest, reference: str, act: str) -> HttpResponse:
    """The form of one act; sent, it is done, or comes back with what is wrong."""
    do = ACTS[act].do if act in ACTS else None
    if do is None:
        raise NotFound("There is no such form")
    return carry_out(request, reference, act, do)


def carry_out(request: HttpRequest, reference: str, name: str, do: Callable[[SentAct], str]) -> HttpResponse:
    """Show the form of an act, or do with `do` what was sent."""
    if request.method != "POST":
        return act_page(request, reference, name)
    typed = dict(request.POST.lists())
    if "throw_away" in typed:
        drafts.forget(request.user, place=request.path)
        return redirect(request.path)
    sent = SentAct(reference=reference, typed=typed, act=act_of(request))
    try:
        with recorded_once(typed, request, by=sent.by):
            sentence = do(sent)
    except AlreadyRecorded as recorded:
        return finished(request, reference, recorded.sentence)
    except Changed as changed:
        if not ACTS[name].asks_again:
            return _refused(request, reference, name, typed, changed)
        fresh = {field: values for field, values in typed.items() if field not in ("shown", "version")}
        return act_page(
            request, reference, name, Attempt(typed=fresh, errors={"": [changed.sentence]}), status=409
        )
    except Invalid as invalid:
        return act_page(request, reference, name, Attempt(typed=typed, errors=invalid.errors))
    except Refusal as refusal:
        return _refused(request, reference, name, typed, refusal)
    return finished(request, reference, sentence)


def _refused(
    request: HttpRequest, reference: str, name: str, typed: dict[str, list[str]], refusal: Refusal
) -> HttpResponse:
    """In a drawer the form with the sentence; else the sentence on the page that it was opened from."""
    if not _in_drawer(request):
        raise refusal
    return act_page(request, reference, name, Attempt(typed=typed, errors={"": [refusal.sentence]}))


def finished(request: HttpRequest, reference: str, sentence: str) -> HttpResponse:
    """An act is done: back where it was opened, with what it did. A drawer is told in words alone."""
    drafts.forget(request.user, place=request.path)
    if _in_drawer(request):
        return render(request, "coordinator/act-done.jinja", sentence=sentence)
    messages.success(request, sentence)
    return redirect(_back(request, reference))


def act_page(
    request: HttpRequest, reference: str, name: str, attempt: Attempt | None = None, *, status: int = 422
) -> HttpResponse:
    """The form of an act: its own page, or alone for a drawer. What was begun is asked about first."""
    file = _file(request, reference)
    act = ACTS[name]
    began = ""
    if attempt is None:
        attempt, began = _begun(request, file, act.address(file.case))
    form = form_of(act, file, attempt, back=_back(request, reference), began=began)
    status = status if attempt.errors else 200
    if _in_drawer(request):
        _record_view_once(file)
        return render(request, "coordinator/act-form.jinja", status=status, service=file.service, form=form)
    record_view(file.case, by=file.by, at=file.at, part=name)
    return _page(
        request,
        file,
        "coordinator/act.jinja",
        status=status,
        title=form.title,
        form=form,
        errors=bool(attempt.errors),
    )


def _begun(request: HttpRequest, file: CaseFile, place: str) -> tuple[Attempt, str]:
    """What was typed here and not sent: into the form when it is asked for, else when it was begun."""
    if request.GET.get("draft") == "use":
        return Attempt(typed=drafts.typed_at(request.user, place)), ""
    if request.GET.get("draft") == "fresh":
        return Attempt(), ""
    return Attempt(), _began_in_words(file, file.begun.get(place))


def _began_in_words(file: CaseFile, began: Any) -> str:
    return near(began, at=file.at) if began else ""


def _file(request: HttpRequest, reference: str) -> CaseFile:
    by, at = actor_of(request), now()
    case = find_as_it_stands(reference, by=by, at=at)
    return CaseFile(case=case, by=by, at=at, service=services.current())


def _record_view_once(file: CaseFile) -> None:
    """A line in the ledger, unless this person's view of the case is there already."""
    if not has_viewed(file.case, by=file.by, since=file.at - SESSION):
        record_view(file.case, by=file.by, at=file.at)


def _view(request: HttpRequest, file: CaseFile, view: str) -> HttpResponse:
    place = reverse("case", args=[file.case.reference])
    times = {
        path.removeprefix(place).strip("/"): _began_in_words(file, at) for path, at in file.begun.items()
    }
    screen = _SCREENS[view](file) if view in _SCREENS else now_screen(file, times)
    open_drafts = [
        (ACTS[name].title, ACTS[name].address(file.case), when)
        for name, when in times.items()
        if name in ACTS and ACTS[name].has_form
    ]
    return _page(request, file, _TEMPLATES[view], view=view, screen=screen, begun=open_drafts)


def _page(
    request: HttpRequest,
    file: CaseFile,
    template: str,
    *,
    title: str = "",
    view: str = "",
    status: int = 200,
    **screen: Any,
) -> HttpResponse:
    head = case_head(file, current=view)
    name = f"{head.patient}, {head.reference}"
    words = title or ("" if view == "case" else VIEWS[view])
    return render(
        request,
        template,
        status=status,
        service=file.service,
        title=f"{words}: {name}" if words else name,
        head=head,
        **screen,
    )


def _in_drawer(request: HttpRequest) -> bool:
    return request.headers.get("X-Requested-With") == "fetch"


def _back(request: HttpRequest, reference: str) -> str:
    """The page that a form was opened from: one of the case's own, or the board as it was filtered."""
    back = request.POST.get("page") or request.GET.get("from", "")
    address = urlsplit(back)
    known = {reverse("worklist"), *(reverse(name, args=[reference]) for name in VIEWS)}
    own = not address.scheme and not address.netloc and address.path in known and not back.startswith("//")
    return back if own else reverse("case", args=[reference])
