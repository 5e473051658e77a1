"""The components of the OpenAPI document, made from the same tables that validate what is sent."""

from api.rest.event_shapes import EVENT_DATA, REPORTS
from api.rest.shapes import (
    FLAG,
    INSTANT,
    NUMBER,
    TEXT,
    Schema,
    group,
    intake,
    list_of,
    nullable,
    object_of,
    one_of,
    presentation,
    ref,
    shown,
)
from oncall.kinds import ClockKind, Stopped
from referrals.case.states import Status
from referrals.intake.codes import DUE_WITHIN, EVENT_KINDS, INFORMATION_REASONS
from referrals.intake.record_fields import COMPLETED_LATER
from triage.guideline.advice import ADVICE
from triage.guideline.rule import ContactUrgency, Stream, Strength
from triage.guideline.ruleset import NEWEST

_SOURCE = object_of(
    {"guideline": TEXT, "recommendation": TEXT, "statement": TEXT,
     "decision": TEXT, "confirmed": FLAG},
    ["guideline", "confirmed"],
)  # fmt: skip
_TRIAGE = object_of(
    {
        "guideline": object_of(dict.fromkeys(("id", "edition", "ruleset"), TEXT), ["id", "edition", "ruleset"]),
        "stream": one_of(Stream),
        "provisional": FLAG,
        "contact": one_of(ContactUrgency),
        "clocks": list_of(object_of({
            "kind": one_of(ClockKind), "limit_hours": {"type": "number"}, "starts": TEXT,
            "due_at": nullable(INSTANT), "formal": FLAG, "sources": list_of(_SOURCE),
        })),
        "advice": list_of(object_of({
            "code": one_of(advice.code for advice in ADVICE), "strength": one_of(Strength),
            "text": TEXT, "sources": list_of(_SOURCE),
        })),
        "because": {**list_of(TEXT), "minItems": 1},
        "ask_next": list_of(TEXT),
        "warnings": list_of(object_of({
            "code": one_of(dict.fromkeys(rule.code for rule in NEWEST.warning_rules)), "text": TEXT,
        })),
    },
    ["guideline", "stream", "provisional", "contact", "clocks", "advice", "because", "ask_next", "warnings"],
)  # fmt: skip
_CLOCK = object_of(
    {
        "kind": one_of(ClockKind), "limit_hours": {"type": "number"}, "started_at": INSTANT, "due_at": INSTANT,
        "stopped_at": nullable(INSTANT), "stopped_because": nullable(one_of(Stopped)),
        "breached": FLAG, "formal": FLAG,
    },
    ["kind", "limit_hours", "started_at", "due_at", "stopped_at", "stopped_because", "breached", "formal"],
)  # fmt: skip
ON_CALL = object_of({"role": TEXT, "telephone": TEXT}, ["role", "telephone"])
_LINKS = object_of(dict.fromkeys(("self", "timeline", "events", "messages", "record", "files", "page"), TEXT))
_REFERRAL = object_of(
    {
        "id": NUMBER, "reference": {"type": "string", "examples": ["MSCC-7K3QF-X"]},
        "status": one_of(Status), "stream": one_of(Stream), "patient": ref("PatientShown"), "referrer": ref("ReferrerShown"),
        "location": ref("LocationShown"),
        "clinician_suspected_at": INSTANT, "suspected_at_defaulted": FLAG,
        "mscc_suspected_at": nullable(TEXT), "presented_at": nullable(TEXT), "submitted_at": INSTANT, "updated_at": INSTANT,
        "referrer_concern": TEXT,
        "acknowledged": nullable(object_of({"at": INSTANT, "by": TEXT, "role": TEXT})),
        "presentation": ref("Presentation"), "clinical": ref("ClinicalShown"), "triage": ref("TriageResult"),
        "clocks": list_of(ref("Clock")), "incomplete": list_of(TEXT),
        "outcome": nullable(TEXT), "on_call": ON_CALL, "links": _LINKS, "imaging": ref("Spine"),
        "merged_into": nullable(TEXT),
        "notices": list_of(TEXT),
    },
    ["id", "reference", "status", "stream", "patient", "referrer", "location", "presentation", "clinical", "triage",
     "clocks", "incomplete", "on_call", "links"],
)  # fmt: skip
_ITEM = object_of(
    {
        "id": NUMBER, "reference": TEXT, "status": one_of(Status),
        "stream": one_of(Stream),
        "triage": object_of({"stream": one_of(Stream), "provisional": FLAG}, ["stream", "provisional"]),
        "patient": object_of({
            **dict.fromkeys(("family_name", "given_name", "sex"), TEXT),
            **{name: nullable(TEXT) for name in ("nhs_number", "date_of_birth")},
        }),
        "referrer": object_of({"organisation_ods": TEXT}),
        "location": object_of({"organisation_ods": nullable(TEXT)}),
        "clinician_suspected_at": INSTANT, "submitted_at": INSTANT, "updated_at": INSTANT,
        "acknowledged_at": nullable(INSTANT),
        "clocks": list_of(object_of({
            "kind": one_of(ClockKind), "started_at": INSTANT, "due_at": INSTANT, "stopped_at": {"type": "null"},
            "breached": FLAG, "formal": FLAG,
        })),
        "outcome": nullable(TEXT), "merged_into": nullable(TEXT),
        "links": object_of({"self": TEXT}),
    },
    ["id", "reference", "status", "stream", "triage", "patient", "referrer", "location", "submitted_at", "updated_at",
     "clocks", "links"],
)  # fmt: skip
_NOTICE = object_of({"code": TEXT, "text": TEXT}, ["code", "text"])
_UNMATCHED = object_of(
    {
        "id": NUMBER, "kind": one_of(EVENT_KINDS), "occurred_at": INSTANT, "received_at": INSTANT,
        "data": ref("EventData"), "notices": list_of(_NOTICE), "on_call": ON_CALL,
    },
    ["id", "kind", "occurred_at", "received_at", "data", "notices", "on_call"],
)  # fmt: skip
_EVENT = object_of(
    {
        "id": NUMBER, "kind": one_of(EVENT_KINDS), "occurred_at": INSTANT, "recorded_at": INSTANT,
        "data": ref("EventData"), "status": one_of(Status), "stream": one_of(Stream), "clocks": list_of(ref("Clock")),
        "reference": TEXT, "merged_into": nullable(TEXT),
        "notices": list_of(_NOTICE), "links": _LINKS,
    },
    ["id", "kind", "occurred_at", "recorded_at", "data", "clocks", "notices"],
)  # fmt: skip
_HAPPENING = object_of(
    {
        "number": NUMBER, "kind": TEXT, "at": INSTANT, "recorded_at": INSTANT,
        "by": object_of({"name": TEXT, "role": TEXT, "organisation": nullable(TEXT)}),
        "what": TEXT, "why": nullable(TEXT),
    },
    ["number", "kind", "at", "by", "what"],
)  # fmt: skip
_PROBLEM = object_of(
    {
        "type": TEXT, "title": TEXT, "status": NUMBER,
        "detail": TEXT,
        "errors": {"type": "object", "additionalProperties": list_of(TEXT)},
        "on_call": ON_CALL, "merged_into": TEXT,
    },
    ["type", "title", "status", "detail", "on_call"],
)  # fmt: skip

