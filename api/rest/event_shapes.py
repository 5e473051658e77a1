"""The shape of each kind of fact: what may be reported, field by field."""

from api.rest.shapes import FLAG, INSTANT, TEXT, Schema, list_of, nullable, object_of, one_of, ref
from referrals.evidence.events import DATA, INSTABILITY, NEUROLOGY, PAIN, SADDLE, STATUSES
from referrals.intake.codes import (
    EVENT_WORDS,
    MODALITIES,
    MRI_RESULTS,
    REGIONS,
    SUITABLE,
    TREATMENT_MODALITIES,
)
from referrals.intake.fields import FIELD_AT
from triage.guideline.findings import Answer

_LINE: Schema = {"type": "string", "maxLength": 200}
_ANSWER = one_of(Answer)
_REGIONS: Schema = {**list_of(one_of(REGIONS)), "minItems": 1}

# Per kind: its data, each with its shape. A test compares the names with the readers.
FIELDS: dict[str, dict[str, Schema]] = {
    "mri_requested": {"site": _LINE, "booked_for": INSTANT},
    "mri_booked": {"site": _LINE, "booked_for": INSTANT},
    "mri_cancelled": {"reason": _LINE},
    "mri_performed": {"modality": one_of(MODALITIES), "regions": _REGIONS, "scan": _LINE},
    "mri_reported": {
        "result": {**one_of(MRI_RESULTS), "description": "Left out only when a report is withdrawn"},
        "regions": _REGIONS,
        "scan": {**_LINE, "description": "The sender's identifier of the scan"},
        "report": {**_LINE, "description": "The sender's identifier of the report"},
        "replaces": {**_LINE, "description": "The identifier of the report that this one replaces"},
        "status": {**one_of(STATUSES), "description": "Without it, or verified, a report is provisional"},
        "verified": FLAG,
    },
    "neurology_changed": {
        "neurology": object_of(dict.fromkeys(NEUROLOGY, _ANSWER)),
        "pain": object_of(dict.fromkeys(PAIN, _ANSWER)),
        SADDLE: _ANSWER,
        INSTABILITY: _ANSWER,
        "worse": list_of(one_of((*NEUROLOGY, SADDLE))),
        "walking_now": FIELD_AT["clinical.walking_now"].schema,
    },
    "immobilised": {},
    "dexamethasone_given": {"dose_mg": FIELD_AT["clinical.dexamethasone.dose_mg"].schema, "route": _LINE},
    "dexamethasone_stopped": {"reason": _LINE},
    "decision_to_treat": {
        "modality": one_of(TREATMENT_MODALITIES),
        "suitable_for_surgery": one_of(SUITABLE),
    },
    "radiotherapy_started": {},
    "surgery_started": {},
    "admitted": {},
    "discharged": {},
    "died": {},
}
PERSON = object_of(
    {
        "nhs_number": {"type": "string", "format": "nhs-number"},
        **{name: nullable(_LINE) for name in ("family_name", "given_name", "local_id")},
        "date_of_birth": {"type": "string", "format": "date"},
        "sex": FIELD_AT["patient.sex"].schema,
    }
)


def _data_of(kind: str) -> Schema:
    required = [name for name, (_, is_required) in DATA[kind].items() if is_required]
    shape = object_of(FIELDS[kind], required)
    return {**shape, "minProperties": 1} if kind == "neurology_changed" else shape


def _report(kind: str, *, of_person: bool) -> Schema:
    data = _data_of(kind)
    person = {"patient": ref("PersonSent")} if of_person else {}
    properties = {**person, "kind": {"type": "string", "const": kind}, "occurred_at": INSTANT, "data": data}
    needs_data = "required" in data or kind in ("mri_reported", "neurology_changed")
    required = [*person, "kind", "occurred_at", *(["data"] if needs_data else [])]
    return {**object_of(properties, required), "description": EVENT_WORDS[kind]}


def _name(kind: str, *, of_person: bool) -> str:
    words = "".join(word.title() for word in kind.split("_"))
    return f"{words}{'OfPerson' if of_person else ''}"


def _choice(*, of_person: bool) -> Schema:
    """Every kind, told apart by `kind`."""
    names = {kind: _name(kind, of_person=of_person) for kind in FIELDS}
    mapping = {kind: f"#/components/schemas/{name}" for kind, name in names.items()}
    return {
        "oneOf": [ref(name) for name in names.values()],
        "discriminator": {"propertyName": "kind", "mapping": mapping},
    }


def _any_data() -> Schema:
    """The data of a fact as it is answered: the fields of every kind."""
    properties: dict[str, Schema] = {}
    for fields in FIELDS.values():
        for name, shape in fields.items():
            properties[name] = shape if properties.get(name, shape) == shape else TEXT
    return object_of({**properties, "without_plan": TEXT}, closed=False)


EVENT_DATA = _any_data()
REPORTS: dict[str, Schema] = {
    "PersonSent": PERSON,
    **{
        _name(kind, of_person=of_person): _report(kind, of_person=of_person)
        for of_person in (False, True)
        for kind in FIELDS
    },
    "EventReport": _choice(of_person=False),
    "UnmatchedReport": _choice(of_person=True),
}
