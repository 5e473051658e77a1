"""The OpenAPI description of each call, made from the same tables that validate it."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema

from api.rest.shapes import INSTANT, ITEM, Schema
from api.rest.shapes import list_of as _list
from api.rest.shapes import nullable as _nullable
from api.rest.shapes import object_of as _object
from api.rest.shapes import one_of as _one_of
from api.rest.shapes import ref as _ref
from oncall.kinds import ClockKind, Stopped
from referrals.case.states import Status
from referrals.intake.codes import EVENT_KINDS
from referrals.intake.fields import FIELDS
from triage.guideline.advice import ADVICE
from triage.guideline.findings import QUESTIONS
from triage.guideline.rule import ContactUrgency, Stream, Strength
from triage.guideline.ruleset import NEWEST


def _presentation() -> Schema:
    single: dict[str, Schema] = {}
    groups: dict[str, dict[str, Schema]] = {"pain": {}, "neurology": {}}
    for question in QUESTIONS:
        group, _, name = question.path.rpartition(".")
        schema = (
            _one_of(question.answers)
            if question.answers
            else _nullable({"type": "integer", "minimum": 0, "maximum": 10})
        )
        (groups[group] if group else single)[name] = {**schema, "description": question.label}
    return _object(
        {**single, **{name: _object(properties) for name, properties in groups.items()}}, ["cancer_context"]
    )


def _group(name: str) -> Schema:
    fields = [spec for spec in FIELDS if spec.group == name]
    properties = {
        spec.name: {**(spec.schema if spec.required else _nullable(spec.schema)), "description": spec.label}
        for spec in fields
    }
    if name == "clinical":
        properties["dexamethasone"] = _nullable(_group("clinical.dexamethasone"))
    required = [spec.name for spec in fields if spec.required and not name.startswith("patient")]
    return _object(properties, required)


def _top() -> dict[str, Schema]:
    return {
        spec.name: {**(spec.schema if spec.required else _nullable(spec.schema)), "description": spec.label}
        for spec in FIELDS
        if spec.group == ""
    }


def _intake() -> Schema:
    properties = {
        **{name: _group(name) for name in ("patient", "referrer", "location")},
        **_top(),
        "presentation": _ref("Presentation"),
        "clinical": _nullable(_group("clinical")),
    }
    return _object(properties, ["patient", "referrer", "location", "clinician_suspected_at", "presentation"])


_SOURCE = _object(
    {"guideline": {"type": "string"}, "recommendation": {"type": "string"}, "statement": {"type": "string"},
     "decision": {"type": "string"}, "confirmed": {"type": "boolean"}},
    ["guideline", "confirmed"],
)  # fmt: skip
_TRIAGE = _object(
    {
        "guideline": _object({name: {"type": "string"} for name in ("id", "edition", "ruleset")}, ["id", "edition", "ruleset"]),
        "stream": _one_of(Stream),
        "provisional": {"type": "boolean"},
        "contact": _one_of(ContactUrgency),
        "clocks": _list(_object({
            "kind": _one_of(ClockKind), "limit_hours": {"type": "number"}, "starts": {"type": "string"},
            "due_at": _nullable(INSTANT), "formal": {"type": "boolean"}, "sources": _list(_SOURCE),
        })),
        "advice": _list(_object({
            "code": _one_of(advice.code for advice in ADVICE), "strength": _one_of(Strength),
            "text": {"type": "string"}, "sources": _list(_SOURCE),
        })),
        "because": {**_list({"type": "string"}), "minItems": 1},
        "ask_next": _list({"type": "string"}),
        "warnings": _list(_object({
            "code": _one_of(dict.fromkeys(rule.code for rule in NEWEST.warning_rules)), "text": {"type": "string"},
        })),
    },
    ["guideline", "stream", "provisional", "contact", "clocks", "advice", "because", "ask_next", "warnings"],
)  # fmt: skip
_CLOCK = _object(
    {
        "kind": _one_of(ClockKind), "limit_hours": {"type": "number"}, "started_at": INSTANT, "due_at": INSTANT,
        "stopped_at": _nullable(INSTANT), "stopped_because": _nullable(_one_of(Stopped)),
        "breached": {"type": "boolean"}, "formal": {"type": "boolean"},
    },
    ["kind", "limit_hours", "started_at", "due_at", "stopped_at", "stopped_because", "breached", "formal"],
)  # fmt: skip
_ON_CALL = _object({"role": {"type": "string"}, "telephone": {"type": "string"}}, ["role", "telephone"])
_LINKS = _object({name: {"type": "string"} for name in ("self", "timeline", "events", "page")})
_ANY: Schema = {"type": "object"}
_REFERRAL = _object(
    {
        "id": {"type": "integer"}, "reference": {"type": "string", "examples": ["MSCC-7K3QF-X"]},
        "status": _one_of(Status), "stream": _one_of(Stream), "patient": _ANY, "referrer": _ANY, "location": _ANY,
        "clinician_suspected_at": INSTANT, "suspected_at_defaulted": {"type": "boolean"},
        "mscc_suspected_at": {}, "presented_at": {}, "submitted_at": INSTANT, "updated_at": INSTANT,
        "referrer_concern": {"type": "string"},
        "acknowledged": _nullable(_object({"at": INSTANT, "by": {"type": "string"}, "role": {"type": "string"}})),
        "presentation": _ref("Presentation"), "clinical": _ANY, "triage": _ref("TriageResult"),
        "clocks": _list(_ref("Clock")), "incomplete": _list({"type": "string"}),
        "outcome": _nullable({"type": "string"}), "on_call": _ON_CALL, "links": _LINKS, "imaging": _ANY,
        "merged_into": _nullable({"type": "string"}),
        "notices": _list({"type": "string"}),
    },
    ["id", "reference", "status", "stream", "patient", "referrer", "location", "presentation", "clinical", "triage",
     "clocks", "incomplete", "on_call", "links"],
)  # fmt: skip
_NOTICE = _object({"code": {"type": "string"}, "text": {"type": "string"}}, ["code", "text"])
_UNMATCHED_IN = _object(
    {
        "patient": _object({
            "nhs_number": {"type": "string"}, "family_name": {"type": "string"}, "given_name": {"type": "string"},
            "date_of_birth": {"type": "string", "format": "date"}, "local_id": {"type": "string"},
            "sex": {"type": "string"},
        }),
        "kind": _one_of(EVENT_KINDS), "occurred_at": INSTANT, "data": {"type": "object"},
    },
    ["patient", "kind", "occurred_at"],
)  # fmt: skip
_UNMATCHED = _object(
    {
        "id": {"type": "integer"}, "kind": _one_of(EVENT_KINDS), "occurred_at": INSTANT, "received_at": INSTANT,
        "data": _ANY, "notices": _list(_NOTICE), "on_call": _ON_CALL,
    },
    ["id", "kind", "occurred_at", "received_at", "data", "notices", "on_call"],
)  # fmt: skip
_EVENT_IN = _object(
    {"kind": _one_of(EVENT_KINDS), "occurred_at": INSTANT, "data": {"type": "object"}},
    ["kind", "occurred_at"],
)
_EVENT = _object(
    {
        "id": {"type": "integer"}, "kind": _one_of(EVENT_KINDS), "occurred_at": INSTANT, "recorded_at": INSTANT,
        "data": _ANY, "status": _one_of(Status), "stream": _one_of(Stream), "clocks": _list(_ref("Clock")),
        "reference": {"type": "string"}, "merged_into": _nullable({"type": "string"}),
        "notices": _list(_NOTICE), "links": _LINKS,
    },
    ["id", "kind", "occurred_at", "recorded_at", "data", "clocks", "notices"],
)  # fmt: skip
_HAPPENING = _object(
    {
        "number": {"type": "integer"}, "kind": {"type": "string"}, "at": INSTANT, "recorded_at": INSTANT,
        "by": _object({"name": {"type": "string"}, "role": {"type": "string"}, "organisation": _nullable({"type": "string"})}),
        "what": {"type": "string"}, "why": _nullable({"type": "string"}),
    },
    ["number", "kind", "at", "by", "what"],
)  # fmt: skip
_PROBLEM = _object(
    {
        "type": {"type": "string"}, "title": {"type": "string"}, "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {"type": "object", "additionalProperties": _list({"type": "string"})},
        "on_call": _ON_CALL,
    },
    ["type", "title", "status", "detail", "on_call"],
)  # fmt: skip

COMPONENTS: dict[str, Schema] = {
    "Presentation": _presentation(), "Intake": _intake(), "TriageResult": _TRIAGE, "Clock": _CLOCK,
    "Referral": _REFERRAL, "EventReport": _EVENT_IN, "UnmatchedReport": _UNMATCHED_IN, "UnmatchedEvent": _UNMATCHED, "Event": _EVENT, "Happening": _HAPPENING, "Problem": _PROBLEM,
    "Evaluation": _object(
        {"presentation": _ref("Presentation"), "clinician_suspected_at": _nullable(INSTANT),
         "mscc_suspected_at": _nullable(INSTANT)},
        ["presentation"],
    ),
    "ReferralItem": ITEM,
    "ReferralPage": _object(
        {"results": {"anyOf": [_list(_ref("ReferralItem")), _list(_ref("Referral"))]},
         "next_cursor": _nullable({"type": "string"})},
        ["results", "next_cursor"],
    ),
}  # fmt: skip

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
            response=_ref("Problem"), description=_PROBLEMS[status]
        )
    request = (
        {"application/json": _ref(body)}
        if body in COMPONENTS
        else {"application/json": SEARCHES.get(body)}
        if body
        else None
    )
    return extend_schema(operation_id=name, request=request, responses=responses, parameters=list(parameters))


SEARCHES: dict[str, Schema] = {
    "search": _object({
        "nhs_number": {"type": "string"}, "family_name": {"type": "string"}, "given_name": {"type": "string"},
        "date_of_birth": {"type": "string", "format": "date"},
    }),
    "page": _object({"token": {"type": "string"}, "name": {"type": "string"}}, ["token"]),
    "reason": _object({"reason": {"type": "string", "maxLength": 10_000}}, ["reason"]),
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
evaluate = _describe({200: _ref("TriageResult")}, body="Evaluation", name="evaluate_presentation")
submit = _describe(
    {201: _ref("Referral"), 200: _ref("Referral")}, body="Intake", problems=(409, 428), parameters=[_KEY],
    name="submit_referral",
)  # fmt: skip
list_referrals = _describe(
    {200: _ref("ReferralPage")},
    problems=(422,),
    parameters=[
        _query("status", _one_of(Status), "Only this status"),
        _query("stream", _one_of(Stream), "Only this decided stream"),
        _query("updated_since", INSTANT, "Changed at or after this instant"),
        *_PAGES,
    ],
    name="list_referrals",
)
search = _describe({200: _ref("ReferralPage")}, body="search", parameters=_PAGES, name="search_referrals")
read = _describe({200: _ref("Referral")}, problems=(404,), name="read_referral")
read_timeline = _describe(
    {200: _object({"results": _list(_ref("Happening"))}, ["results"])}, problems=(404,), name="read_timeline"
)
report_event = _describe(
    {201: _ref("Event"), 200: _ref("Event")}, body="EventReport", problems=(404, 409, 428), parameters=[_KEY],
    name="report_event",
)  # fmt: skip
report_unmatched = _describe(
    {201: _ref("UnmatchedEvent"), 200: _ref("UnmatchedEvent")}, body="UnmatchedReport", problems=(409, 428),
    parameters=[_KEY], name="report_unmatched_event",
)  # fmt: skip
withdraw = _describe(
    {200: _ref("Referral"), 202: _ref("Referral")},
    body="reason",
    problems=(404, 409),
    name="withdraw_referral",
)
acknowledge_page = _describe(
    {200: _object({"reference": {"type": "string"}, "acknowledged_by": {"type": "string"}, "acknowledged_at": INSTANT})},
    body="page", problems=(404, 409), name="acknowledge_page",
)  # fmt: skip
read_on_call = _describe(
    {
        200: _object(
            {**_ON_CALL["properties"], "holder": _nullable({"type": "string"}), "until": _nullable(INSTANT)}
        )
    },
    name="read_on_call",
)
read_guideline = _describe(
    {
        200: _object(
            {
                "ruleset": _ANY, "release": _ANY, "editions": _list(_ANY), "rules": _list(_ANY),
                "advice": _list(_ANY), "rows": _list(_ANY), "counts": _ANY,
            },
            ["ruleset", "release", "editions", "rules", "advice", "rows", "counts"],
        )
    },
    name="read_guideline",
)  # fmt: skip
