"""The OpenAPI description of each call."""

from collections.abc import Iterable
from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema

from api.rest.examples import EXAMPLES
from api.rest.shapes import INSTANT, Schema, one_of, ref
from referrals.case.states import Status
from triage.guideline.rule import Stream

_PROBLEMS = {
    400: "Not JSON, an empty body, or an unknown query parameter",
    401: "No valid token",
    403: "You cannot do this",
    404: "Not there, or not yours to see",
    405: "Method not allowed",
    406: "Not acceptable",
    409: "This cannot be done now (out_of_turn), or a key used with other content (idempotency_key_reused)",
    412: "Changed meanwhile: not as If-Match says",
    413: "Too large",
    415: "Not of a type that is taken",
    422: "Every problem by field path",
    428: "No Idempotency-Key",
    429: "Too many requests: see Retry-After",
}
_EVERY = (400, 401, 403, 405, 406, 429)
_WITH_BODY = (413, 415, 422)
_RATE = [
    OpenApiParameter(name, str, OpenApiParameter.HEADER, response=True, description=words)
    for name, words in (
        ("RateLimit", "What is left in the current minute: r requests, for t seconds"),
        ("RateLimit-Policy", "The limit: q requests in w seconds"),
    )
]
_ETAG = OpenApiParameter(
    "ETag", str, OpenApiParameter.HEADER, response=[200], description="For If-None-Match and If-Match"
)
_KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
    OpenApiParameter.HEADER,
    required=True,
    description="New for every new thing, the same for a repeat; kept for seven days",
)
_IF_NONE_MATCH = OpenApiParameter(
    "If-None-Match",
    str,
    OpenApiParameter.HEADER,
    description="The ETag of an earlier answer: 304 if it still holds",
)
_IF_MATCH = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    description="The ETag of the referral as it was read: 412 if it changed",
)


def _query(name: str, schema: Any, description: str) -> OpenApiParameter:
    return OpenApiParameter(name, schema, OpenApiParameter.QUERY, description=description)


_CURSOR = (
    _query("cursor", str, "The next_cursor of the answer before"),
    _query(
        "limit", {"type": "integer", "minimum": 1, "maximum": 200, "default": 50}, "How many, 200 at most"
    ),
)
_PAGES = (
    _query("fields", {"type": "string", "enum": ["full"]}, "full: each referral as at its own address"),
    *_CURSOR,
)


def _describe(
    name: str,
    answers: dict[int, str],
    *,
    scope: str = "",
    body: str = "",
    problems: Iterable[int] = (),
    parameters: Iterable[OpenApiParameter] = (),
    reads: bool = False,
) -> Any:
    """A call: its answers by status and component, its body by component, and the scope that it needs."""
    responses: dict[Any, Any] = {
        status: OpenApiResponse(response=ref(shape) if shape else None, description="Done")
        for status, shape in answers.items()
    }
    if reads:
        responses[304] = OpenApiResponse(response=None, description="Not changed since that ETag")
    for status in sorted({*_EVERY, *problems, *(_WITH_BODY if body else ())}):
        responses[(status, "application/problem+json")] = OpenApiResponse(
            response=ref("Problem"), description=_PROBLEMS[status]
        )
    examples = [
        OpenApiExample(title, value=value, request_only=True, media_type="application/json")
        for title, value in EXAMPLES.get(body, {}).items()
    ]
    auth: Any = [{"clientCredentials": [scope] if scope else []}]
    return extend_schema(
        operation_id=name,
        request={"application/json": ref(body)} if body else None,
        responses=responses,
        parameters=[*parameters, *_RATE, *((_IF_NONE_MATCH, _ETAG) if reads else ())],
        examples=examples,
        auth=auth,
    )


def _read(name: str, shape: str, *, scope: str = "", pages: bool = False, **about: Any) -> Any:
    return _describe(
        name,
        {200: shape},
        scope=scope,
        reads=True,
        parameters=_CURSOR if pages else about.pop("parameters", ()),
        problems=(404, *((422,) if pages else ()))
        if scope == "referrals:read"
        else about.pop("problems", ()),
    )


