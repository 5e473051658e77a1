"""REST, version 1: mapping only. The use cases decide and refuse."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import service as services
from api.rest import schemas
from api.rest.authentication import scope
from api.rest.evaluation import read_evaluation
from api.rest.guideline import guideline_json
from api.rest.list_items import items_json, with_columns
from api.rest.questions import (
    code_of,
    cursor_after,
    cursor_of,
    idempotency_key,
    instant_of,
    limit_of,
    only_known,
)
from api.rest.representations import (
    event_json,
    happening_json,
    many_json,
    on_call_json,
    one_json,
    unmatched_json,
)
from kernel.actors import Actor
from kernel.refusals import Denied, Invalid
from kernel.time import now, rfc3339
from ledger.append import append
from ledger.kinds import Kind
from oncall.rota import on_call
from referrals.case.access_log import record_list, record_view
from referrals.case.models import Referral
from referrals.case.queries import find, main_case_of, visible_to
from referrals.case.search import matching, read_search
from referrals.case.states import Status
from referrals.case.timeline import timeline
from referrals.evidence.events import parse_event
from referrals.evidence.facts import Fact
from referrals.intake.validation import parse
from referrals.usecases.keep_unmatched_fact import keep_unmatched_fact, read_identifiers
from referrals.usecases.record_event import record_event
from referrals.usecases.submit_referral import submit_referral
from referrals.usecases.withdraw_referral import withdraw_referral
from triage.assess import promises_of
from triage.guideline.evaluate import evaluate
from triage.guideline.rule import Stream
from triage.guideline.ruleset import in_force
from triage.signature import release


class Door(APIView):
    """The base of every call: no browsable pages, and the calling actor."""

    metadata_class = None

    def actor(self) -> Actor:
        user: Any = self.request.user
        actor: Actor = user.actor
        return actor


class EvaluateView(Door):
    permission_classes = [scope("triage:evaluate")]

    @schemas.evaluate
    def post(self, request: Request) -> Response:
        """Evaluate a presentation by the guideline. Stores nothing but an access line."""
        only_known(request)
        at = now()
        presentation, instants = read_evaluation(request.data, at=at)
        result = evaluate(presentation, at=at, instants=instants, promises=promises_of(services.current()))
        with transaction.atomic():
            append(Kind.PRESENTATION_EVALUATED, by=self.actor(), at=at, facts={"stream": result.stream})
        return Response(result.as_json())


class ReferralsView(Door):
    def get_permissions(self) -> list[Any]:
        return [scope("referrals:write" if self.request.method == "POST" else "referrals:read")()]

    @schemas.submit
    def post(self, request: Request) -> Response:
        """Send a referral. The same key and content again give the same referral with 200."""
        only_known(request)
        actor, at, service = self.actor(), now(), services.current()
        key = idempotency_key(request)
        intake = parse(request.data, at=at, under_18_route=service["under_18_route"])
        if intake.values["referrer.organisation_ods"] != actor.organisation:
            raise Denied(f"This client refers in the name of {actor.organisation}, its own organisation")
        case, new = submit_referral(intake, by=actor, at=at, service=service, source="api", key=key)
        if not new:
            record_view(case, by=actor, at=at)
        body = one_json(case, facts=() if new else None, service=service, at=at)
        body["notices"] = list(intake.notices)
        headers = {"Location": body["links"]["self"]}
        return Response(body, status=201 if new else 200, headers=headers)

    @schemas.list_referrals
    def get(self, request: Request) -> Response:
        """The referrals of the client's organisation, newest first."""
        only_known(request, "status", "stream", "updated_since", "cursor", "limit", "fields")
        cases = visible_to(self.actor())
        if status := code_of(request, "status", list(Status)):
            cases = cases.filter(status=status)
        if stream := code_of(request, "stream", list(Stream)):
            cases = cases.filter(stream=stream)
        if (since := instant_of(request, "updated_since")) is not None:
            cases = cases.filter(updated_at__gte=since)
        return self._page(request, cases)

    def _page(self, request: Request, cases: Any) -> Response:
        return page_of(request, cases, by=self.actor())


