"""REST: the timeline of a case, and its facts, read and reported."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from accounts import service as services
from api.rest import schemas
from api.rest.authentication import scope
from api.rest.door import Door, answer_of
from api.rest.questions import idempotency_key, only_known, page_after
from api.rest.representations import event_json, fact_json, happening_json, unmatched_json
from kernel.refusals import Invalid
from kernel.time import now
from referrals.case.access_log import record_view
from referrals.case.queries import find, main_case_of
from referrals.case.reads import reported_events
from referrals.case.timeline import timeline
from referrals.evidence.events import parse_event
from referrals.evidence.facts import Fact
from referrals.usecases.keep_unmatched_fact import keep_unmatched_fact, read_identifiers
from referrals.usecases.record_event import record_event


class TimelineView(Door):
    permission_classes = [scope("referrals:read")]

    @schemas.read_timeline
    def get(self, request: Request, reference: str) -> Response:
        """The timeline of a referral, oldest first: each act with its actor, instant and reason."""
        only_known(request, "cursor", "limit")
        case = find(reference, by=self.actor())
        lines, following = page_after(
            request, timeline(case, for_referrer=True), number=lambda line: line.number
        )
        record_view(case, by=self.actor(), at=now(), part="timeline")
        return answer_of(
            case, {"results": [happening_json(line) for line in lines], "next_cursor": following}
        )


class EventsView(Door):
    def get_permissions(self) -> list[Any]:
        return [scope("events:write" if self.request.method == "POST" else "referrals:read")()]

    @schemas.list_events
    def get(self, request: Request, reference: str) -> Response:
        """The facts of a referral and of those merged into it, in the order in which they came."""
        only_known(request, "cursor", "limit")
        case = find(reference, by=self.actor())
        rows, following = page_after(request, reported_events(case), number=lambda event: event.pk)
        record_view(case, by=self.actor(), at=now(), part="events")
        return answer_of(case, {"results": [fact_json(row) for row in rows], "next_cursor": following})

    @schemas.report_event
    def post(self, request: Request, reference: str) -> Response:
        """Report a fact with the instant at which it happened."""
        only_known(request)
        act = self.act()
        key = idempotency_key(request)
        find(reference, by=act.by)  # NotFound for another organisation's case, before the body is read
        fact = parse_event(request.data, at=act.at)
        event, new, notices = record_event(reference, fact, act=act, key=key)
        receiver = find(reference, by=act.by)
        case = main_case_of(receiver)
        body = event_json(event, case, notices=notices, addressed=receiver.reference, at=act.at)
        return Response(body, status=201 if new else 200)


class UnmatchedEventsView(Door):
    permission_classes = [scope("events:write")]

    @schemas.report_unmatched
    def post(self, request: Request) -> Response:
        """Report a fact of a person without a known referral; it waits for a coordinator to link it."""
        only_known(request)
        actor, at = self.actor(), now()
        key = idempotency_key(request)
        body = request.data
        report = dict(body) if isinstance(body, dict) else body
        patient = report.pop("patient", None) if isinstance(report, dict) else None
        fact, identifiers = _fact_and_person(report, patient, at=at)
        row, new = keep_unmatched_fact(identifiers, fact, key=key, by=actor, at=at)
        return Response(unmatched_json(row, service=services.current()), status=201 if new else 200)


def _fact_and_person(report: Any, patient: Any, *, at: datetime) -> tuple[Fact, dict[str, Any]]:
    """The fact and its person; Invalid with the problems of both at once."""
    errors: dict[str, Sequence[str]] = {}
    fact, identifiers = None, None
    try:
        fact = parse_event(report, at=at)
    except Invalid as invalid:
        errors |= invalid.errors
    try:
        identifiers = read_identifiers(patient)
    except Invalid as invalid:
        errors |= invalid.errors
    if fact is None or identifiers is None:
        raise Invalid("Some of what was sent cannot be accepted", errors=errors)
    return fact, identifiers
