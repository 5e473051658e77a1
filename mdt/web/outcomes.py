"""The outcomes at each point, and the points still to be recorded."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache

from accounts.web.actor import actor_of, only
from accounts.web.page import render
from kernel.actors import Actor, Role
from kernel.time import near, now
from mdt.content import lines
from mdt.follow_up import OUTCOME, POINTS
from mdt.mobility import MobilityPicture, MobilityPoint, picture
from mdt.models import Outcome
from mdt.queries import outcomes_of
from mdt.usecases.record_outcome import record_outcome
from mdt.web.draft import confirmations_at, done, send, thrown_away, unsent
from mdt.web.page import Head, head, inputs, number_in, problems_of, sent_from
from oncall import clocks
from oncall.kinds import ClockKind
from referrals.case.access_log import record_view
from referrals.case.models import Referral
from referrals.case.queries import find
from referrals.case.reads import details_at, scores_of
from referrals.web.clock_lines import ClockLine, clock_lines
from webkit import drafts
from webkit.attempt import Attempt
from webkit.inputs import Input
from webkit.typed import text_at

MDT = only(Role.MDT_MEMBER, Role.COORDINATOR)
WALKING_NOW, WALKING_BEFORE = "clinical.walking_now", "clinical.walking_two_weeks_ago"


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeLine:
    code: str
    point: str
    facts: Sequence[tuple[str, str]]
    signed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomesScreen:
    """The outcomes of a case and the form for the next, ready to print."""

    head: Head
    clocks: Sequence[ClockLine]
    died: str
    picture: MobilityPicture | None
    outcomes: Sequence[OutcomeLine]
    seen: Sequence[tuple[str, int]]
    inputs: Sequence[Input]


@never_cache
@MDT
def outcomes(request: HttpRequest, reference: str) -> HttpResponse:
    """What was recorded at each point, and the form; sent, it is kept."""
    if request.method == "POST":
        if answer := thrown_away(request, request.path, at_part="record"):
            return answer
        typed, at = dict(request.POST.lists()), now()
        point = text_at(typed, "outcome.point")
        failed = send(
            request,
            "outcome",
            lambda: record_outcome(
                reference,
                sent_from(OUTCOME, typed),
                seen=number_in(typed, f"seen.{point}"),
                by=actor_of(request),
                at=at,
            ),
            at=at,
        )
        if failed is None:
            return done(
                request, f"Recorded: {POINTS[point].lower()}", request.path, at_part=f"outcome-{point}"
            )
        return _page(request, reference, failed)
    typed = drafts.typed_at(request.user, request.path)
    return _page(request, reference, Attempt(form="outcome", typed=typed))


def _page(request: HttpRequest, reference: str, attempt: Attempt) -> HttpResponse:
    by, at = actor_of(request), now()
    case = find(reference, by=by)
    record_view(case, by=by, at=at, part="outcomes")
    return render(
        request,
        "mdt/outcomes.jinja",
        status=attempt.status,
        title=f"Outcomes: {case.patient.name}, {case.reference}",
        screen=_screen(case, attempt, point=request.GET.get("point", ""), by=by, at=at),
        unsent=unsent(request, request.path, at=at),
        **confirmations_at(request),
        errors=bool(attempt.errors),
        problems=problems_of(attempt, "outcome-point"),
    )


def _screen(case: Referral, attempt: Attempt, *, point: str, by: Actor, at: datetime) -> OutcomesScreen:
    rows = outcomes_of(case)
    newest = {row.point: row for row in rows}
    follow_ups = [clock for clock in clocks.of_case(case.pk) if clock.kind == ClockKind.FOLLOW_UP]
    initial = {
        "outcome.observed_at": at,
        **({"outcome.point": point} if point in POINTS else {}),
    }
    return OutcomesScreen(
        head=head(case, by=by, current="mdt_outcomes"),
        clocks=clock_lines(follow_ups, at=at),
        died=near(case.died_at, at=at) if case.died_at else "",
        picture=picture(mobility_points(case, rows)),
        outcomes=tuple(
            OutcomeLine(
                code=point,
                point=POINTS[point],
                facts=lines(OUTCOME[1:], newest[point].content),
                signed=f"{newest[point].by_name}, {near(newest[point].at, at=at)}, version {newest[point].version}",
            )
            for point in POINTS
            if point in newest
        ),
        seen=tuple((point, newest[point].version if point in newest else 0) for point in POINTS),
        inputs=inputs(OUTCOME, attempt, initial=initial),
    )


def mobility_points(case: Referral, rows: Sequence[Outcome]) -> Iterator[MobilityPoint]:
    """Every grade of walking that anybody recorded, with its instant: three queries."""
    details = details_at(case, WALKING_NOW, WALKING_BEFORE)
    clinical = case.clinical
    if details:  # what was sent is in the first version of the case
        first = case.history.order_by("history_id").values_list("clinical", flat=True).first()
        clinical = first or clinical
    before = next((row.value for row in reversed(details) if row.path == WALKING_BEFORE), None)
    yield MobilityPoint(
        at=case.submitted_at - timedelta(days=14),
        grade=before or clinical.get("walking_two_weeks_ago") or "",
        source="two weeks before the referral",
    )
    yield MobilityPoint(at=case.submitted_at, grade=clinical.get("walking_now") or "", source="as referred")
    for row in details:
        if row.path == WALKING_NOW and row.value:
            yield MobilityPoint(at=row.at, grade=row.value, source="recorded since")
    for score in scores_of(case, "walking"):
        yield MobilityPoint(at=score.at, grade=score.items.get("grade", ""), source=score.about or "score")
    for outcome in {row.point: row for row in rows}.values():
        grade = outcome.content.get("walking", "")
        yield MobilityPoint(at=outcome.observed_at, grade=grade, source=POINTS[outcome.point].lower())