_AUTHOR = object_of({"name": TEXT, "role": TEXT}, ["name", "role"])
_SPINE = object_of(
    {
        "ruled_out": FLAG,
        "regions": list_of(object_of({
            "region": TEXT, "state": TEXT, "finding": nullable(TEXT), "final": FLAG, "scanned_at": nullable(INSTANT),
            "reported_at": nullable(INSTANT),
        })),
        "findings": list_of(object_of({
            "finding": TEXT, "regions": list_of(TEXT), "reported_at": INSTANT, "final": FLAG, "stated": FLAG,
            "report_withdrawn": FLAG,
        })),
        "contradicted": FLAG, "stated": {"type": "object", "additionalProperties": TEXT},
    },
)  # fmt: skip
_FACT = object_of(
    {
        "id": NUMBER, "reference": TEXT, "kind": one_of(EVENT_KINDS), "occurred_at": INSTANT, "recorded_at": INSTANT,
        "by": _AUTHOR, "data": ref("EventData"),
    },
    ["id", "reference", "kind", "occurred_at", "recorded_at", "by", "data"],
)  # fmt: skip
_MESSAGE = object_of(
    {
        "id": NUMBER, "at": INSTANT, "by": _AUTHOR, "to_referrer": FLAG, "text": TEXT, "reason": nullable(TEXT),
        "question": nullable(object_of({"answer_by": INSTANT, "settled_at": nullable(INSTANT)}, ["answer_by"])),
        "answers": {**nullable(NUMBER), "description": "The id of the message that this answers"},
    },
    ["id", "at", "by", "to_referrer", "text", "question"],
)  # fmt: skip
_FILE = object_of(
    {
        "id": NUMBER, "name": TEXT, "content_type": TEXT, "sha256": TEXT,
        "state": {**one_of(["held", "clean", "infected", "unreadable"]), "description": "Fetched when it is clean"},
        "added_at": INSTANT, "by": _AUTHOR, "links": object_of({"content": TEXT}),
    },
    ["id", "name", "content_type", "sha256", "state", "added_at", "by", "links"],
)  # fmt: skip
_RECORD_VALUE: Schema = {"type": ["string", "number", "boolean", "array", "null"], "items": TEXT}
_RECORD_FIELD = object_of(
    {
        "path": TEXT, "label": TEXT, "value": _RECORD_VALUE, "recorded_at": nullable(INSTANT), "by": nullable(_AUTHOR),
    },
    ["path", "label", "value", "recorded_at", "by"],
)  # fmt: skip
_RECORD_IN = object_of(
    {"values": object_of({
        path: {**nullable(spec.schema), "description": spec.label} for path, spec in COMPLETED_LATER.items()
        if path not in ("record.exceptions", "record.exception_decided_by")
    })},
    ["values"],
)  # fmt: skip
_FIGURE = object_of({"numerator": NUMBER, "denominator": NUMBER}, ["numerator", "denominator"])
_MEASURE = object_of(
    {
        **dict.fromkeys(("id", "title", "numerator_words", "denominator_words", "adjusted_words"), TEXT),
        "literal": _FIGURE, "adjusted": _FIGURE, "running": NUMBER, "left_out": NUMBER,
    },
    ["id", "title", "literal", "adjusted", "running", "left_out"],
)  # fmt: skip
_DAY: Schema = {"type": "string", "format": "date"}
_GUIDELINE = object_of(
    {
        "ruleset": object_of({"id": TEXT, "edition": TEXT, "holds_from": INSTANT, "fingerprint": TEXT}),
        "release": object_of({"signed": FLAG, "detail": TEXT}),
        "editions": list_of(object_of({
            "guideline": TEXT, "published": TEXT, "title": TEXT, "active": FLAG, "rulesets": list_of(TEXT),
        })),
        "rules": list_of(object_of({
            "id": TEXT, "kind": TEXT, "leads_to": TEXT, "when": TEXT, "says": TEXT,
            "sources": list_of(object_of({"row": TEXT, "confirmed": FLAG}, closed=False)),
        })),
        "advice": list_of(object_of({"code": TEXT, "strength": TEXT, "topic": TEXT, "text": TEXT})),
        "rows": list_of(object_of({
            "id": TEXT, "stage": TEXT, "who": list_of(TEXT), "says": TEXT, "strength": nullable(TEXT),
            "limit": nullable(TEXT), "source": TEXT, "confirmed": FLAG, "verdict": TEXT, "why": nullable(TEXT),
            "places": list_of(TEXT),
        })),
        "counts": {"type": "object", "additionalProperties": NUMBER},
    },
    ["ruleset", "release", "editions", "rules", "advice", "rows", "counts"],
)  # fmt: skip


