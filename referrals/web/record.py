"""The record of a case, filled in by the referrer and the coordinator while the clock runs, and saved as they type."""

import json
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache

from accounts.web.actor import act_of, actor_of, only
from accounts.web.page import render
from kernel.actors import Role
from kernel.refusals import Invalid, NotFound, OutOfTurn
from kernel.time import clock_time, now
from ledger.kinds import Kind
from referrals.case.access_log import record_view
from referrals.case.queries import find
from referrals.intake.record_fields import GROUP_AT
from referrals.intake.validation import label_of
from referrals.usecases.complete_findings import complete_findings
from referrals.usecases.record_details import record_details
from referrals.web.answers import presentation_of, value_of
from referrals.web.inputs import field_of
from referrals.web.record_screens import Errors, group_screens
from triage.guideline.findings import (
    NEUROLOGY_QUESTIONS,
    PAIN_QUESTIONS,
    QUESTION_AT,
    SADDLE_SIGNS,
    Answer,
    answer_at,
)
from webkit.attempt import Attempt
from webkit.forms import Form
from webkit.typed import Typed

FINDINGS = "findings"
DANGER = frozenset(f"presentation.{question.path}" for question in (*NEUROLOGY_QUESTIONS, SADDLE_SIGNS))
OPEN_TO_ALL = (
    *NEUROLOGY_QUESTIONS,
    SADDLE_SIGNS,
    *PAIN_QUESTIONS,
    QUESTION_AT["low_back_pain"],
    QUESTION_AT["instability_signs"],
)


@never_cache
@only(Role.COORDINATOR, Role.REFERRER)
def record(request: HttpRequest, reference: str, slug: str = "") -> HttpResponse:
    """The groups of the record; a group is kept by its button, or by itself as it is filled in."""
    if request.method != "POST":
        return _page(request, reference)
    if slug not in GROUP_AT and slug != FINDINGS:
        raise NotFound("There is no such part of the record")
    typed, by = dict(request.POST.lists()), actor_of(request)
    quiet = request.headers.get("X-Requested-With") == "fetch"
    try:
        paths = (
            _findings(reference, typed, request)
            if slug == FINDINGS
            else _details(reference, slug, typed, request)
        )
    except Invalid as invalid:
        if quiet:
            sentences = [
                f"{label_of(path)}: {text}" for path, texts in invalid.errors.items() for text in texts
            ]
            return JsonResponse({"errors": sentences}, status=422)
        return _page(request, reference, failed=slug, typed=typed, errors=invalid.errors)
    if quiet:
        return JsonResponse({"saved": clock_time(now()), "changed": len(paths)})
    messages.success(
        request,
        f"Saved: {', '.join(label_of(path) for path in paths)}" if paths else "Nothing was changed",
    )
    return redirect(f"{reverse(_place(by.role), args=[reference])}#{slug}")


def _details(reference: str, slug: str, typed: Typed, request: HttpRequest) -> tuple[str, ...]:
    problems: dict[str, str] = {}
    answers = {spec.path: value_of(typed, spec.path, problems) for spec in GROUP_AT[slug].fields}
    if problems:
        raise Invalid("Some of this cannot be saved", errors={path: [why] for path, why in problems.items()})
    _, paths = record_details(reference, answers, screen=_shown(typed), act=act_of(request))
    return paths


def _shown(typed: Typed) -> dict[str, Any]:
    """The values that were on the page, as the page sends them back."""
    try:
        values = json.loads((typed.get("shown") or ["{}"])[-1])
    except (ValueError, RecursionError):  # not JSON, or nested too deeply
        values = None
    if not isinstance(values, dict):
        raise OutOfTurn("This page is out of date: load it again")
    return values


def _findings(reference: str, typed: Typed, request: HttpRequest) -> tuple[str, ...]:
    """Answer open findings. The guideline is evaluated again and never lowers a decision."""
    act = act_of(request)
    names = [
        q.path for q in OPEN_TO_ALL if (typed.get(f"presentation.{q.path}") or [""])[-1] in ("yes", "no")
    ]
    source = "examined_by_referrer" if act.by.role == Role.REFERRER else "telephone"
    complete_findings(reference, presentation_of(typed, names), source=source, only_open=True, act=act)
    return tuple(f"presentation.{name}" for name in names)


def _place(role: str) -> str:
    return "record" if role == Role.COORDINATOR else "referral_more"


def _page(
    request: HttpRequest,
    reference: str,
    *,
    failed: str = "",
    typed: Typed | None = None,
    errors: Errors | None = None,
) -> HttpResponse:
    by, at = actor_of(request), now()
    case = find(reference, by=by)
    record_view(case, by=by, at=at, kind=Kind.DOCUMENT_VIEWED, part="record")
    open_questions = [q for q in OPEN_TO_ALL if answer_at(case.findings, q.path) == Answer.NOT_ASSESSED]
    questions = Form(
        Attempt(typed=typed or {}, errors=errors or {}),
        fields={path: field_of(path) for path in (f"presentation.{q.path}" for q in open_questions)},
    )
    of_coordinator = by.role == Role.COORDINATOR
    return render(
        request,
        "referrer/record.jinja",
        status=422 if failed else 200,
        title=f"Record: {case.patient.name}, {case.reference}"
        if of_coordinator
        else f"Record of {case.reference}",
        reference=case.reference,
        patient=case.patient.name,
        over=case.is_over,
        back=reverse("case" if of_coordinator else "referral", args=[case.reference]),
        place=reverse(_place(by.role), args=[case.reference]),
        of_coordinator=of_coordinator,
        danger_signs=[entry for entry in questions.inputs if entry.name in DANGER],
        other_findings=[entry for entry in questions.inputs if entry.name not in DANGER],
        groups=group_screens(case, by=by, at=at, failed=failed, typed=typed, errors=errors),
        errors=bool(failed),
        problems=[
            (f"{label_of(path)}: {text}", f"#{path.replace('.', '-').replace('_', '-')}")
            for path, texts in (errors or {}).items()
            for text in texts
        ],
    )
