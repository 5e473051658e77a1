"""The one validation of a referral, for every door. Pure: reports every problem at once by field path.

An optional field never blocks an emergency: an unreadable value is kept as sent and
asked for again. Required fields, the presentation, JSON types and forbidden characters are checked for all.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, cast

from kernel.refusals import Invalid
from kernel.time import london_date, long_date
from referrals.intake.completeness import missing_fields
from referrals.intake.fields import FIELD_AT, FIELDS, GROUPS, FieldSpec, NotAllowed, Unreadable, plain
from referrals.intake.instants import fault_of_future
from referrals.intake.record_fields import RECORD_FIELD_AT
from referrals.intake.stored import StoredClinical
from triage.guideline.evaluate import stream_of
from triage.guideline.findings import QUESTION_AT, QUESTIONS, Answer, Presentation, from_json
from triage.guideline.findings import as_json as presentation_json
from triage.guideline.normalisation import stream_inputs
from triage.guideline.rule import Stream

ADULT = 18
OLD_SUSPICION = timedelta(days=90)


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """A valid referral. `values` has every field by path; `kept` has the unreadable values as they were sent."""

    presentation: Presentation
    values: Mapping[str, Any]
    dexamethasone: bool
    suspected_at_defaulted: bool
    kept: Mapping[str, Any]
    incomplete: tuple[str, ...]
    notices: tuple[str, ...]

    def group(self, name: str) -> dict[str, Any]:
        """The fields of patient, referrer, location or clinical, in JSON form."""
        return {f.name: plain(self.values[f.path]) for f in FIELDS if f.group == name}

    @property
    def clinical(self) -> StoredClinical:
        dexamethasone = self.group("clinical.dexamethasone") if self.dexamethasone else None
        return cast(StoredClinical, {**self.group("clinical"), "dexamethasone": dexamethasone})

    @property
    def dexamethasone_given_at(self) -> datetime | None:
        given_at: datetime | None = self.values["clinical.dexamethasone.given_at"]
        return given_at if self.dexamethasone else None

    @property
    def content(self) -> dict[str, Any]:
        """The whole content, by which the same referral sent twice is recognised."""
        return {
            **{path: plain(value) for path, value in self.values.items()},
            "presentation": presentation_json(self.presentation),
            "dexamethasone": self.dexamethasone,
            "kept": dict(self.kept),
        }


@dataclass(slots=True)
class _Reading:
    """The values read so far, with errors and unreadable values."""

    values: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, list[str]] = field(default_factory=dict)
    unreadable: dict[str, tuple[Any, str]] = field(default_factory=dict)

    def refuse(self, path: str, reason: str) -> None:
        self.errors.setdefault(path, []).append(reason)

    def doubt(self, path: str, value: Any, reason: str) -> None:
        """Refuse a required field; note an optional one as unreadable, so that it may be kept as sent."""
        if path in FIELD_AT and FIELD_AT[path].required:
            self.refuse(path, reason)
        else:
            self.unreadable[path] = (value, reason)


def parse(
    body: Any,
    *,
    at: datetime,
    under_18_route: str = "the on-call paediatric oncology team",
    suspected_at_defaulted: bool = False,
) -> Intake:
    """The intake of a body received at `at`; Invalid with every problem by path."""
    reading = _Reading()
    body = _object(body, "", reading)
    _refuse_unknown_keys(body, reading)
    presentation = read_presentation(body.get("presentation"), reading.errors)
    dexamethasone = _read_fields(body, reading)
    presentation = _with_dexamethasone(presentation, dexamethasone, reading)
    presentation = _with_infection(presentation, reading)
    _check_patient(reading, at=at, under_18_route=under_18_route)
    _check_instants(reading, at=at)
    emergency = _is_emergency(presentation, reading)
    if not emergency:
        for path, (_, reason) in reading.unreadable.items():
            reading.refuse(path, reason)
    if reading.errors or presentation is None:
        ordered = {path: reading.errors[path] for path in sorted(reading.errors, key=_position)}
        raise Invalid("Some of what was sent cannot be accepted", errors=ordered)
    kept_values = {path: value for path, (value, _) in reading.unreadable.items()}
    for path in kept_values:
        if path in FIELD_AT:
            reading.values[path] = FIELD_AT[path].default
    return Intake(
        presentation=presentation,
        values=reading.values,
        dexamethasone=dexamethasone,
        suspected_at_defaulted=suspected_at_defaulted,
        kept=kept_values,
        incomplete=tuple(dict.fromkeys([*kept_values, *missing_fields(presentation, reading.values)])),
        notices=tuple(_notices(reading.values, at=at)),
    )


def read_presentation(value: Any, errors: dict[str, list[str]]) -> Presentation | None:
    """The presentation, with every fault added to `errors` by path; None when there is a fault."""
    old_count = len(errors)
    reading = _Reading(errors=errors)
    answers = dict(_object(value, "presentation", reading, required=True))
    # A group is sent as an object, never as a dotted name.
    for path in [key for key in answers if "." in key]:
        del answers[path]
        errors.setdefault(f"presentation.{path}", []).append("There is no such field")
    for group in ("pain", "neurology"):
        if group in answers:
            findings = _object(answers.pop(group), f"presentation.{group}", reading, required=True)
            answers |= {f"{group}.{key}": answer for key, answer in findings.items()}
    for path, answer in answers.items():
        question = QUESTION_AT.get(path)
        if question is None:
            errors.setdefault(f"presentation.{path}", []).append("There is no such field")
        elif problem := _fault_of_answer(question.answers, answer):
            errors.setdefault(f"presentation.{path}", []).append(problem)
    if "cancer_context" not in answers and "presentation" not in errors:
        errors.setdefault("presentation.cancer_context", []).append(
            "Say whether the person has or had cancer, or whether it is suspected"
        )
    if len(errors) > old_count:
        return None
    nested: dict[str, Any] = {}
    for path, answer in answers.items():
        group, _, name = path.rpartition(".")
        (nested.setdefault(group, {}) if group else nested)[name] = answer
    return from_json(nested)


def _fault_of_answer(answers: type[StrEnum] | None, value: Any) -> str | None:
    if answers is None:
        if value is None or (isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 10):
            return None
        return "Enter a whole number from 0 to 10"
    is_known = isinstance(value, str) and value in set(answers)
    return None if is_known else f"Choose one of: {', '.join(answers)}"


def _object(value: Any, path: str, reading: _Reading, *, required: bool = False) -> dict[str, Any]:
    if isinstance(value, dict):
        return value
    if value is None and not required:
        return {}
    reading.refuse(path or "body", "Send this as an object" if value is not None else "This part is missing")
    return {}


_KNOWN: dict[str, set[str]] = {"": {"presentation", *(f.path.split(".")[0] for f in FIELDS)}}
for _group in GROUPS:
    _KNOWN[_group] = {
        f.path.removeprefix(f"{_group}.").split(".")[0] for f in FIELDS if f.path.startswith(f"{_group}.")
    }


def _refuse_unknown_keys(body: Mapping[str, Any], reading: _Reading) -> None:
    for group, names in _KNOWN.items():
        part = _at(body, group) if group else body
        for key in part if isinstance(part, dict) else ():
            if key not in names:
                reading.refuse(f"{group}.{key}".lstrip("."), "There is no such field")


def _at(body: Mapping[str, Any], path: str) -> Any:
    """The value at a path of the body; None when it or its parent is missing."""
    value: Any = body
    for key in path.split("."):
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _read_fields(body: Mapping[str, Any], reading: _Reading) -> bool:
    """Read every field, and return whether the clinical part has a dose of dexamethasone."""
    for group in GROUPS:
        if (part := _at(body, group)) is not None:
            _object(part, group, reading)
    for spec in FIELDS:
        reading.values[spec.path] = spec.default
        value = _at(body, spec.path)
        if value is None:
            continue
        try:
            reading.values[spec.path] = spec.read(value)
        except NotAllowed as problem:
            reading.refuse(spec.path, str(problem))
        except Unreadable as problem:
            reading.doubt(spec.path, value, str(problem))
    _refuse_missing(reading)
    return isinstance(_at(body, "clinical.dexamethasone"), dict)


_FREED_BY_UNKNOWN_IDENTITY = frozenset({"patient.family_name", "patient.given_name", "patient.date_of_birth"})


def _refuse_missing(reading: _Reading) -> None:
    unknown = reading.values["patient.identity_unknown"] is True
    for spec in FIELDS:
        is_freed = unknown and spec.path in _FREED_BY_UNKNOWN_IDENTITY
        # A person with one name has an empty given name, which is sent all the same.
        empty_values = (None,) if spec.path == "patient.given_name" else (None, "")
        is_missing = reading.values[spec.path] in empty_values and not is_freed
        if spec.required and is_missing and spec.path not in reading.errors:
            reading.refuse(spec.path, spec.ask)
    values = reading.values
    number_given = values["patient.nhs_number"] is not None or "patient.nhs_number" in reading.unreadable
    if not number_given and not values["patient.nhs_number_unknown_reason"] and not unknown:
        reading.refuse("patient.nhs_number", "Enter the NHS number, or the reason it is not known")
    if "patient.nhs_number" in reading.unreadable:  # a wrong number may belong to another patient
        _, reason = reading.unreadable.pop("patient.nhs_number")
        reading.refuse("patient.nhs_number", reason)


def _with_dexamethasone(
    presentation: Presentation | None, is_given: bool, reading: _Reading
) -> Presentation | None:
    """A recorded dose means that dexamethasone was given, whatever the finding says."""
    if presentation is None or not is_given:
        return presentation
    if presentation.dexamethasone_given == Answer.NO:
        reading.doubt("presentation.dexamethasone_given", "no", "A dose is recorded, so this cannot be no")
    return from_json({**presentation_json(presentation), "dexamethasone_given": "yes"})


def _with_infection(presentation: Presentation | None, reading: _Reading) -> Presentation | None:
    """An infection in the clinical part is the same finding: the worse answer counts."""
    if presentation is None or reading.values["clinical.active_infection"] != Answer.YES:
        return presentation
    return from_json({**presentation_json(presentation), "active_infection": "yes"})


def _check_patient(reading: _Reading, *, at: datetime, under_18_route: str) -> None:
    born: date | None = reading.values["patient.date_of_birth"]
    if born is None:
        return
    if reason := fault_of_birth(born, today=london_date(at), under_18_route=under_18_route):
        reading.refuse("patient.date_of_birth", reason)


def fault_of_birth(born: date, *, today: date, under_18_route: str) -> str:
    """The fault of a date of birth; empty when there is none."""
    age = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    if born > today:
        return "The date of birth is in the future"
    if age > 120:
        return "The date of birth is more than 120 years ago"
    if age < ADULT:
        return f"This service is for adults. For somebody under {ADULT} contact {under_18_route}"
    return ""


_PAST_INSTANTS = tuple(f.path for f in FIELDS if f.schema.get("format") == "date-time")


def _check_instants(reading: _Reading, *, at: datetime) -> None:
    """Doubt every instant that is in the future or before birth."""
    born: date | None = reading.values["patient.date_of_birth"]
    for path in _PAST_INSTANTS:
        instant: datetime | None = reading.values[path]
        if instant is None:
            continue
        if problem := fault_of_future(instant, at=at):
            reading.doubt(path, plain(instant), problem)
        elif born is not None and london_date(instant) < born:
            reading.doubt(path, plain(instant), f"This is before the date of birth, {long_date(born)}")


def _is_emergency(presentation: Presentation | None, reading: _Reading) -> bool:
    if presentation is None:
        return False
    stream, _ = stream_of(stream_inputs(presentation))
    return stream == Stream.EMERGENCY or reading.values["referrer_concern"] == "emergency"


def _notices(values: Mapping[str, Any], *, at: datetime) -> Iterator[str]:
    suspected: datetime = values["clinician_suspected_at"]
    if at - suspected > OLD_SUSPICION:
        yield "The suspicion is more than 90 days old: check that its date is right"


_ORDER = {
    path: position
    for position, path in enumerate(
        [*(f"presentation.{question.path}" for question in QUESTIONS), *(f.path for f in FIELDS)]
    )
}


def _position(path: str) -> tuple[int, str]:
    return _ORDER.get(path, -1), path


def label_of(path: str) -> str:
    """The label of a field on the form, for an error or a request to complete it."""
    if path.startswith("presentation."):
        question = QUESTION_AT.get(path.removeprefix("presentation."))
        return question.label if question else path
    spec: FieldSpec | None = FIELD_AT.get(path) or RECORD_FIELD_AT.get(path)
    return spec.label if spec else path


def words_at(path: str, value: Any) -> str:
    """A stored value of a field in the words of the form."""
    spec: FieldSpec | None = FIELD_AT.get(path) or RECORD_FIELD_AT.get(path)
    return (spec.codes or {}).get(value, str(value)) if spec else str(value)
