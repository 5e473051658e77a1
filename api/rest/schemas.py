"""The OpenAPI description of each call."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema

from api.rest.components import (
    ANY,
    COMPONENTS,
    INSTANT,
    ON_CALL,
    Schema,
    list_of,
    nullable,
    object_of,
    one_of,
    ref,
)
from referrals.case.states import Status
from triage.guideline.rule import Stream

_PROBLEMS = {
    400: "Not JSON, or an unknown query parameter", 401: "No valid token", 403: "Not yours to do",
    404: "Not there, or not yours to see", 405: "Method not allowed", 406: "Not acceptable",
    409: "Out of turn, or a key used with other content", 413: "Above 256 kB", 415: "Not application/json",
    422: "Every problem by field path", 428: "No Idempotency-Key", 429: "Too many requests",
}  # fmt: skip
_EVERY = (400, 401, 403, 405, 406, 429)
_WITH_BODY = (413, 415, 422)
_KEY = OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER, required=True,
                        description="New for every new thing, the same for a repeat; kept for seven days")  # fmt: skip


def _describe(
    answers: dict[int, Schema],
    *,
    body: str = "",
    problems: tuple[int, ...] = (),
    parameters: Any = (),
    name: str,
) -> Any:
    responses: dict[Any, Any] = {
        status: OpenApiResponse(response=schema, description="Done") for status, schema in answers.items()
    }
    for status in sorted({*_EVERY, *problems, *(_WITH_BODY if body else ())}):
        responses[(status, "application/problem+json")] = OpenApiResponse(
            response=ref("Problem"), description=_PROBLEMS[status]
        )
    request = (
        {"application/json": ref(body)}
        if body in COMPONENTS
        else {"application/json": SEARCHES.get(body)}
        if body
        else None
    )
    return extend_schema(operation_id=name, request=request, responses=responses, parameters=list(parameters))


SEARCHES: dict[str, Schema] = {
    "search": object_of({
        "nhs_number": {"type": "string"}, "family_name": {"type": "string"}, "given_name": {"type": "string"},
        "date_of_birth": {"type": "string", "format": "date"},
    }),
    "page": object_of({"token": {"type": "string"}, "name": {"type": "string"}}, ["token"]),
    "reason": object_of({"reason": {"type": "string", "maxLength": 10_000}}, ["reason"]),
}  # fmt: skip


def _query(name: str, schema: Any, description: str) -> OpenApiParameter:
    return OpenApiParameter(name, schema, OpenApiParameter.QUERY, description=description)


_PAGES = (
    _query("fields", {"type": "string", "enum": ["full"]}, "full: each referral as at its own address"),
    _query("cursor", str, "The next_cursor of the answer before"),
    _query(
        "limit", {"type": "integer", "minimum": 1, "maximum": 200, "default": 50}, "How many, 200 at most"
    ),
)
evaluate = _describe({200: ref("TriageResult")}, body="Evaluation", name="evaluate_presentation")
submit = _describe(
    {201: ref("Referral"), 200: ref("Referral")}, body="Intake", problems=(409, 428), parameters=[_KEY],
    name="submit_referral",
)  # fmt: skip
list_referrals = _describe(
    {200: ref("ReferralPage")},
    problems=(422,),
    parameters=[
        _query("status", one_of(Status), "Only this status"),
        _query("stream", one_of(Stream), "Only this decided stream"),
        _query("updated_since", INSTANT, "Changed at or after this instant"),
        *_PAGES,
    ],
    name="list_referrals",
)
search = _describe({200: ref("ReferralPage")}, body="search", parameters=_PAGES, name="search_referrals")
read = _describe({200: ref("Referral")}, problems=(404,), name="read_referral")
read_timeline = _describe(
    {200: object_of({"results": list_of(ref("Happening"))}, ["results"])},
    problems=(404,),
    name="read_timeline",
)
report_event = _describe(
    {201: ref("Event"), 200: ref("Event")}, body="EventReport", problems=(404, 409, 428), parameters=[_KEY],
    name="report_event",
)  # fmt: skip
report_unmatched = _describe(
    {201: ref("UnmatchedEvent"), 200: ref("UnmatchedEvent")}, body="UnmatchedReport", problems=(409, 428),
    parameters=[_KEY], name="report_unmatched_event",
)  # fmt: skip
withdraw = _describe(
    {200: ref("Referral"), 202: ref("Referral")},
    body="reason",
    problems=(404, 409),
    name="withdraw_referral",
)
acknowledge_page = _describe(
    {200: object_of({"reference": {"type": "string"}, "acknowledged_by": {"type": "string"}, "acknowledged_at": INSTANT})},
    body="page", problems=(404, 409), name="acknowledge_page",
)  # fmt: skip
read_on_call = _describe(
    {
        200: object_of(
            {**ON_CALL["properties"], "holder": nullable({"type": "string"}), "until": nullable(INSTANT)}
        )
    },
    name="read_on_call",
)
read_guideline = _describe(
    {
        200: object_of(
            {
                "ruleset": ANY, "release": ANY, "editions": list_of(ANY), "rules": list_of(ANY),
                "advice": list_of(ANY), "rows": list_of(ANY), "counts": ANY,
            },
            ["ruleset", "release", "editions", "rules", "advice", "rows", "counts"],
        )
    },
    name="read_guideline",
)  # fmt: skip
