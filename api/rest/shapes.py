"""The shapes of what is sent, made from the tables that validate it."""

from typing import Any

from referrals.intake.fields import FIELDS
from triage.guideline.findings import QUESTIONS

Schema = dict[str, Any]
INSTANT: Schema = {"type": "string", "format": "date-time"}
TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "integer"}
FLAG: Schema = {"type": "boolean"}


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


def presentation() -> Schema:
    """The findings that triage reads."""
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


def group(name: str) -> Schema:
    """One group of a referral as it is sent."""
    fields = [spec for spec in FIELDS if spec.group == name]
    properties = {
        spec.name: {**(spec.schema if spec.required else nullable(spec.schema)), "description": spec.label}
        for spec in fields
    }
    if name == "clinical":
        properties["dexamethasone"] = nullable(ref("DexamethasoneSent"))
    required = [spec.name for spec in fields if spec.required and not name.startswith("patient")]
    return object_of(properties, required)


def _top() -> dict[str, Schema]:
    return {
        spec.name: {**(spec.schema if spec.required else nullable(spec.schema)), "description": spec.label}
        for spec in FIELDS
        if spec.group == ""
    }


def intake() -> Schema:
    """A whole referral as it is sent."""
    properties = {
        **{name: ref(f"{name.title()}Sent") for name in ("patient", "referrer", "location")},
        **_top(),
        "presentation": ref("Presentation"),
        "clinical": nullable(ref("ClinicalSent")),
    }
    return object_of(
        properties, ["patient", "referrer", "location", "clinician_suspected_at", "presentation"]
    )


def shown(name: str) -> Schema:
    """One group of a referral in an answer: a value that could not be read is there as it was sent."""
    properties = {
        spec.name: {**nullable(_loose(spec.schema)), "description": spec.label}
        for spec in FIELDS
        if spec.group == name
    }
    if name == "clinical":
        properties["dexamethasone"] = nullable(ref("DexamethasoneShown"))
    return object_of(properties, closed=False)


def _loose(schema: Schema) -> Schema:
    """The type of a value without its codes and limits."""
    loose = {key: value for key, value in schema.items() if key in ("type", "items")}
    return {**loose, "items": TEXT} if "items" in loose else loose