evaluate = _describe(
    "evaluate_presentation", {200: "TriageResult"}, body="Evaluation", scope="triage:evaluate"
)
submit = _describe(
    "submit_referral",
    {201: "Referral", 200: "Referral"},
    body="Intake",
    problems=(409, 428),
    parameters=[_KEY],
    scope="referrals:write",
)
list_referrals = _describe(
    "list_referrals",
    {200: "ReferralPage"},
    problems=(422,),
    scope="referrals:read",
    reads=True,
    parameters=[
        _query("status", one_of(Status), "Only this status"),
        _query("stream", one_of(Stream), "Only this decided stream"),
        _query("updated_since", INSTANT, "Changed at or after this instant, the oldest change first"),
        *_PAGES,
    ],
)
search = _describe(
    "search_referrals", {200: "ReferralPage"}, body="Search", parameters=_PAGES, scope="referrals:read"
)
read = _read("read_referral", "Referral", scope="referrals:read")
read_timeline = _read("read_timeline", "HappeningPage", pages=True, scope="referrals:read")
list_events = _read("list_events", "FactPage", pages=True, scope="referrals:read")
report_event = _describe(
    "report_event",
    {201: "Event", 200: "Event"},
    body="EventReport",
    problems=(404, 409, 428),
    parameters=[_KEY],
    scope="events:write",
)
report_unmatched = _describe(
    "report_unmatched_event",
    {201: "UnmatchedEvent", 200: "UnmatchedEvent"},
    body="UnmatchedReport",
    problems=(409, 428),
    parameters=[_KEY],
    scope="events:write",
)
withdraw = _describe(
    "withdraw_referral",
    {200: "Referral", 202: "Referral"},
    body="Withdrawal",
    problems=(404, 409, 412),
    parameters=[_IF_MATCH],
    scope="referrals:write",
)
list_messages = _read("list_messages", "MessagePage", pages=True, scope="referrals:read")
send_message = _describe(
    "send_message",
    {201: "Message", 200: "Message"},
    body="MessageSent",
    problems=(404, 409, 412, 428),
    parameters=[_KEY, _IF_MATCH],
    scope="referrals:write",
)
read_record = _read("read_record", "Record", scope="referrals:read")
write_record = _describe(
    "write_record",
    {200: "Recorded"},
    body="RecordValues",
    problems=(404, 409, 412),
    parameters=[_IF_MATCH],
    scope="referrals:write",
)
list_files = _read("list_files", "FilePage", pages=True, scope="referrals:read")
_BINARY: Schema = {"type": "string", "format": "binary", "minLength": 1}
FILE_TYPES = ("application/pdf", "image/jpeg", "image/png", "application/dicom")


def _file_call(name: str, *, sends: bool) -> Any:
    """The two calls whose body is a file."""
    responses: dict[Any, Any] = {}
    if sends:
        responses |= {
            status: OpenApiResponse(response=ref("File"), description="Done") for status in (201, 200)
        }
    else:
        responses |= {
            (200, kind): OpenApiResponse(response=_BINARY, description="The file") for kind in FILE_TYPES
        }
    for status in sorted({*_EVERY, 404, 409, *(_WITH_BODY if sends else ())}):
        responses[(status, "application/problem+json")] = OpenApiResponse(
            response=ref("Problem"), description=_PROBLEMS[status]
        )
    name_of_file = OpenApiParameter(
        "Content-Disposition", str, OpenApiParameter.HEADER, description='attachment; filename="report.pdf"'
    )
    auth: Any = [{"clientCredentials": ["referrals:write" if sends else "referrals:read"]}]
    return extend_schema(
        operation_id=name,
        request=dict.fromkeys(FILE_TYPES, _BINARY) if sends else None,
        responses=responses,
        parameters=[*([name_of_file] if sends else ()), *_RATE],
        auth=auth,
    )


add_file = _file_call("add_file", sends=True)
read_file = _file_call("read_file", sends=False)
_DAY: Schema = {"type": "string", "format": "date"}
read_measures = _read(
    "read_measures",
    "Measures",
    scope="measures:read",
    problems=(422,),
    parameters=[
        _query("from", _DAY, "The first day; 90 days before the last"),
        _query("to", _DAY, "The last day; today"),
    ],
)
acknowledge_page = _describe(
    "acknowledge_page",
    {200: "PageAnswered"},
    body="PageAnswer",
    problems=(404, 409),
    scope="pages:acknowledge",
)
read_on_call = _read("read_on_call", "OnCall")
read_guideline = _read("read_guideline", "Guideline")
_HOOK: Any = {"scope": "webhooks:manage"}
list_webhooks = _read("list_webhooks", "Webhooks", **_HOOK)
add_webhook = _describe("add_webhook", {201: "WebhookAdded"}, body="WebhookSent", problems=(409,), **_HOOK)
read_webhook = _read("read_webhook", "Webhook", problems=(404,), **_HOOK)
change_webhook = _describe("change_webhook", {200: "Webhook"}, body="WebhookSent", problems=(404,), **_HOOK)
end_webhook = _describe("end_webhook", {204: ""}, problems=(404,), **_HOOK)
rotate_webhook = _describe(
    "rotate_webhook", {200: "WebhookSecret"}, body="Rotation", problems=(404,), **_HOOK
)
list_deliveries = _read(
    "list_deliveries",
    "DeliveryPage",
    problems=(404, 422),
    **_HOOK,
    parameters=[_query("state", one_of(["waiting", "delivered", "given_up"]), "Only these"), *_CURSOR],
)
replay_delivery = _describe("replay_delivery", {202: "Delivery"}, problems=(404, 415), **_HOOK)
