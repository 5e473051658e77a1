"""The components of the OpenAPI document, made from the same tables that validate what is sent."""

from typing import Any

from oncall.kinds import ClockKind, Stopped
from referrals.case.states import Status
from referrals.intake.codes import EVENT_KINDS
from referrals.intake.fields import FIELDS
from triage.guideline.advice import ADVICE
from triage.guideline.findings import QUESTIONS
from triage.guideline.rule import ContactUrgency, Stream, Strength
from triage.guideline.ruleset import NEWEST

Schema = dict[str, Any]
INSTANT: Schema = {"type": "string", "format": "date-time"}


def object_of(
    properties: dict[str, Schema], required: list[str] | None = None, *, closed: bool = True
) -> Schema:
    """An object with these properties; closed, unless it says otherwise, to every other key."""
    shape: Schema = {"type": "object", "properties": properties}
    if required:
        shape["required"] = required
    return {**shape, "additionalProperties": False} if closed else shape


def nullable(schema: Schema) -> Schema:
    """The same, or null."""
    return {"anyOf": [schema, {"type": "null"}]}


def list_of(items: Schema) -> Schema:
    """An array of these."""
    return {"type": "array", "items": items}


def one_of(values: Any) -> Schema:
    """A text that is one of these codes."""
    return {"type": "string", "enum": [str(value) for value in values]}


def ref(name: str) -> Schema:
    """A component by its name."""
    return {"$ref": f"#/components/schemas/{name}"}


def _presentation() -> Schema:
    single: dict[str, Schema] = {}
    groups: dict[str, dict[str, Schema]] = {"pain": {}, "neurology": {}}
    for question in QUESTIONS:
        group, _, name = question.path.rpartition(".")
        schema = (
            one_of(question.answers)
            if question.answers
            else nullable({"type": "integer", "minimum": 0, "maximum": 10})
        )
        (groups[group] if group else single)[name] = {**schema, "description": question.label}
    return object_of(
        {**single, **{name: object_of(properties) for name, properties in groups.items()}}, ["cancer_context"]
    )


def _group(name: str) -> Schema:
    fields = [spec for spec in FIELDS if spec.group == name]
    properties = {
        spec.name: {**(spec.schema if spec.required else nullable(spec.schema)), "description": spec.label}
        for spec in fields
    }
    if name == "clinical":
        properties["dexamethasone"] = nullable(_group("clinical.dexamethasone"))
    required = [spec.name for spec in fields if spec.required and not name.startswith("patient")]
    return object_of(properties, required)


def _top() -> dict[str, Schema]:
    return {
        spec.name: {**(spec.schema if spec.required else nullable(spec.schema)), "description": spec.label}
        for spec in FIELDS
        if spec.group == ""
    }


def _intake() -> Schema:
    properties = {
        **{name: _group(name) for name in ("patient", "referrer", "location")},
        **_top(),
        "presentation": ref("Presentation"),
        "clinical": nullable(_group("clinical")),
    }
    return object_of(
        properties, ["patient", "referrer", "location", "clinician_suspected_at", "presentation"]
    )


