"""A new referral, page by page, kept on the server as it is typed."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts import service as services
from accounts.sessions import is_locked, sign_in_again
from accounts.web.actor import act_of, actor_of, only
from accounts.web.page import render
from kernel.actors import Role
from kernel.refusals import Denied, Invalid, NotFound, OutOfTurn
from kernel.time import near, now
from referrals.case.access_log import record_list, record_view
from referrals.case.episodes import MatchedCase
from referrals.case.identity import MatchVerdict
from referrals.case.queries import find
from referrals.case.states import Status
from referrals.intake.fields import FIELD_AT
from referrals.intake.validation import Intake
from referrals.usecases.submit_referral import same_person, submit_referral
from referrals.web import copies, referral_draft
from referrals.web.answers import Answers
from referrals.web.organisations import directory
from referrals.web.referral_draft import Writing
from referrals.web.referrer.form_screens import AdviceLine, check_screen, step_screen
from referrals.web.steps import CHECK, CORD, STEP_AT, TELEPHONE, WORRIED, YOU, FormStep, after, position_of
from triage.web.guidance import guidance
from webkit.typed import text_at

REFERRING = (Role.REFERRER, Role.COORDINATOR)
Problems = Mapping[str, Sequence[str]]


@never_cache
@only(*REFERRING)
def new_referral(request: HttpRequest) -> HttpResponse:
    """The first page of a fresh form; an unfinished one is offered, and deleted when its writer says so."""
    if request.method == "POST":
        if referral_draft.throw_away(_user(request), request.POST.get("throw_away", "")):
            messages.success(request, "The unfinished referral is deleted. Nothing of it was sent")
        return redirect("new_referral")
    first = TELEPHONE if actor_of(request).role == Role.COORDINATOR else CORD
    return _step_page(request, referral_draft.begin(_user(request), at=now()), first, {}, unfinished=True)


@never_cache
@only(*REFERRING)
def step(request: HttpRequest, number: uuid.UUID, slug: str) -> HttpResponse:
    """A page of the form: shown, or saved and on to the next."""
    writing, page = _open(request, number, slug)
    if writing.led_to:
        return redirect("referral", writing.led_to)
    if request.method != "POST":
        return _step_page(request, writing, page, _problems(writing, page) if CHECK in request.GET else {})
    writing = _save(request, writing, page)
    if is_locked(request):
        return sign_in_again(request, back=request.get_full_path())
    problems = _problems(writing, page)
    if problems:
        return _step_page(request, writing, page, problems)
    if page is TELEPHONE:
        return _send_from_one_screen(request, writing)
    emergency = referral_draft.is_emergency(writing)
    if page is YOU and emergency and "send" in request.POST:
        return _send_emergency(request, writing)
    changing = CHECK in request.GET
    following = after(page, emergency=emergency, pages=writing.asked, changing=changing)
    return (
        redirect("check_referral", number)
        if following == CHECK
        else redirect("referral_step", number, following)
    )


def _send_emergency(request: HttpRequest, writing: Writing) -> HttpResponse:
    """The last of three steps sends. Anything to check first leads to the check page."""
    try:
        intake, form = referral_draft.intake_of(writing, service=services.current(), at=now())
    except Invalid:
        return redirect("check_referral", writing.id)
    if intake.notices or _same_person(request, intake):
        return redirect("check_referral", writing.id)
    return _send(request, writing, intake, form)


def _same_person(request: HttpRequest, intake: Intake) -> Sequence[MatchedCase]:
    """The open cases of the same person that the reader may see."""
    actor = actor_of(request)
    return () if actor.own_only else same_person(intake, by=actor)


def _send_from_one_screen(request: HttpRequest, writing: Writing) -> HttpResponse:
    """The telephone screen is sent as it is, and shows its own problems."""
    if actor_of(request).role != Role.COORDINATOR:
        raise Denied("Only a coordinator can send a telephone referral")
    try:
        intake, form = referral_draft.intake_of(writing, service=services.current(), at=now())
        return _send(request, writing, intake, form)
    except Invalid as invalid:
        return _step_page(request, writing, TELEPHONE, invalid.errors)


@require_POST
@only(*REFERRING)
def advice(request: HttpRequest, number: uuid.UUID, slug: str) -> HttpResponse:
    """Save the page as it is being filled in, and say what the guideline says so far."""
    writing, page = _open(request, number, slug)
    if writing.led_to:
        raise NotFound("This form has already been sent")
    writing = _save(request, writing, page, unless_newer=True)
    if is_locked(request):
        return sign_in_again(request, back=reverse("referral_step", args=[number, slug]))
    of_coordinator = actor_of(request).role == Role.COORDINATOR
    answer = render(request, "referrer/advice.jinja", advice=_advice(writing), for_coordinator=of_coordinator)
    answer["X-Position"] = position_of(
        page, emergency=referral_draft.is_emergency(writing), undecided=referral_draft.is_untouched(writing)
    )
    return answer


@never_cache
@only(*REFERRING)
def check(request: HttpRequest, number: uuid.UUID) -> HttpResponse:
    """The answers on one page with the advice; then send."""
    writing, at = referral_draft.resume(_user(request), number, at=now()), now()
    if writing.led_to:
        return redirect("referral", writing.led_to)
    service = services.current()
    if request.method == "POST":
        _refuse_another(request)
        typed = dict(request.POST.lists())
        writing = referral_draft.save(_user(request), writing, typed, set(WORRIED.paths), at=at)
        if is_locked(request):
            return sign_in_again(request, back=request.path)
    try:
        intake, form = referral_draft.intake_of(writing, service=service, at=at)
    except Invalid as invalid:
        return _check_page(request, writing, invalid.errors)
    if request.method != "POST":
        return _check_page(
            request,
            writing,
            {},
            notices=intake.notices,
            same=_same_person(request, intake),
        )
    return _send(request, writing, intake, form)


def _send(request: HttpRequest, writing: Writing, intake: Intake, form: Answers) -> HttpResponse:
    """Store the referral and show it; Invalid names what is wrong with its true times."""
    act = act_of(request)
    if act.by.role == Role.REFERRER and intake.values["referrer.organisation_ods"] != act.by.organisation:
        raise Denied("You can only refer for your own organisation")
    by_coordinator = act.by.role == Role.COORDINATOR
    on_paper = referral_draft.on_paper_of(form, intake, at=act.at) if by_coordinator else None
    corrects = text_at(writing.typed, "corrects") if by_coordinator else ""
    case, _ = submit_referral(
        intake,
        act=act,
        source=("downtime" if on_paper and not corrects else "telephone") if by_coordinator else "web",
        key=f"web:{writing.id}",
        called_at=FIELD_AT["presented_at"].read(form.called_at) if form.called_at else None,
        answered_as_group=form.answered_as_group,
        join=request.POST.get("join", ""),
        not_the_same=request.POST.getlist("not_the_same") if request.POST.get("join") == "" else (),
        on_paper=on_paper,
        corrects=corrects,
        follows=text_at(writing.typed, "follows") if by_coordinator else "",
    )
    referral_draft.sent(_user(request), writing.id, led_to=case.reference)
    return redirect("case" if by_coordinator else "referral", case.reference)


@require_POST
@only(Role.COORDINATOR)
def re_enter(request: HttpRequest, reference: str) -> HttpResponse:
    """Enter a referral again on the right person: everything but the person is filled in."""
    case, at = find(reference, by=actor_of(request)), now()
    if case.status != Status.ENTERED_IN_ERROR:
        raise OutOfTurn("Mark the wrong referral as entered in error first")
    record_view(case, by=actor_of(request), at=at)
    writing = copies.from_case(_user(request), case, at=at)
    messages.info(
        request,
        f"Everything from {case.reference} is filled in except the person. Events, messages, files and what was "
        "added to the record are not: enter again anything that is true of this person",
    )
    return redirect("referral_step", writing.id, TELEPHONE.slug)


@require_POST
@only(Role.COORDINATOR)
def recurrence(request: HttpRequest, reference: str) -> HttpResponse:
    """Refer a person again whose case has ended: who they are and their cancer are filled in, nothing found is."""
    case, at = find(reference, by=actor_of(request)), now()
    if case.status != Status.CLOSED:
        raise OutOfTurn("Close this case with its outcome first: a person has one open episode")
    record_view(case, by=actor_of(request), at=at)
    writing = copies.from_earlier_episode(_user(request), case, at=at)
    messages.info(
        request,
        f"The person and the cancer from {case.reference} are filled in. Ask about every finding again",
    )
    return redirect("referral_step", writing.id, TELEPHONE.slug)


def _user(request: HttpRequest) -> Any:
    return request.user


def _open(request: HttpRequest, number: uuid.UUID, slug: str) -> tuple[Writing, FormStep]:
    if slug not in STEP_AT:
        raise NotFound("There is no such page of the form")
    return referral_draft.resume(_user(request), number, at=now()), STEP_AT[slug]


def _save(request: HttpRequest, writing: Writing, page: FormStep, *, unless_newer: bool = False) -> Writing:
    _refuse_another(request)
    names, typed = referral_draft.names_of(page), dict(request.POST.lists())
    return referral_draft.save(
        _user(request), writing, typed, names, at=now(), asked=page.slug, unless_newer=unless_newer
    )


def _refuse_another(request: HttpRequest) -> None:
    """On a shared computer a page may outlive its sign-in. Its patient must not enter the next user's drafts."""
    if request.POST.get("writer", actor_of(request).key) != actor_of(request).key:
        raise OutOfTurn(
            "Somebody else was signed in when this form was opened, so nothing was saved. "
            "They need to sign in to continue it"
        )


