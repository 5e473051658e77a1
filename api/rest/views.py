"""REST, version 1: mapping only. The use cases decide and refuse."""

from typing import Any

from django.db import transaction
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import service as services
from api.rest import schemas
from api.rest.authentication import scope
from api.rest.door import Door, answer_of, unless_changed, version_asked
from api.rest.evaluation import read_evaluation
from api.rest.guideline import guideline_json
from api.rest.lists import delta_of, page_of
from api.rest.questions import (
    code_of,
    idempotency_key,
    instant_of,
    only_known,
)
from api.rest.representations import Standing, on_call_json, one_json
from kernel.refusals import Denied, Invalid
from kernel.time import now, rfc3339
from ledger.append import append
from ledger.kinds import Kind
from oncall import clocks
from oncall.rota import on_call
from referrals.case.access_log import record_view
from referrals.case.models import Referral
from referrals.case.queries import find, visible_to
from referrals.case.search import matching, read_search
from referrals.case.states import Status
from referrals.intake.validation import parse
from referrals.usecases.submit_referral import submit_referral
from referrals.usecases.withdraw_referral import withdraw_referral
from triage.assess import promises_of
from triage.guideline.evaluate import evaluate
from triage.guideline.rule import Stream
from triage.guideline.ruleset import in_force
from triage.line_facts import PresentationEvaluated
from triage.models import Assessment
from triage.signature import release


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
            facts = PresentationEvaluated(stream=result.stream)
            append(Kind.PRESENTATION_EVALUATED, by=self.actor(), at=at, facts=facts)
        return Response(result.as_json())


class ReferralsView(Door):
    def get_permissions(self) -> list[Any]:
        return [scope("referrals:write" if self.request.method == "POST" else "referrals:read")()]

    @schemas.submit
    def post(self, request: Request) -> Response:
        """Send a referral. The same key and content again give the same referral with 200."""
        only_known(request)
        act = self.act()
        key = idempotency_key(request)
        intake = parse(request.data, at=act.at, under_18_route=act.service["under_18_route"])
        if intake.values["referrer.organisation_ods"] != act.by.organisation:
            raise Denied(f"This client refers in the name of {act.by.organisation}, its own organisation")
        stored: dict[int, Standing] = {}

        def note(case: Referral, assessment: Assessment) -> None:
            case_clocks = clocks.of_case(case.pk, with_report_only=True)
            stored[case.pk] = Standing(assessment=assessment.result, case_clocks=case_clocks)

        case, new = submit_referral(intake, act=act, source="api", key=key, alongside=note)
        if not new:
            record_view(case, by=act.by, at=act.at)
        body = one_json(
            case,
            standing=stored.get(case.pk),
            facts=() if new else None,
            service=act.service,
            at=act.at,
        )
        body["notices"] = list(intake.notices)
        headers = {"Location": body["links"]["self"]}
        return answer_of(case, body, status=201 if new else 200, headers=headers)

    @schemas.list_referrals
    def get(self, request: Request) -> Response:
        """The referrals of the client's organisation, newest first; with `updated_since` in the order of their changes."""
        only_known(request, "status", "stream", "updated_since", "cursor", "limit", "fields")
        cases = visible_to(self.actor())
        if status := code_of(request, "status", list(Status)):
            cases = cases.filter(status=status)
        if stream := code_of(request, "stream", list(Stream)):
            cases = cases.filter(stream=stream)
        if (since := instant_of(request, "updated_since")) is not None:
            return Response(delta_of(request, cases, since=since, by=self.actor()))
        return page_of(request, cases, by=self.actor())


class SearchView(Door):
    permission_classes = [scope("referrals:read")]

    @schemas.search
    def post(self, request: Request) -> Response:
        """Search by identifiers in the body, because they never go into an address."""
        only_known(request, "cursor", "limit", "fields")
        search = read_search(request.data)
        return page_of(request, matching(visible_to(self.actor()), search), by=self.actor())


class ReferralView(Door):
    permission_classes = [scope("referrals:read")]

    @schemas.read
    def get(self, request: Request, reference: str) -> Response:
        """One referral with triage, status and clocks."""
        only_known(request)
        at = now()
        case = find(reference, by=self.actor())
        record_view(case, by=self.actor(), at=at)
        return answer_of(case, one_json(case, service=services.current(), at=at))


class WithdrawView(Door):
    permission_classes = [scope("referrals:write")]

    @schemas.withdraw
    def post(self, request: Request, reference: str) -> Response:
        """Withdraw with a reason; 202 when a coordinator has to confirm it first."""
        only_known(request)
        actor, at = self.actor(), now()
        version = version_asked(request, find(reference, by=actor))
        body = request.data
        unknown = (
            {key: ["There is no such field"] for key in body if key != "reason"}
            if isinstance(body, dict)
            else {}
        )
        if not isinstance(body, dict) or unknown or not isinstance(body.get("reason"), str):
            raise Invalid("Send a reason", errors={"reason": ["Write why it is withdrawn"], **unknown})
        with unless_changed():
            case, is_withdrawn = withdraw_referral(
                reference, text=body["reason"], by=actor, at=at, version=version
            )
        record_view(case, by=actor, at=at)
        return answer_of(
            case, one_json(case, service=services.current(), at=at), status=200 if is_withdrawn else 202
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