_SOURCE = object_of(
    {"guideline": {"type": "string"}, "recommendation": {"type": "string"}, "statement": {"type": "string"},
     "decision": {"type": "string"}, "confirmed": {"type": "boolean"}},
    ["guideline", "confirmed"],
)  # fmt: skip
_TRIAGE = object_of(
    {
        "guideline": object_of({name: {"type": "string"} for name in ("id", "edition", "ruleset")}, ["id", "edition", "ruleset"]),
        "stream": one_of(Stream),
        "provisional": {"type": "boolean"},
        "contact": one_of(ContactUrgency),
        "clocks": list_of(object_of({
            "kind": one_of(ClockKind), "limit_hours": {"type": "number"}, "starts": {"type": "string"},
            "due_at": nullable(INSTANT), "formal": {"type": "boolean"}, "sources": list_of(_SOURCE),
        })),
        "advice": list_of(object_of({
            "code": one_of(advice.code for advice in ADVICE), "strength": one_of(Strength),
            "text": {"type": "string"}, "sources": list_of(_SOURCE),
        })),
        "because": {**list_of({"type": "string"}), "minItems": 1},
        "ask_next": list_of({"type": "string"}),
        "warnings": list_of(object_of({
            "code": one_of(dict.fromkeys(rule.code for rule in NEWEST.warning_rules)), "text": {"type": "string"},
        })),
    },
    ["guideline", "stream", "provisional", "contact", "clocks", "advice", "because", "ask_next", "warnings"],
)  # fmt: skip
_CLOCK = object_of(
    {
        "kind": one_of(ClockKind), "limit_hours": {"type": "number"}, "started_at": INSTANT, "due_at": INSTANT,
        "stopped_at": nullable(INSTANT), "stopped_because": nullable(one_of(Stopped)),
        "breached": {"type": "boolean"}, "formal": {"type": "boolean"},
    },
    ["kind", "limit_hours", "started_at", "due_at", "stopped_at", "stopped_because", "breached", "formal"],
)  # fmt: skip
ON_CALL = object_of({"role": {"type": "string"}, "telephone": {"type": "string"}}, ["role", "telephone"])
_LINKS = object_of({name: {"type": "string"} for name in ("self", "timeline", "events", "page")})
ANY: Schema = {"type": "object"}
_REFERRAL = object_of(
    {
        "id": {"type": "integer"}, "reference": {"type": "string", "examples": ["MSCC-7K3QF-X"]},
        "status": one_of(Status), "stream": one_of(Stream), "patient": ANY, "referrer": ANY, "location": ANY,
        "clinician_suspected_at": INSTANT, "suspected_at_defaulted": {"type": "boolean"},
        "mscc_suspected_at": {}, "presented_at": {}, "submitted_at": INSTANT, "updated_at": INSTANT,
        "referrer_concern": {"type": "string"},
        "acknowledged": nullable(object_of({"at": INSTANT, "by": {"type": "string"}, "role": {"type": "string"}})),
        "presentation": ref("Presentation"), "clinical": ANY, "triage": ref("TriageResult"),
        "clocks": list_of(ref("Clock")), "incomplete": list_of({"type": "string"}),
        "outcome": nullable({"type": "string"}), "on_call": ON_CALL, "links": _LINKS, "imaging": ANY,
        "merged_into": nullable({"type": "string"}),
        "notices": list_of({"type": "string"}),
    },
    ["id", "reference", "status", "stream", "patient", "referrer", "location", "presentation", "clinical", "triage",
     "clocks", "incomplete", "on_call", "links"],
)  # fmt: skip
_ITEM = object_of(
    {
        "id": {"type": "integer"}, "reference": {"type": "string"}, "status": one_of(Status),
        "stream": one_of(Stream),
        "triage": object_of({"stream": one_of(Stream), "provisional": {"type": "boolean"}}, ["stream", "provisional"]),
        "patient": object_of({
            **{name: {"type": "string"} for name in ("family_name", "given_name", "sex")},
            **{name: nullable({"type": "string"}) for name in ("nhs_number", "date_of_birth")},
        }),
        "referrer": object_of({"organisation_ods": {"type": "string"}}),
        "location": object_of({"organisation_ods": nullable({"type": "string"})}),
        "clinician_suspected_at": INSTANT, "submitted_at": INSTANT, "updated_at": INSTANT,
        "acknowledged_at": nullable(INSTANT),
        "clocks": list_of(object_of({
            "kind": one_of(ClockKind), "started_at": INSTANT, "due_at": INSTANT, "stopped_at": {"type": "null"},
            "breached": {"type": "boolean"}, "formal": {"type": "boolean"},
        })),
        "outcome": nullable({"type": "string"}), "merged_into": nullable({"type": "string"}),
        "links": object_of({"self": {"type": "string"}}),
    },
    ["id", "reference", "status", "stream", "triage", "patient", "referrer", "location", "submitted_at", "updated_at",
     "clocks", "links"],
)  # fmt: skip
_NOTICE = object_of({"code": {"type": "string"}, "text": {"type": "string"}}, ["code", "text"])
_UNMATCHED_IN = object_of(
    {
        "patient": object_of({
            "nhs_number": {"type": "string"}, "family_name": {"type": "string"}, "given_name": {"type": "string"},
            "date_of_birth": {"type": "string", "format": "date"}, "local_id": {"type": "string"},
            "sex": {"type": "string"},
        }),
        "kind": one_of(EVENT_KINDS), "occurred_at": INSTANT, "data": {"type": "object"},
    },
    ["patient", "kind", "occurred_at"],
)  # fmt: skip
_UNMATCHED = object_of(
    {
        "id": {"type": "integer"}, "kind": one_of(EVENT_KINDS), "occurred_at": INSTANT, "received_at": INSTANT,
        "data": ANY, "notices": list_of(_NOTICE), "on_call": ON_CALL,
    },
    ["id", "kind", "occurred_at", "received_at", "data", "notices", "on_call"],
)  # fmt: skip
_EVENT_IN = object_of(
    {"kind": one_of(EVENT_KINDS), "occurred_at": INSTANT, "data": {"type": "object"}},
    ["kind", "occurred_at"],
)
_EVENT = object_of(
    {
        "id": {"type": "integer"}, "kind": one_of(EVENT_KINDS), "occurred_at": INSTANT, "recorded_at": INSTANT,
        "data": ANY, "status": one_of(Status), "stream": one_of(Stream), "clocks": list_of(ref("Clock")),
        "reference": {"type": "string"}, "merged_into": nullable({"type": "string"}),
        "notices": list_of(_NOTICE), "links": _LINKS,
    },
    ["id", "kind", "occurred_at", "recorded_at", "data", "clocks", "notices"],
)  # fmt: skip
_HAPPENING = object_of(
    {
        "number": {"type": "integer"}, "kind": {"type": "string"}, "at": INSTANT, "recorded_at": INSTANT,
        "by": object_of({"name": {"type": "string"}, "role": {"type": "string"}, "organisation": nullable({"type": "string"})}),
        "what": {"type": "string"}, "why": nullable({"type": "string"}),
    },
    ["number", "kind", "at", "by", "what"],
)  # fmt: skip
_PROBLEM = object_of(
    {
        "type": {"type": "string"}, "title": {"type": "string"}, "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {"type": "object", "additionalProperties": list_of({"type": "string"})},
        "on_call": ON_CALL,
    },
    ["type", "title", "status", "detail", "on_call"],
)  # fmt: skip

COMPONENTS: dict[str, Schema] = {
    "Presentation": _presentation(), "Intake": _intake(), "TriageResult": _TRIAGE, "Clock": _CLOCK,
    "Referral": _REFERRAL, "EventReport": _EVENT_IN, "UnmatchedReport": _UNMATCHED_IN, "UnmatchedEvent": _UNMATCHED, "Event": _EVENT, "Happening": _HAPPENING, "Problem": _PROBLEM,
    "Evaluation": object_of(
        {"presentation": ref("Presentation"), "clinician_suspected_at": nullable(INSTANT),
         "mscc_suspected_at": nullable(INSTANT)},
        ["presentation"],
    ),
    "ReferralItem": _ITEM,
    "ReferralPage": object_of(
        {"results": {"anyOf": [list_of(ref("ReferralItem")), list_of(ref("Referral"))]},
         "next_cursor": nullable({"type": "string"})},
        ["results", "next_cursor"],
    ),
}  # fmt: skip
