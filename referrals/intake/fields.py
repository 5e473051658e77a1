"""Every field of a referral except the presentation: its path, kind, codes and words. Pure."""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from kernel.identifiers import NhsNumber, OdsCode
from kernel.text import NOTES, SINGLE_LINE, fault, tidy
from kernel.time import from_rfc3339, rfc3339
from referrals.intake.instants import fault_of_future

SEX = {"female": "Female", "male": "Male", "indeterminate": "Indeterminate", "unknown": "Not known"}
ETHNIC_CATEGORY = {
    "A": "White: British", "B": "White: Irish", "C": "Any other White background",
    "D": "Mixed: White and Black Caribbean", "E": "Mixed: White and Black African",
    "F": "Mixed: White and Asian", "G": "Any other mixed background", "H": "Asian or Asian British: Indian",
    "J": "Asian or Asian British: Pakistani", "K": "Asian or Asian British: Bangladeshi",
    "L": "Any other Asian background", "M": "Black or Black British: Caribbean",
    "N": "Black or Black British: African", "P": "Any other Black background", "R": "Chinese",
    "S": "Any other ethnic group", "Z": "Not stated", "99": "Not known",
}  # fmt: skip
REFERRER_ROLE = {
    "gp": "GP", "emergency_department": "Emergency department", "ward_doctor": "Ward doctor",
    "acute_oncology_nurse": "Acute oncology nurse", "clinical_nurse_specialist": "Clinical nurse specialist",
    "physiotherapist": "Physiotherapist or other AHP", "hospice": "Hospice", "other": "Other",
}  # fmt: skip
LOCATION_KIND = {
    "home": "At home", "gp_surgery": "GP surgery", "emergency_department": "Emergency department",
    "ward": "Hospital ward", "hospice": "Hospice", "care_home": "Care home", "other": "Somewhere else",
}  # fmt: skip
CONCERN = {"as_guideline": "As the guideline says", "emergency": "I am worried: page as an emergency"}
PROGRESSION = {
    "stable": "Stable", "progressing_hours": "Getting worse over hours",
    "progressing_days": "Getting worse over days", "improving": "Improving", "unknown": "Not known",
}  # fmt: skip
WALKING = {
    "unaided": "Walks unaided", "with_aid": "Walks with an aid",
    "not_walking_some_power": "Not walking, some power", "no_power": "No power", "not_assessed": "Not assessed",
}  # fmt: skip
LEVELS = {"cervical": "Neck", "thoracic": "Upper or middle back", "lumbar": "Lower back", "sacral": "Sacrum"}
ANSWER = {"yes": "Yes", "no": "No", "not_assessed": "Not assessed"}


class Unreadable(ValueError):
    """A value of the right JSON type that cannot be understood; the text says how to correct it."""