class SearchView(Door):
    permission_classes = [scope("referrals:read")]

    @schemas.search
    def post(self, request: Request) -> Response:
        """Search by identifiers in the body, because they never go into an address."""
        only_known(request, "cursor", "limit", "fields")
        search = read_search(request.data)
        return page_of(request, matching(visible_to(self.actor()), search), by=self.actor())


def page_of(request: Request, cases: Any, *, by: Actor) -> Response:
    """One page, newest first, with the cursor of the next; whole referrals where the caller asks for them."""
    at, limit = now(), limit_of(request)
    whole = code_of(request, "fields", ["full"]) == "full"
    if (after := cursor_of(request)) is not None:
        cases = cases.filter(pk__lt=after)
    rows = (cases if whole else with_columns(cases)).order_by("-id")
    page: list[Referral] = list(rows[: limit + 1])
    has_more, page = len(page) > limit, page[:limit]
    record_list(page, by=by, at=at, page="api")
    results = many_json(page, service=services.current(), at=at) if whole else items_json(page, at=at)
    return Response({"results": results, "next_cursor": cursor_after(page[-1].pk) if has_more else None})


class ReferralView(Door):
    permission_classes = [scope("referrals:read")]

    @schemas.read
    def get(self, request: Request, reference: str) -> Response:
        """One referral with triage, status and clocks."""
        only_known(request)
        at = now()
        case = find(reference, by=self.actor())
        record_view(case, by=self.actor(), at=at)
        return Response(one_json(case, service=services.current(), at=at))


class TimelineView(Door):
    permission_classes = [scope("referrals:read")]

    @schemas.read_timeline
    def get(self, request: Request, reference: str) -> Response:
        """The timeline of a referral: each act with its actor, instant and reason."""
        only_known(request)
        case = find(reference, by=self.actor())
        record_view(case, by=self.actor(), at=now(), part="timeline")
        return Response({"results": [happening_json(line) for line in timeline(case, for_referrer=True)]})


class EventsView(Door):
    permission_classes = [scope("events:write")]

    @schemas.report_event
    def post(self, request: Request, reference: str) -> Response:
        """Report a fact with the instant at which it happened."""
        only_known(request)
        actor, at = self.actor(), now()
        key = idempotency_key(request)
        find(reference, by=actor)  # NotFound for another organisation's case, before the body is read
        fact = parse_event(request.data, at=at)
        event, new, notices = record_event(
            reference, fact, by=actor, at=at, service=services.current(), key=key
        )
        receiver = find(reference, by=actor)
        case = main_case_of(receiver)
        body = event_json(event, case, notices=notices, addressed=receiver.reference, at=at)
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


class WithdrawView(Door):
    permission_classes = [scope("referrals:write")]

    @schemas.withdraw
    def post(self, request: Request, reference: str) -> Response:
        """Withdraw with a reason; 202 when a coordinator has to confirm it first."""
        only_known(request)
        actor, at = self.actor(), now()
        find(reference, by=actor)
        body = request.data
        unknown = (
            {key: ["There is no such field"] for key in body if key != "reason"}
            if isinstance(body, dict)
            else {}
        )
        if not isinstance(body, dict) or unknown or not isinstance(body.get("reason"), str):
            raise Invalid("Send a reason", errors={"reason": ["Write why it is withdrawn"], **unknown})
        case, is_withdrawn = withdraw_referral(reference, text=body["reason"], by=actor, at=at)
        record_view(case, by=actor, at=at)
        return Response(
            one_json(case, service=services.current(), at=at), status=200 if is_withdrawn else 202
        )


class OnCallView(Door):
    @schemas.read_on_call
    def get(self, request: Request) -> Response:
        """The present holder of the coordinator's duty, and the number to ring."""
        only_known(request)
        at = now()
        holder = on_call(at=at)[0]
        until = holder.until and rfc3339(holder.until)
        return Response({**on_call_json(services.current()), "holder": holder.holder or None, "until": until})


class GuidelineView(Door):
    @schemas.read_guideline
    def get(self, request: Request) -> Response:
        """The ruleset in force, with sources, editions, rows and release."""
        only_known(request)
        at = now()
        state = release(services.current(), at=at)
        return Response(guideline_json(in_force(at), release=state))