def _problems(writing: Writing, page: FormStep) -> Problems:
    """What is wrong on this page alone."""
    try:
        referral_draft.intake_of(writing, service=services.current(), at=now())
    except Invalid as invalid:
        names, order = referral_draft.names_of(page), {path: place for place, path in enumerate(page.paths)}
        here = [path for path in invalid.errors if path in names]
        return {
            path: invalid.errors[path] for path in sorted(here, key=lambda path: order.get(path, len(order)))
        }
    return {}


def _advice(writing: Writing) -> AdviceLine:
    at, to_answer = now(), referral_draft.to_answer(writing)
    result = (
        None if to_answer else referral_draft.evaluation_so_far(writing, service=services.current(), at=at)
    )
    return AdviceLine(
        guidance=guidance(result, at=at) if result else None,
        to_answer=to_answer,
        ring_now=referral_draft.has_danger_sign(writing),
    )


def _step_page(
    request: HttpRequest, writing: Writing, page: FormStep, problems: Problems, *, unfinished: bool = False
) -> HttpResponse:
    draft = referral_draft.unfinished(_user(request)) if unfinished else None
    screen = step_screen(
        writing,
        page,
        problems,
        advice=_advice(writing),
        organisations=directory(),
        telephone=actor_of(request).role == Role.COORDINATOR,
        changing=CHECK in request.GET,
        unfinished=draft,
        at=now(),
    )
    return render(
        request,
        "referrer/step.jinja",
        status=422 if problems else 200,
        title=page.title if page is TELEPHONE else f"New referral: {page.title}",
        screen=screen,
        errors=problems,
    )


def _check_page(
    request: HttpRequest,
    writing: Writing,
    problems: Problems,
    *,
    notices: Sequence[str] = (),
    same: Sequence[MatchedCase] = (),
) -> HttpResponse:
    """The check page. An open case of the person is named where it is the reader's to see, and that is recorded."""
    screen = check_screen(
        writing, problems, advice=_advice(writing), organisations=directory(), notices=notices
    )
    if same:
        record_list([match.case for match in same], by=actor_of(request), at=now(), page="same person")
    return render(
        request,
        "referrer/check.jinja",
        status=422 if problems and request.method == "POST" else 200,
        title="New referral: check and send",
        screen=screen,
        errors=problems,
        address=reverse("check_referral", args=[writing.id]),
        same=[
            (
                match.case.reference,
                near(match.case.submitted_at, at=now()),
                match.case.patient.name,
                " ".join(match.match.reasons),
            )
            for match in same
        ],
        check_number=any(
            "The NHS number is the same." in match.match.reasons[:1]
            and match.match.answer == MatchVerdict.PERHAPS
            for match in same
        ),
    )
