"""The MDT's start page: what is asked of one's specialty, the list, the meetings, and follow-ups that are due."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache

from accounts.actor import actor_of, only
from accounts.people import SPECIALTY_WORDS
from accounts.web.page import render
from kernel.actors import Actor, Role
from kernel.refusals import Invalid
from kernel.time import from_rfc3339, near, now
from mdt.following import POINTS, hours_of
from mdt.models import Decision, Listing, Meeting
from mdt.usecases.plan_meeting import plan_meeting
from mdt.web.discussion_lines import QuestionLine, meeting_words, question_line
from oncall.clocks import time_left
from oncall.kinds import ClockKind
from oncall.models import Clock
from referrals.models import Obligation, Referral
from referrals.queries import visible_to
from referrals.states import OVER, STATUS_WORDS, Status
from referrals.viewing import record_list
from referrals.web.answers import Typed, instant_of, one
from referrals.web.coordinator.forms import Typing, instant, text
from referrals.web.inputs import Input
from triage.guideline.rule import STREAM_WORDS, Stream

SOON = timedelta(days=7)
CLOSED = [str(status) for status in OVER]
POINT_OF = {float(hours): point for point in POINTS if (hours := hours_of(point)) is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Something that is owed on a case: an opinion, or a follow-up."""

    reference: str
    patient: str
    what: str
    left: str
    overdue: bool
    point: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedCase:
    """A case on the list, with what the MDT is asked and whether it has decided."""

    reference: str
    patient: str
    nhs_number: str
    born: str
    stream: str
    emergency: bool
    status: str
    questions: Sequence[QuestionLine]
    decided: str


@never_cache
@only(Role.MDT_MEMBER, Role.COORDINATOR)
def mdt(request: HttpRequest) -> HttpResponse:
    """What is asked, what is listed, when the meetings are."""
    return _page(request, Typing())


@never_cache
@only(Role.COORDINATOR)
def new_meeting(request: HttpRequest) -> HttpResponse:
    """Plan a meeting."""
    if request.method != "POST":
        return redirect("mdt")
    typed = dict(request.POST.lists())
    try:
        starts_at, cut_off_at = meeting_times(typed)
        meeting = plan_meeting(
            starts_at=starts_at,
            cut_off_at=cut_off_at,
            place=one(typed, "place"),
            by=actor_of(request),
            at=now(),
        )
    except Invalid as invalid:
        return _page(request, Typing(typed=typed, errors=invalid.errors))
    messages.success(request, "The meeting is planned. Its list is made by rule until the cut-off")
    return redirect("mdt_meeting", meeting.pk)


def meeting_times(typed: Typed) -> tuple[datetime, datetime]:
    """When a meeting starts and its list closes; Invalid for what is no time."""
    problems: dict[str, str] = {}
    read = {name: instant_of(typed, name, problems) for name in ("starts_at", "cut_off_at")}
    for name, value in read.items():
        if value is None:
            problems[name] = "Enter the date and the time"
    if problems:
        raise Invalid("The meeting is not complete", errors={path: [why] for path, why in problems.items()})
    return from_rfc3339(str(read["starts_at"])), from_rfc3339(str(read["cut_off_at"]))


def meeting_inputs(t: Typing, *, at: datetime | None) -> tuple[Input, ...]:
    return (
        instant("starts_at", "When it starts", t, at=at),
        instant(
            "cut_off_at", "When its list closes", t, at=None, hint="Later additions need somebody's approval"
        ),
        text("place", "Room or link", t),
    )


def _page(request: HttpRequest, t: Typing) -> HttpResponse:
    by, at = actor_of(request), now()
    cases = _listed(by)
    asked, follow_ups = _asked(by, at=at), _follow_ups(by, at=at)
    record_list([*cases, *(case for case, _ in (*asked, *follow_ups))], by=by, at=at, where="mdt")
    inputs = meeting_inputs(t, at=None)
    return render(
        request,
        "mdt/list.jinja",
        status=422 if t.errors else 200,
        title="MDT",
        specialty=SPECIALTY_WORDS.get(by.specialty, "") if by.role == Role.MDT_MEMBER else "",
        asked=[line for _, line in asked],
        cases=[_listed_case(case, at=at) for case in cases],
        meetings=[(meeting.pk, meeting_words(meeting, at=at)) for meeting in _meetings(ended=False)],
        earlier=[(meeting.pk, meeting_words(meeting, at=at)) for meeting in _meetings(ended=True)],
        follow_ups=[line for _, line in follow_ups],
        may_plan=by.role == Role.COORDINATOR,
        inputs=inputs,
        errors=bool(t.errors),
        problems=[(said, f"#{path.replace('_', '-')}") for path, texts in t.errors.items() for said in texts],
    )