_WEBHOOK = {
    "id": NUMBER, "url": TEXT, "kinds": {**list_of(TEXT), "description": "Empty: every kind"}, "made_at": INSTANT,
    "failures": NUMBER, "rests_until": nullable(INSTANT), "earlier_secret_until": nullable(INSTANT),
}  # fmt: skip
_SECRET: Schema = {"type": "string", "description": "Shown once"}
_DELIVERY = object_of(
    {
        "id": NUMBER, "message": {**TEXT, "description": "The webhook-id header, the same at every attempt"},
        "kind": TEXT, "reference": TEXT, "state": one_of(["waiting", "delivered", "given_up"]), "written_at": INSTANT,
        "next_attempt_at": nullable(INSTANT), "delivered_at": nullable(INSTANT),
        "attempts": list_of(object_of(
            {"at": INSTANT, "status": nullable(NUMBER), "fault": nullable(TEXT), "milliseconds": NUMBER},
            ["at", "status", "fault", "milliseconds"],
        )),
    },
    ["id", "message", "kind", "reference", "state", "written_at", "attempts"],
)  # fmt: skip


def _page_of(name: str) -> Schema:
    """A page of these, with the cursor of the next."""
    properties = {"results": list_of(ref(name)), "next_cursor": nullable(TEXT)}
    return object_of(properties, ["results", "next_cursor"])


