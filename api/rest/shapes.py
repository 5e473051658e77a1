"""The pieces of the OpenAPI description, and the shape of an item of a list."""

from typing import Any

from oncall.kinds import ClockKind
from referrals.case.states import Status
from triage.guideline.rule import Stream

Schema = dict[str, Any]
INSTANT: Schema = {"type": "string", "format": "date-time"}


def object_of(
    properties: dict[str, Schema], required: list[str] | None = None, *, closed: bool = True
) -> Schema:
    """An object with these properties; a `closed` one has no others."""
    shape: Schema = {"type": "object", "properties": properties}
    if required:
        shape["required"] = required
    return {**shape, "additionalProperties": False} if closed else shape


def nullable(schema: Schema) -> Schema:
    """This, or null."""
    return {"anyOf": [schema, {"type": "null"}]}


def list_of(items: Schema) -> Schema:
    """A list of these."""
    return {"type": "array", "items": items}


def one_of(values: Any) -> Schema:
    """One of these codes."""
    return {"type": "string", "enum": [str(value) for value in values]}


def ref(name: str) -> Schema:
    """A component of the document, by its name."""
    return {"$ref": f"#/components/schemas/{name}"}


ITEM = object_of(
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