def _meetings(*, ended: bool) -> list[Meeting]:
    if ended:
        return list(Meeting.objects.filter(ended_at__isnull=False).order_by("-starts_at")[:10])
    return list(Meeting.objects.filter(ended_at=None).order_by("starts_at"))


def _listed(by: Actor) -> list[Referral]:
    """The open cases on the list, emergencies first, then as they were listed: three queries."""
    listings = Listing.objects.select_related("note").order_by("id")
    cases = (
        visible_to(by)
        .filter(listed_for_mdt_at__isnull=False)
        .exclude(status__in=CLOSED)
        .prefetch_related(
            Prefetch("listings", queryset=listings),
            Prefetch("decisions", queryset=Decision.objects.order_by("version")),
        )
        .order_by("listed_for_mdt_at", "id")
    )
    return sorted(cases, key=lambda case: (_decided(case) is not None, not case.is_emergency))


def _decided(case: Referral) -> Decision | None:
    """The decision that answers the newest question."""
    decisions, listings = list(case.decisions.all()), list(case.listings.all())
    if not decisions or (listings and listings[-1].ledger_line > decisions[-1].ledger_line):
        return None
    return decisions[-1]


def _listed_case(case: Referral, *, at: datetime) -> ListedCase:
    decided = _decided(case)
    return ListedCase(
        reference=case.reference,
        patient=case.patient.name,
        nhs_number=case.patient.nhs_number_words,
        born=case.patient.born,
        stream=STREAM_WORDS[Stream(case.stream)],
        emergency=case.is_emergency,
        status=STATUS_WORDS[Status(case.status)],
        questions=tuple(question_line(row, at=at) for row in case.listings.all()),
        decided=f"Decided {near(decided.decided_at, at=at)}" if decided else "",
    )


def _asked(by: Actor, *, at: datetime) -> list[tuple[Referral, Waiting]]:
    """Opinions that are waited for: of one's specialty, or for a coordinator of every one. Three queries."""
    owed = Obligation.objects.filter(kind=ClockKind.SPECIALIST_OPINION.value).select_related("note")
    if by.role == Role.MDT_MEMBER:
        owed = owed.filter(owed_by__in={by.specialty, *by.duties} - {""})
    running = Clock.objects.filter(kind=ClockKind.SPECIALIST_OPINION.value, stopped_at=None).order_by(
        "due_at"
    )
    known = {row.pk: row for row in owed.filter(pk__in=running.values("subject"))}
    return _waiting(
        by,
        [(clock, _opinion_words(known[clock.subject]), "") for clock in running if clock.subject in known],
        at=at,
    )


def _opinion_words(row: Obligation) -> str:
    return f"{SPECIALTY_WORDS.get(row.owed_by, row.owed_by)}: {row.note.text}"


def _follow_ups(by: Actor, *, at: datetime) -> list[tuple[Referral, Waiting]]:
    """Follow-ups that are due within the week or late."""
    if by.role != Role.COORDINATOR:
        return []
    due = Clock.objects.filter(kind=ClockKind.FOLLOW_UP.value, stopped_at=None, due_at__lt=at + SOON)
    found: list[tuple[Clock, str, str]] = []
    for clock in due.order_by("due_at"):
        point = POINT_OF.get(clock.limit_hours, "")
        found.append((clock, POINTS.get(point, "Follow-up"), point))
    return _waiting(by, found, at=at)


def _waiting(
    by: Actor, told: Sequence[tuple[Clock, str, str]], *, at: datetime
) -> list[tuple[Referral, Waiting]]:
    cases: dict[int, Any] = visible_to(by).in_bulk([clock.case for clock, _, _ in told])
    return [
        (
            cases[clock.case],
            Waiting(
                reference=cases[clock.case].reference,
                patient=cases[clock.case].patient.name,
                what=what,
                left=time_left(clock, at=at),
                overdue=clock.due_at < at,
                point=point,
            ),
        )
        for clock, what, point in told
        if clock.case in cases
    ]
