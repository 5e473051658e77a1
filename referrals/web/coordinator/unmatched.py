"""Facts that came for people without a referral: linked to a case, or dismissed with a reason."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache

from accounts.web.actor import act_of, actor_of, only
from accounts.web.page import render
from kernel.actors import Role
from kernel.refusals import Invalid, NotFound
from kernel.time import near, now
from referrals.case.access_log import record_list
from referrals.case.episodes import MatchedCase, matches_of
from referrals.case.models import UnmatchedFact
from referrals.case.openings import is_closed, mark_closed
from referrals.case.reads import open_unmatched_facts
from referrals.intake import codes
from referrals.usecases.keep_unmatched_fact import (
    dismiss_unmatched_fact,
    identity_of,
    is_urgent,
    link_unmatched_fact,
)
from referrals.web.coordinator.same_person import who
from webkit.attempt import Attempt
from webkit.fields import Text
from webkit.forms import PlainForm
from webkit.inputs import Input

PER_PAGE = 10  # each is compared with the cases


@dataclass(frozen=True, slots=True, kw_only=True)
class UnmatchedLine:
    """One kept fact with the cases that it may belong to."""

    number: int
    person: str
    fact: str
    sent: str
    cases: Sequence[tuple[str, str]]
    other: Input
    text: Input


@never_cache
@only(Role.COORDINATOR)
def unmatched(request: HttpRequest) -> HttpResponse:
    """Every kept fact that nobody has settled: what is urgent first, then the oldest."""
    errors: dict[str, Sequence[str]] = {}
    attempt = Attempt()
    at, by = now(), actor_of(request)
    if request.method == "POST":
        number = request.POST.get("fact", "")
        try:
            _settle(request, int(number) if number.isdecimal() and len(number) < 18 else 0)
        except (Invalid, NotFound) as refusal:
            problems = refusal.errors or {"reference": [refusal.sentence]}
            errors = {f"{field}-{number}": texts for field, texts in problems.items()}
            attempt = Attempt(form=number, typed=dict(request.POST.lists()), errors=problems)
        else:
            return redirect("unmatched")
    rows = sorted(
        open_unmatched_facts(),
        key=lambda row: (not is_urgent(row.kind, row.data), row.received_at),
    )
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    matches = {row.pk: matches_of(identity_of(row), with_closed=True) for row in page.object_list}
    cases = [match.case for of_row in matches.values() for match in of_row]
    mark_closed(cases, by=by)
    record_list([case for case in cases if not is_closed(case)], by=by, at=at, page="unmatched")
    return render(
        request,
        "coordinator/unmatched.jinja",
        status=422 if errors else 200,
        title="Facts without a referral",
        errors=errors,
        problems=[(text, f"#{field}") for field, texts in errors.items() for text in texts],
        lines=[_line(row, matches[row.pk], attempt.of(str(row.pk)), at=at) for row in page.object_list],
        page=page,
    )


def _settle(request: HttpRequest, number: int) -> None:
    act = act_of(request)
    if request.POST.get("dismiss"):
        dismiss_unmatched_fact(number, text=request.POST.get("text", ""), by=act.by, at=act.at)
        messages.success(request, "Dismissed, with your reason")
        return
    reference = request.POST.get("other", "").strip() or request.POST.get("reference", "")
    if not reference:
        raise Invalid("Choose a case", errors={"reference": ["Choose the case, or write its reference"]})
    link_unmatched_fact(number, reference=reference, act=act)
    messages.success(request, f"Linked to {reference}. It counts there from its true time")


def _line(
    row: UnmatchedFact, matches: Iterable[MatchedCase], attempt: Attempt, *, at: datetime
) -> UnmatchedLine:
    patient = row.patient
    names = ", ".join(
        part for part in (patient.get("family_name", "").upper(), patient.get("given_name", "")) if part
    )
    parts = [
        names,
        f"born {patient['date_of_birth']}" if patient.get("date_of_birth") else "",
        f"NHS number {patient['nhs_number']}" if patient.get("nhs_number") else "",
        f"hospital number {patient['local_id']}" if patient.get("local_id") else "",
    ]
    result = codes.MRI_RESULTS.get(row.data.get("result", ""), "")
    cases = tuple(
        (
            match.case.reference,
            f"{who(match)}. {' '.join(match.match.reasons)}",
        )
        for match in matches
    )
    another = (
        "Another case: its reference"
        if cases
        else ("No case looks like this person. The reference, if you know it")
    )
    problems = attempt.errors.get("text") or attempt.errors.get("unmatched")
    form = PlainForm(
        replace(attempt, errors={"text": problems} if problems else {}),
        fields={
            "other": Text(another, width="10"),
            "text": Text("Or why it belongs to no case here", width="full"),
        },
        ids=f"{{}}-{row.pk}",
    )
    return UnmatchedLine(
        number=row.pk,
        person=", ".join(part for part in parts if part),
        fact=f"{codes.EVENT_WORDS[row.kind]}{f': {result}' if result else ''}, {near(row.occurred_at, at=at)}",
        sent=f"by {row.by_name} ({row.organisation}), {near(row.received_at, at=at)}",
        cases=cases,
        other=form.input("other"),
        text=form.input("text"),
    )
