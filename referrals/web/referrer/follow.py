"""The referrer's own referrals: the list, one of them, and what can be printed or pasted."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache

from accounts import service as services
from accounts.web.actor import actor_of, only
from accounts.web.page import render
from kernel.actors import Role
from kernel.refusals import Invalid
from kernel.time import in_words, now
from ledger.kinds import Kind
from referrals.case.access_log import SESSION, has_viewed, record_list, record_view
from referrals.case.models import Referral
from referrals.case.queries import find, organisation_names, restricted_lines, visible_to
from referrals.case.search import typed
from referrals.case.states import OVER
from referrals.case.timeline import timeline
from referrals.usecases.withdraw_referral import withdraw_referral
from referrals.web.referrer.acts import referral_page
from referrals.web.referrer.screens import (
    ReferralScreen,
    referral_lines,
    referral_screen,
    summary_text,
)
from referrals.web.searches import keep_search, search_at
from referrals.web.timeline_blocks import timeline_blocks
from webkit import drafts
from webkit.attempt import Attempt

FOLLOWING = (Role.REFERRER, Role.COORDINATOR)
PER_PAGE = 25
SHOWS = {"open": "Open", "mine": "Sent by me", "ended": "Ended", "all": "All"}


@never_cache
@only(*FOLLOWING)
def referrals(request: HttpRequest) -> HttpResponse:
    """The referrals of one's organisation, newest first, for everybody on shift: open, ended, one's own, or found."""
    if request.method == "POST":
        key = keep_search(request)
        return redirect(f"{reverse('referrals')}?found={key}&show=all" if key else reverse("referrals"))
    actor, at, search = actor_of(request), now(), search_at(request)
    forgotten = not search and "found" in request.GET  # nobody is shown as if they matched
    show = request.GET.get("show", "open")
    show = show if show in SHOWS and not forgotten else "open"
    cases = visible_to(actor).filter(typed(search)) if search else visible_to(actor)
    if show in ("open", "ended"):
        over = [str(status) for status in OVER]
        cases = cases.filter(status__in=over) if show == "ended" else cases.exclude(status__in=over)
    elif show == "mine":
        cases = cases.filter(submitted_by=actor.key)
    page = Paginator(cases.order_by("-id"), PER_PAGE).get_page(request.GET.get("page"))
    shown = list(page.object_list)
    record_list(shown, by=actor, at=at, page="referrals")
    lines = referral_lines(shown, at=at)
    return render(
        request,
        "referrer/list.jinja",
        title="Your referrals",
        lines=lines,
        page=page,
        show=show,
        search=search,
        found=request.GET["found"] if search else "",
        shows=SHOWS,
        restricted=restricted_lines(actor),
        organisation=organisation_names({actor.organisation}).get(actor.organisation, actor.organisation),
        own_only=actor.own_only,
    )


@never_cache
@only(*FOLLOWING)
def referral(request: HttpRequest, reference: str) -> HttpResponse:
    """One referral as its referrer follows it."""
    case, screen = _viewed(request, reference)
    typed = drafts.typed_at(request.user, reverse("write_message", args=[reference]))
    return referral_page(request, case, screen, Attempt(typed=typed))


@never_cache
@only(*FOLLOWING)
def referral_live(request: HttpRequest, reference: str) -> HttpResponse:
    """The part of the page that changes; asked for every two and a half seconds."""
    actor = actor_of(request)
    case, at = find(reference, by=actor), now()
    if not has_viewed(case, by=actor, since=at - SESSION):
        record_view(case, by=actor, at=at)
    return render(
        request,
        "referrer/live.jinja",
        screen=referral_screen(case, by=actor, at=at),
        history=timeline_blocks(timeline(case, for_referrer=True), at=at),
    )


@never_cache
@only(*FOLLOWING)
def summary(request: HttpRequest, reference: str) -> HttpResponse:
    """The case as plain text."""
    _, screen = _viewed(request, reference, part="summary")
    text = summary_text(screen, telephone=services.current().telephone)
    if "plain" in request.GET:
        return HttpResponse(text, content_type="text/plain; charset=utf-8")
    return render(
        request, "referrer/summary.jinja", title=f"Summary of {screen.reference}", screen=screen, text=text
    )


@never_cache
@only(*FOLLOWING)
def printable(request: HttpRequest, reference: str) -> HttpResponse:
    """The case on paper."""
    case, screen = _viewed(request, reference, part="print")
    return render(
        request,
        "referrer/print.jinja",
        title=f"{case.reference}, printed {in_words(now())}",
        screen=screen,
        printed=in_words(now()),
    )


@never_cache
@only(*FOLLOWING)
def patient_sheet(request: HttpRequest, reference: str) -> HttpResponse:
    """One sheet for the patient, in plain English, or in Welsh where the person prefers it or somebody asks for it."""
    _, screen = _viewed(request, reference, part="patient sheet")
    language = request.GET.get("language", "cy" if screen.welsh else "en")
    welsh = language == "cy"
    return render(
        request,
        "referrer/patient-sheet.jinja",
        title="Gwybodaeth i chi" if welsh else "Information for you",
        screen=screen,
        welsh=welsh,
    )


@never_cache
@only(Role.REFERRER)
def withdraw(request: HttpRequest, reference: str) -> HttpResponse:
    """Take a referral back, or ask for it."""
    if request.method != "POST":
        return redirect("referral", reference)
    reason = request.POST.get("reason", "")
    try:
        _, done = withdraw_referral(reference, text=reason, by=actor_of(request), at=now())
    except Invalid as invalid:
        refused = Attempt(typed=dict(request.POST.lists()), errors=invalid.errors)
        return referral_page(request, *_viewed(request, reference), withdrawal=refused)
    waiting = "A coordinator has to confirm this. Nothing stops until then"
    messages.success(request, "The referral is withdrawn" if done else waiting)
    return redirect("referral", reference)


def _viewed(request: HttpRequest, reference: str, *, part: str = "") -> tuple[Referral, ReferralScreen]:
    actor, at = actor_of(request), now()
    case = find(reference, by=actor)
    record_view(case, by=actor, at=at, kind=Kind.DOCUMENT_VIEWED if part else Kind.CASE_VIEWED, part=part)
    return case, referral_screen(case, by=actor, at=at)