class NotAllowed(ValueError):
    """A value that no door ever accepts: a wrong JSON type or a control character."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldSpec:
    """One field. `read` returns the value of a sent one, or raises Unreadable or NotAllowed."""

    path: str
    label: str
    read: Callable[[Any], Any]
    schema: dict[str, Any]
    default: Any = None
    required: bool = False
    codes: dict[str, str] | None = None
    ask: str = ""  # the error when it is empty

    @property
    def kind(self) -> str:
        """The kind of input on a form: text, date, instant, several, flag, whole or number."""
        special_kind = {"date": "date", "date-time": "instant"}.get(self.schema.get("format", ""))
        kinds = {"array": "several", "boolean": "flag", "integer": "whole", "number": "number"}
        return special_kind or kinds.get(self.schema["type"], "text")

    @property
    def group(self) -> str:
        return self.path.rpartition(".")[0]

    @property
    def name(self) -> str:
        return self.path.rpartition(".")[2]


def _string(value: Any) -> str:
    if not isinstance(value, str):
        raise NotAllowed("This is text")
    return value


def read_text(value: Any, *, limit: int = SINGLE_LINE, lines: bool = False) -> str:
    """A text in the form in which it is stored. NotAllowed for control characters; Unreadable when it is too long."""
    if problem := fault(_string(value), limit=10**9, lines=lines):
        raise NotAllowed(problem)
    text = tidy(value)
    if problem := fault(text, limit=limit, lines=lines):
        raise Unreadable(problem)
    return text


def text_field(
    path: str, label: str, *, default: Any = "", required: bool = False, notes: bool = False
) -> FieldSpec:
    """A field of one tidy line, or of several with `notes`; a required one has no default."""
    limit = NOTES if notes else SINGLE_LINE

    def read(value: Any) -> str:
        return read_text(value, limit=limit, lines=notes)

    schema = {"type": "string", "maxLength": limit}
    default = None if required else default
    return FieldSpec(path=path, label=label, read=read, schema=schema, default=default, required=required)


def code_field(
    path: str, label: str, codes: dict[str, str], *, default: Any = None, required: bool = False
) -> FieldSpec:
    """A field that takes one of the codes, and is Unreadable with the list of them otherwise."""

    def read(value: Any) -> str:
        code = read_text(value)
        if code not in codes:
            raise Unreadable(f"Choose one of: {', '.join(codes)}")
        return code

    schema = {"type": "string", "enum": list(codes)}
    return FieldSpec(
        path=path, label=label, read=read, schema=schema, default=default, required=required, codes=codes
    )


def several_field(path: str, label: str, codes: dict[str, str]) -> FieldSpec:
    """A field that takes any of the codes and returns them in the order of `codes`, each once."""

    def read(value: Any) -> list[str]:
        if not isinstance(value, list) or not all(isinstance(code, str) for code in value):
            raise NotAllowed("This is a list of texts")
        if set(value) - set(codes):
            raise Unreadable(f"List any of: {', '.join(codes)}")
        return [code for code in codes if code in value]

    schema = {"type": "array", "items": {"type": "string", "enum": list(codes)}}
    return FieldSpec(path=path, label=label, read=read, schema=schema, codes=codes)


def flag_field(path: str, label: str) -> FieldSpec:
    """A field that takes JSON true or false only, and is false when it is not sent."""

    def read(value: Any) -> bool:
        if not isinstance(value, bool):
            raise NotAllowed("This is true or false")
        return value

    return FieldSpec(path=path, label=label, read=read, schema={"type": "boolean"}, default=False)


def whole_field(path: str, label: str, *, least: int, most: int) -> FieldSpec:
    """A field that takes a whole number from `least` to `most`, both included."""

    def read(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise NotAllowed("This is a whole number")
        if not least <= value <= most:
            raise Unreadable(f"Enter a whole number from {least} to {most}")
        return value

    schema = {"type": "integer", "minimum": least, "maximum": most}
    return FieldSpec(path=path, label=label, read=read, schema=schema)


def number_field(path: str, label: str, *, most: float, unit: str) -> FieldSpec:
    """A number above 0; `unit` names it in the sentence of its refusal."""

    def read(value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise NotAllowed("This is a number")
        # Only floats: isfinite fails on a very long whole number.
        if isinstance(value, float) and not math.isfinite(value):
            raise NotAllowed("This is a number")
        if not 0 < value <= most:
            raise Unreadable(f"Enter {unit}, more than 0 and at most {most:g}")
        return int(value) if value == int(value) else value  # 16.0 and 16 are stored alike

    schema = {"type": "number", "exclusiveMinimum": 0, "maximum": most}
    return FieldSpec(path=path, label=label, read=read, schema=schema)


def instant_field(path: str, label: str, *, required: bool = False) -> FieldSpec:
    """A field that takes an RFC 3339 date and time with its offset."""

    def read(value: Any) -> datetime:
        text = read_text(value)
        try:
            return from_rfc3339(text)
        except (ValueError, OverflowError):
            raise Unreadable("Enter a date and time with its offset, such as 2026-11-20T09:30:00Z") from None

    schema = {"type": "string", "format": "date-time"}
    return FieldSpec(path=path, label=label, read=read, schema=schema, required=required)


def read_date(value: Any) -> date:
    """A date as 1958-02-03."""
    text = read_text(value)
    try:
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        raise Unreadable("Enter a real date, such as 3 February 1958 (in JSON: 1958-02-03)") from None


def date_field(path: str, label: str, *, required: bool = False) -> FieldSpec:
    """A field that takes a calendar date without a time."""
    schema = {"type": "string", "format": "date"}
    return FieldSpec(path=path, label=label, read=read_date, schema=schema, required=required)


def read_nhs_number(value: Any) -> str:
    """The ten digits of an NHS number."""
    text = read_text(value)
    try:
        return NhsNumber.read(text).digits
    except ValueError as problem:
        raise Unreadable(str(problem)) from None


def _read_ods(value: Any) -> str:
    text = read_text(value)
    try:
        return OdsCode.read(text).code
    except ValueError as problem:
        raise Unreadable(str(problem)) from None


def _read_email(value: Any) -> str:
    text = read_text(value)
    if text and not re.fullmatch(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+", text):
        raise Unreadable("Enter an e-mail address such as name@example.nhs.uk, or leave it empty")
    return text


_ODS = {"type": "string", "pattern": "^[A-Za-z0-9]{1,9}$"}

FIELDS: tuple[FieldSpec, ...] = (
    flag_field("patient.identity_unknown", "The person cannot be identified"),
    FieldSpec(path="patient.nhs_number", label="NHS number", read=read_nhs_number,
          schema={"type": "string", "format": "nhs-number", "examples": ["9990000018"]}),
    text_field("patient.nhs_number_unknown_reason", "Why the NHS number is not known", default=None),
    text_field("patient.local_id", "Hospital number", default=None),
    text_field("patient.family_name", "Family name", required=True),
    text_field("patient.given_name", "Given name", required=True),
    date_field("patient.date_of_birth", "Date of birth", required=True),
    flag_field("patient.birth_estimated", "Only the year of birth is known"),
    code_field("patient.sex", "Sex", SEX, default="unknown"),
    text_field("patient.postcode", "Postcode"),
    text_field("patient.phone", "Telephone of the patient"),
    code_field("patient.ethnic_category", "Ethnic category", ETHNIC_CATEGORY),
    text_field("patient.preferred_language", "Preferred language", default="en"),
    flag_field("patient.interpreter_needed", "An interpreter is needed"),
    text_field("patient.communication_needs", "Communication needs"),
    text_field("referrer.name", "Your name", required=True),
    code_field("referrer.role", "Your role", REFERRER_ROLE, required=True),
    FieldSpec(path="referrer.organisation_ods", label="Your organisation", read=_read_ods, required=True, schema=_ODS),
    text_field("referrer.callback_number", "Your call-back number", required=True),
    FieldSpec(path="referrer.email", label="Your e-mail address", read=_read_email, default="",
          schema={"type": "string", "maxLength": SINGLE_LINE}),
    text_field("referrer.registration_number", "Your registration number"),
    code_field("location.kind", "Where the patient is now", LOCATION_KIND, required=True),
    text_field("location.detail", "Ward, bed or address"),
    FieldSpec(path="location.organisation_ods", label="Organisation where the patient is", read=_read_ods, schema=_ODS),
    instant_field("clinician_suspected_at", "When metastases or MSCC were first suspected", required=True),
    instant_field("mscc_suspected_at", "When MSCC was first suspected"),
    instant_field("presented_at", "When the person first sought help"),
    code_field("referrer_concern", "Your concern", CONCERN, default="as_guideline"),
    instant_field("clinical.neurology_onset_at", "When the neurology began"),
    code_field("clinical.progression", "How the neurology is changing", PROGRESSION, default="unknown"),
    code_field("clinical.walking_now", "Walking now", WALKING, default="not_assessed"),
    code_field("clinical.walking_two_weeks_ago", "Walking two weeks ago", WALKING, default="not_assessed"),
    code_field("clinical.bed_bound_two_weeks", "Bed-bound, or no power in the legs, for two weeks or longer", ANSWER,
               default="not_assessed"),
    whole_field("clinical.performance_status", "Performance status (WHO), 0 to 4", least=0, most=4),
    whole_field("clinical.clinical_frailty_scale", "Clinical Frailty Scale, 1 to 9", least=1, most=9),
    text_field("clinical.anticoagulant", "Anticoagulant or antiplatelet, and last dose"),
    code_field("clinical.diabetes", "Diabetes", ANSWER, default="not_assessed"),
    code_field("clinical.active_infection", "Active infection", ANSWER, default="not_assessed"),
    code_field("clinical.gastrointestinal_bleed", "Gastrointestinal bleeding, now or recently", ANSWER, default="not_assessed"),
    code_field("clinical.steroid_allergy", "Allergy to a corticosteroid", ANSWER, default="not_assessed"),
    several_field("clinical.pain_levels", "Where in the spine the pain is", LEVELS),
    text_field("clinical.previous_radiotherapy", "Previous radiotherapy to the spine"),
    number_field("clinical.dexamethasone.dose_mg", "Dexamethasone dose, mg", most=100, unit="the dose in milligrams"),
    text_field("clinical.dexamethasone.route", "Dexamethasone route"),
    instant_field("clinical.dexamethasone.given_at", "Dexamethasone given at"),
    instant_field("clinical.immobilised_since", "Immobilised since"),
    text_field("clinical.resuscitation_and_wishes", "Resuscitation status and the person's wishes"),
    text_field("clinical.notes", "Anything else", notes=True),
)  # fmt: skip
_ASK = {
    "patient.family_name": "Enter the family name",
    "patient.given_name": "Enter the given name, or leave it empty for somebody with one name",
    "patient.date_of_birth": "Enter the date of birth",
    "referrer.name": "Enter your name",
    "referrer.role": "Select your role",
    "referrer.organisation_ods": "Enter your organisation",
    "referrer.callback_number": "Enter a number on which you can be rung back",
    "location.kind": "Select where the patient is now",
    "clinician_suspected_at": "Enter when metastases or MSCC were first suspected",
}
FIELDS = tuple(replace(field, ask=_ASK[field.path]) if field.path in _ASK else field for field in FIELDS)
FIELD_AT: dict[str, FieldSpec] = {field.path: field for field in FIELDS}
GROUPS = ("patient", "referrer", "location", "clinical", "clinical.dexamethasone")


def plain(value: Any) -> Any:
    """A value in JSON form."""
    if isinstance(value, datetime):
        return rfc3339(value)
    return value.isoformat() if isinstance(value, date) else value


def faults_of_doing(done_by: str, done_at: datetime, *, at: datetime) -> dict[str, list[str]]:
    """The faults of the name of a person who did something and of the time, by field."""
    faults: dict[str, list[str]] = {}
    try:
        if not read_text(done_by):
            faults["done_by"] = ["Enter who did it, with their role"]
    except (NotAllowed, Unreadable) as refusal:
        faults["done_by"] = [str(refusal)]
    if problem := fault_of_future(done_at, at=at, ask="it was done"):
        faults["done_at"] = [problem]
    return faults
