"""The MDT's start page: what is asked of one's specialty, the list, the meetings, and follow-ups that are due."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache

from accounts.people import SPECIALTY_WORDS
from accounts.web.actor import actor_of, only
from accounts.web.page import render
from kernel.actors import Actor, Role
from kernel.time import from_rfc3339, near, now
from mdt.follow_up import POINTS, hours_of
from mdt.models import Decision, Meeting
from mdt.queries import listed_cases, meetings_ahead, meetings_ended
from mdt.usecases.plan_meeting import plan_meeting
from mdt.web.discussion_lines import MdtQuestionLine, meeting_words, now_first, question_line
from mdt.web.draft import confirmations_at, send, thrown_away, unsent
from mdt.web.obligation_lines import AwaitedOpinion, awaited_opinions
from oncall.clocks import time_left
from oncall.kinds import ClockKind
from oncall.queries import running_clocks
from referrals.case.access_log import record_list
from referrals.case.models import Referral
from referrals.case.queries import restricted_lines, visible_to
from referrals.case.states import OVER, STATUS_WORDS, Status
from triage.guideline.rule import STREAM_WORDS, Stream
from webkit import drafts
from webkit.attempt import Attempt
from webkit.fields import Moment, Text
from webkit.forms import Form
from webkit.typed import text_at

SOON = timedelta(days=7)
URGENT = "virtual_urgent"
NEVER = datetime.max.replace(tzinfo=UTC)
CLOSED = [str(status) for status in OVER]
POINT_OF = {float(hours): point for point in POINTS if (hours := hours_of(point)) is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingCase:
    """Something awaited on a case: an opinion, or a follow-up."""

    reference: str
    patient: str
    what: str
    question: str
    overdue: bool
    point: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedCase:
    """A case on the list, with the question to the MDT, the awaited opinions, and whether it has decided."""

    reference: str
    patient: str
    nhs_number: str
    born: str
    stream: str
    emergency: bool
    status: str
    questions: Sequence[MdtQuestionLine]
    obligations: Sequence[AwaitedOpinion]
    stands: str
    now: bool
    decided: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecialtyGroup:
    """Cases of the list in the same state, under their title."""

    slug: str
    title: str
    cases: Sequence[ListedCase]


@never_cache
@only(Role.MDT_MEMBER, Role.COORDINATOR)
def mdt(request: HttpRequest) -> HttpResponse:
    """What is asked, what is listed, when the meetings are."""
    return _page(request, Attempt())


@never_cache
@only(Role.COORDINATOR)
def new_meeting(request: HttpRequest) -> HttpResponse:
    """Plan a meeting."""
    if request.method != "POST":
        return redirect("mdt")
    typed = dict(request.POST.lists())
    by, at, planned = actor_of(request), now(), list[Meeting]()
    if answer := thrown_away(request, reverse("mdt"), at_part="plan"):
        return answer

    def plan() -> None:
        starts_at, cut_off_at = MeetingForm(Attempt(typed=typed)).times()
        place = text_at(typed, "place")
        planned.append(plan_meeting(starts_at=starts_at, cut_off_at=cut_off_at, place=place, by=by, at=at))

    if failed := send(request, "plan", plan, at=at):
        return _page(request, failed)
    messages.success(request, "The meeting is planned. Its list is made by rule until the cut-off")
    return redirect("mdt_meeting", planned[0].pk)


class MeetingForm(Form):
    """When and where a meeting is."""

    starts_at = Moment("When it starts", required="Enter the date and the time")
    cut_off_at = Moment(
        "When its list closes",
        required="Enter the date and the time",
        hint="Later additions need somebody's approval",
    )
    place = Text("Room or link")

    def times(self) -> tuple[datetime, datetime]:
        """When it starts and its list closes; Invalid if one is not a time."""
        values = self.values()
        return from_rfc3339(values["starts_at"]), from_rfc3339(values["cut_off_at"])


def _page(request: HttpRequest, attempt: Attempt) -> HttpResponse:
    by, at = actor_of(request), now()
    opinions = awaited_opinions(at=at)
    cases = listed_cases(by)
    awaited, follow_ups = _opinions_awaited(by, opinions), _follow_ups(by, at=at)
    record_list([*cases, *(case for case, _ in (*awaited, *follow_ups))], by=by, at=at, page="mdt")
    place = reverse("new_meeting")
    typed = drafts.typed_at(request.user, place)
    form = MeetingForm(attempt if attempt.typed else Attempt(typed=typed))
    return render(
        request,
        "mdt/list.jinja",
        status=attempt.status,
        title="MDT",
        specialty=SPECIALTY_WORDS.get(by.specialty, "") if by.role == Role.MDT_MEMBER else "",
        awaited=[line for _, line in awaited],
        groups=_groups([_listed_case(case, opinions, at=at) for case in cases]),
        meetings=[(meeting.pk, meeting_words(meeting, at=at)) for meeting in meetings_ahead()],
        earlier=[(meeting.pk, meeting_words(meeting, at=at)) for meeting in meetings_ended(most=10)],
        follow_ups=[line for _, line in follow_ups],
        may_plan=by.role == Role.COORDINATOR,
        restricted=restricted_lines(by, listed=True),
        inputs=form.inputs,
        unsent=unsent(request, place, at=at),
        **confirmations_at(request),
        errors=bool(attempt.errors),
        problems=form.problems,
    )


def _groups(cases: Sequence[ListedCase]) -> tuple[SpecialtyGroup, ...]:
    """What waits now, what waits for a meeting, what is decided; a group without a case is left out."""
    urgent = [case for case in cases if case.now]
    named = (
        (
            "now",
            "Now",
            sorted(urgent, key=lambda case: [line.due_at for line in case.obligations[:1]] or [NEVER]),
        ),
        ("next-meeting", "For the next meeting", [case for case in cases if not (case.now or case.decided)]),
        ("decided", "Decided", [case for case in cases if case.decided]),
    )
    return tuple(
        SpecialtyGroup(slug=slug, title=title, cases=of_group) for slug, title, of_group in named if of_group
    )


def _decided(case: Referral) -> Decision | None:
    """The decision that answers the newest question."""
    decisions, listings = list(case.decisions.all()), list(case.listings.all())
    if not decisions or (listings and listings[-1].ledger_line > decisions[-1].ledger_line):
        return None
    return decisions[-1]


def _listed_case(case: Referral, opinions: Sequence[AwaitedOpinion], *, at: datetime) -> ListedCase:
    """A case is for now while an opinion is waited for, and until what was asked now is decided."""
    decided, listings, decisions = _decided(case), list(case.listings.all()), list(case.decisions.all())
    waits = tuple(line for line in opinions if line.case == case.pk)
    answered = decisions[-1].ledger_line if decisions else 0
    asked_now = any(row.discussion == URGENT and row.ledger_line > answered for row in listings)
    died = "A death was reported" if case.died_at else ""
    return ListedCase(
        reference=case.reference,
        patient=case.patient.name,
        nhs_number=case.patient.nhs_number_words,
        born=case.patient.born,
        stream=STREAM_WORDS[Stream(case.stream)],
        emergency=case.is_emergency,
        status=died or STATUS_WORDS[Status(case.status)],
        questions=tuple(question_line(row, at=at) for row in now_first(listings)),
        obligations=waits,
        stands=f"Decided {near(decided.decided_at, at=at)}" if decided else "Waiting for the MDT",
        now=bool(waits) or asked_now,
        decided=decided is not None and not waits,
    )


def _opinions_awaited(by: Actor, opinions: Sequence[AwaitedOpinion]) -> list[tuple[Referral, WaitingCase]]:
    """Opinions awaited: of one's specialty, or for a coordinator of every one: a query."""
    duties = {by.specialty, *by.duties} - {""}
    own = [line for line in opinions if by.role != Role.MDT_MEMBER or line.owed_by in duties]
    cases: dict[int, Any] = visible_to(by).in_bulk([line.case for line in own])
    return [
        (
            cases[line.case],
            WaitingCase(
                reference=cases[line.case].reference,
                patient=cases[line.case].patient.name,
                what=line.words,
                question=line.question,
                overdue=line.overdue,
            ),
        )
        for line in own
        if line.case in cases
    ]


def _follow_ups(by: Actor, *, at: datetime) -> list[tuple[Referral, WaitingCase]]:
    """Follow-ups that are due within the week or late: two queries."""
    if by.role != Role.COORDINATOR:
        return []
    due = list(running_clocks(ClockKind.FOLLOW_UP, due_before=at + SOON))
    cases: dict[int, Any] = visible_to(by).in_bulk([clock.case for clock in due])
    result: list[tuple[Referral, WaitingCase]] = []
    for clock in due:
        point, case = POINT_OF.get(clock.limit_hours, ""), cases.get(clock.case)
        if case is not None:
            what = f"{POINTS.get(point, 'Follow-up')}, {time_left(clock, at=at)}"
            line = WaitingCase(
                reference=case.reference,
                patient=case.patient.name,
                what=what,
                question="",
                overdue=clock.due_at < at,
                point=point,
            )
            result.append((case, line))
    return result