COMPONENTS: dict[str, Schema] = {
    "Presentation": presentation(), "Intake": intake(), "TriageResult": _TRIAGE, "Clock": _CLOCK,
    **{f"{name.title()}Sent": group(name) for name in ("patient", "referrer", "location", "clinical")},
    "DexamethasoneSent": group("clinical.dexamethasone"),
    **{f"{name.title()}Shown": shown(name) for name in ("patient", "referrer", "location", "clinical")},
    "DexamethasoneShown": shown("clinical.dexamethasone"),
    "Spine": _SPINE, "Referral": _REFERRAL, "ReferralItem": _ITEM,
    **REPORTS, "EventData": EVENT_DATA, "Event": _EVENT, "Fact": _FACT, "UnmatchedEvent": _UNMATCHED,
    "Happening": _HAPPENING, "Problem": _PROBLEM, "Message": _MESSAGE, "File": _FILE,
    "RecordField": _RECORD_FIELD, "RecordValues": _RECORD_IN, "Measure": _MEASURE, "Guideline": _GUIDELINE,
    "Record": object_of({"fields": list_of(ref("RecordField"))}, ["fields"]),
    "Recorded": object_of({"changed": list_of(TEXT)}, ["changed"]),
    "Measures": object_of(
        {"from": _DAY, "to": _DAY, "standard": TEXT, "organisation_ods": TEXT, "measures": list_of(ref("Measure"))},
        ["from", "to", "standard", "organisation_ods", "measures"],
    ),
    "OnCall": object_of(
        {**ON_CALL["properties"], "holder": nullable(TEXT), "until": nullable(INSTANT)}, ["role", "telephone"]
    ),
    "Evaluation": object_of(
        {"presentation": ref("Presentation"), "clinician_suspected_at": nullable(INSTANT),
         "mscc_suspected_at": nullable(INSTANT)},
        ["presentation"],
    ),
    "MessageSent": object_of(
        {
            "text": {"type": "string", "minLength": 1, "maxLength": 10_000},
            "answer_within_hours": {
                **nullable({"type": "number", "minimum": 0.5, "maximum": 168}),
                "description": f"One of {', '.join(DUE_WITHIN)}",
            },
            "reason": nullable(one_of(INFORMATION_REASONS)), "answers": nullable({"type": "integer", "minimum": 1}),
        },
        ["text"],
    ),
    "Search": object_of({"nhs_number": TEXT, "family_name": TEXT, "given_name": TEXT, "date_of_birth": _DAY}),
    "PageAnswer": object_of({"token": TEXT, "name": TEXT}, ["token"]),
    "PageAnswered": object_of(
        {"reference": TEXT, "acknowledged_by": TEXT, "acknowledged_at": nullable(INSTANT)}, ["reference"]
    ),
    "Withdrawal": object_of({"reason": {"type": "string", "minLength": 1, "maxLength": 10_000}}, ["reason"]),
    "ReferralPage": object_of(
        {"results": {"anyOf": [list_of(ref("ReferralItem")), list_of(ref("Referral"))]},
         "next_cursor": nullable(TEXT),
         "resume_from": {**nullable(INSTANT), "description": "Of the last page of changes: the next updated_since"}},
        ["results", "next_cursor"],
    ),
    "Webhook": object_of(_WEBHOOK, ["id", "url", "kinds", "made_at"]),
    "Webhooks": object_of({"results": list_of(ref("Webhook"))}, ["results"]),
    "WebhookAdded": object_of({**_WEBHOOK, "secret": _SECRET}, ["id", "url", "kinds", "made_at", "secret"]),
    "WebhookSent": object_of({"url": {"type": "string", "minLength": 1, "maxLength": 500}, "kinds": list_of(TEXT)}, ["url"]),
    "WebhookSecret": object_of({"secret": _SECRET}, ["secret"]),
    "Rotation": object_of({"overlap_hours": {"type": "integer", "minimum": 0, "maximum": 168, "default": 24}}),
    "Delivery": _DELIVERY,
    **{f"{name}Page": _page_of(name) for name in ("Happening", "Fact", "Message", "File", "Delivery")},
}  # fmt: skip
