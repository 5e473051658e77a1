"""The MDT's list, one case on it, and putting a case there."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts import drafts
from accounts.actor import actor_of, only
from accounts.people import SPECIALTY_WORDS
from accounts.web.page import render
from kernel.actors import Role
from kernel.time import now
from mdt.queries import listed, listed_case
from mdt.usecases.list_for_mdt import list_for_mdt as put_on_list
from oncall import clocks
from referrals.queries import find
from referrals.timeline import timeline
from referrals.viewing import record_list, record_view
from referrals.web.clock_lines import clock_lines
from referrals.web.coordinator.scores import score_lines
from triage.assess import latest
from triage.guideline.findings import QUESTIONS, answer_in_words
from triage.signing import confirmed_numbers
from triage.web.guidance import guidance


@never_cache
@only(Role.MDT_MEMBER, Role.COORDINATOR)
def mdt(request: HttpRequest) -> HttpResponse:
    """The cases listed for discussion."""
    actor, at = actor_of(request), now()
    cases = listed(by=actor)
    record_list(cases, by=actor, at=at, where="mdt")
    return render(
        request,
        "mdt/list.jinja",
        title="MDT list",
        cases=[listed_case(case, at=at) for case in cases],
        specialty=SPECIALTY_WORDS.get(actor.specialty, ""),
    )


@never_cache
@only(Role.MDT_MEMBER, Role.COORDINATOR)
def mdt_case(request: HttpRequest, reference: str) -> HttpResponse:
    """One listed case, to read."""
    actor, at = actor_of(request), now()
    case = find(reference, by=actor)
    record_view(case, by=actor, at=at)
    said = latest(case.pk)
    return render(
        request,
        "mdt/case.jinja",
        title=f"{case.patient.name}, {case.reference}",
        case=listed_case(case, at=at),
        clocks=clock_lines(clocks.of_case(case.pk), at=at),
        guidance=guidance(
            said.result, at=at, for_coordinator=True, care=said.care, numbers=confirmed_numbers()
        ),
        scores=score_lines(case, at=at),
        findings=[(question.label, answer_in_words(case.findings, question)) for question in QUESTIONS],
        history=timeline(case),
    )


@require_POST
@only(Role.COORDINATOR)
def list_for_mdt(request: HttpRequest, reference: str) -> HttpResponse:
    """Put a case on the MDT's list."""
    question, text = request.POST.get("question", ""), request.POST.get("text", "")
    case = put_on_list(reference, question=question, text=text, by=actor_of(request), at=now())
    drafts.forget(request.user, place=request.path)
    messages.success(request, "Listed for MDT")
    return redirect("case", case.reference)
