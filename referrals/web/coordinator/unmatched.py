"""Facts from hospital systems that nobody has looked at: of people without a referral, unread reports, joined numbers."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache

from accounts.web.actor import act_of, actor_of, only
from accounts.web.page import render
from kernel.actors import Actor, Role
from kernel.refusals import Invalid, NotFound
from kernel.time import near, now
from referrals.case.access_log import record_list
from referrals.case.episodes import MatchedCase, matches_of
from referrals.case.identity import Identity, Match, MatchVerdict
from referrals.case.models import UnmatchedFact
from referrals.case.openings import is_closed, mark_closed
from referrals.case.queries import find_to_oversee, main_case_of
from referrals.case.reads import open_unmatched_facts
from referrals.intake import codes
from referrals.intake.stored import StoredIdentifiers
from referrals.usecases.keep_unmatched_fact import (
    dismiss_unmatched_fact,
    identity_of,
    is_urgent,
    link_unmatched_fact,
)
from referrals.usecases.read_kept_report import read_kept_report
from referrals.web.coordinator.same_person import RESTRICTED, who
from webkit.attempt import Attempt
from webkit.fields import Choice, Text
from webkit.forms import PlainForm
from webkit.inputs import Input

PER_PAGE = 10  # each is compared with the cases


@dataclass(frozen=True, slots=True, kw_only=True)
class UnmatchedLine:
    """One kept fact with the cases that it may belong to, and what is asked: to `link` it, to `read` it, or to `see` to it."""

    number: int
    person: str
    fact: str
    sent: str
    asks: str
    cases: Sequence[tuple[str, str]]
    result: Input
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
    cases = {row.pk: _cases(row, by=by) for row in page.object_list}
    shown = [match.case for matched in cases.values() for match in matched]
    mark_closed(shown, by=by)
    record_list([case for case in shown if not is_closed(case)], by=by, at=at, page="unmatched")
    return render(
        request,
        "coordinator/unmatched.jinja",
        status=422 if errors else 200,
        title="Facts without a referral",
        errors=errors,
        problems=[(text, f"#{field}") for field, texts in errors.items() for text in texts],
        lines=[_line(row, cases[row.pk], attempt.of(str(row.pk)), at=at) for row in page.object_list],
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
    if "result" in request.POST:
        read_kept_report(number, reference=reference, result=request.POST["result"], act=act)
    else:
        link_unmatched_fact(number, reference=reference, act=act)
    messages.success(request, f"Linked to {reference}. It counts there from its true time")


def _cases(row: UnmatchedFact, *, by: Actor) -> list[MatchedCase]:
    """The cases that a kept fact may belong to: the one that its sender named first, then those of the same person."""
    people = [identity_of(row)]
    people += [Identity(local_id=number) for number in row.data.get("retired", ())]
    people += [Identity(nhs_number=number) for number in row.data.get("retired_nhs", ())]
    matches = {
        match.case.pk: match for person in reversed(people) for match in matches_of(person, with_closed=True)
    }
    named = row.data.get("reference")
    if named is None:
        return list(matches.values())
    case = main_case_of(find_to_oversee(named, by=by))
    matches.pop(case.pk, None)
    reasons = ("The hospital system named this referral.",)
    return [MatchedCase(case=case, match=Match(answer=MatchVerdict.SAME, reasons=reasons)), *matches.values()]


def _line(
    row: UnmatchedFact, matches: Sequence[MatchedCase], attempt: Attempt, *, at: datetime
) -> UnmatchedLine:
    closed = any(is_closed(match.case) for match in matches)
    cases = tuple(
        (
            match.case.reference,
            f"{who(match)}. {' '.join(match.match.reasons)}",
        )
        for match in matches
        if is_closed(match.case) or not closed  # next to the others, a restricted one would have a name
    )
    form = _form(row, attempt, has_cases=bool(cases))
    return UnmatchedLine(
        number=row.pk,
        person=RESTRICTED if closed else _person(row.patient),
        fact=f"{_fact(row, named=not closed)}, {near(row.occurred_at, at=at)}",
        sent=f"by {row.by_name} ({row.organisation}), {near(row.received_at, at=at)}",
        asks=ASKS.get(row.kind, "link"),
        cases=cases,
        result=form.input("result"),
        other=form.input("other"),
        text=form.input("text"),
    )


ASKS = {codes.REPORT_UNREAD: "read", codes.NUMBERS_MERGED: "see"}


def _form(row: UnmatchedFact, attempt: Attempt, *, has_cases: bool) -> PlainForm:
    another = (
        "Another case: its reference"
        if has_cases
        else ("No case looks like this person. The reference, if you know it")
    )
    problems = {"text": attempt.errors.get("text") or attempt.errors.get("unmatched")}
    problems["result"] = attempt.errors.get("result")
    why = "What you did" if row.kind == codes.NUMBERS_MERGED else "Or why it belongs to no case here"
    return PlainForm(
        replace(attempt, errors={name: texts for name, texts in problems.items() if texts}),
        fields={
            "result": Choice("What the report says", {"": "Choose", **codes.MRI_RESULTS}, kind="select"),
            "other": Text(another, width="10"),
            "text": Text(why, width="full"),
        },
        ids=f"{{}}-{row.pk}",
    )


def _person(patient: StoredIdentifiers) -> str:
    """The identifiers of the person as they were sent."""
    names = ", ".join(
        part for part in (patient.get("family_name", "").upper(), patient.get("given_name", "")) if part
    )
    parts = [
        names,
        f"born {patient['date_of_birth']}" if patient.get("date_of_birth") else "",
        f"NHS number {patient['nhs_number']}" if patient.get("nhs_number") else "",
        f"hospital number {patient['local_id']}" if patient.get("local_id") else "",
    ]
    return ", ".join(part for part in parts if part)


def _fact(row: UnmatchedFact, *, named: bool) -> str:
    """What was sent, in a line; where the person is not `named`, without the numbers that would name them."""
    data = row.data
    if row.kind in codes.KEPT_WORDS and not named:
        return codes.KEPT_WORDS[row.kind]
    if row.kind == codes.REPORT_UNREAD:
        numbers = (("report number", data.get("report")), ("scan number", data.get("scan")))
        parts = [data.get("examination"), *(f"{words} {number}" for words, number in numbers if number)]
        about = ", ".join(part for part in parts if part)
        return f"{codes.KEPT_WORDS[row.kind]}{f': {about}' if about else ''}"
    if row.kind == codes.NUMBERS_MERGED:
        retired = ", ".join((*data.get("retired", ()), *data.get("retired_nhs", ())))
        return f"{codes.KEPT_WORDS[row.kind]}: {retired} now belongs to the person below"
    result = codes.MRI_RESULTS.get(data.get("result", ""), "")
    return f"{codes.EVENT_WORDS.get(row.kind, row.kind)}{f': {result}' if result else ''}"
