"""The inputs of the fields of a referral and of its record, from their specifications."""

from collections.abc import Mapping, Sequence
from typing import Any

from referrals.fields import ANSWER, CONCERN, FIELD_AT, Field
from referrals.record_fields import MYOTOMES, RECORD_FIELD_AT, SIDES
from referrals.record_fields import TEXTAREAS as RECORD_TEXTAREAS
from referrals.web.answers import KIND_AT, NONE_PRESENT
from triage.guideline.findings import ANSWER_WORDS, QUESTION_AT, Answer
from webkit.inputs import Input, Option
from webkit.typed import Typed, one

SELECTS = frozenset(
    {"presentation.primary_site", "patient.ethnic_category", "referrer.role"}
    | {f"record.power_{myotome}_{side}" for myotome in MYOTOMES for side in SIDES}
)
TEXTAREAS = frozenset({"clinical.notes", *RECORD_TEXTAREAS})
SPEC_AT = FIELD_AT | RECORD_FIELD_AT
SHORT = frozenset(
    {"patient.nhs_number", "patient.postcode", "patient.phone", "presentation.pain_severity",
     "clinical.performance_status", "clinical.clinical_frailty_scale", "referrer.callback_number",
     "referrer.organisation_ods", "location.organisation_ods", "clinical.dexamethasone.dose_mg"}
)  # fmt: skip
HINTS = {
    "patient.nhs_number": "10 digits, such as 999 000 0018. Leave it empty if you do not know it, and say why below",
    "patient.given_name": "Leave empty for a person with one name",
    "referrer.callback_number": "A number that reaches you directly in the next hour",
    "clinician_suspected_at": "The time limits run from here. Change it if the suspicion is older than this form",
    "mscc_suspected_at": "Only if neurology came later than the first suspicion",
    "location.organisation_ods": "So that the ward can follow the case too",
    "clinical.performance_status": "As it was before these symptoms",
    "clinical.clinical_frailty_scale": "As it was two weeks ago",
    "patient.identity_unknown": "Name, date of birth and NHS number may then stay empty",
    "received_at": "As it stands on paper",
}


def input_of(path: str, typed: Typed, errors: Mapping[str, Sequence[str]], *, label: str = "") -> Input:
    """The input of a field or a finding."""
    words, hint, options = _about(path)
    error = " ".join(errors.get(path, ()))
    shared = {"name": path, "label": label or words, "hint": hint, "error": error}
    asked = _by_kind(KIND_AT.get(path, "text"), path, typed, options or {}, shared)
    if asked is not None:
        return asked
    value = one(typed, path)
    if path == "referrer_concern":
        return Input(kind="flag", value=value, **{**shared, "label": CONCERN["emergency"]})
    if options:
        picked = value or _default(path)
        choices = [Option(value=code, text=text, chosen=code == picked) for code, text in options.items()]
        return Input(kind=_kind(path, options), value=value, options=choices, **shared)
    raw = (typed.get(path) or [""])[-1]
    kind = "textarea" if path in TEXTAREAS else "text"
    of_patient = path.startswith(("patient.", "location."))  # names and numbers, which no dictionary knows
    return Input(kind=kind, value=raw, short=path in SHORT, spellcheck=not of_patient, **shared)


def input_for(
    spec: Field,
    typed: Typed,
    errors: Mapping[str, Sequence[str]],
    *,
    hint: str = "",
    select: bool = False,
    form: str = "",
) -> Input:
    """The input of a field that is no part of a referral. `select` asks by a list rather than by radios."""
    shared = {
        "name": spec.path,
        "label": spec.label,
        "hint": hint,
        "error": " ".join(errors.get(spec.path, ())),
        "form": form,
    }
    asked = _by_kind(spec.kind, spec.path, typed, spec.codes or {}, shared)
    if asked is not None:
        return asked
    value = one(typed, spec.path) or (str(spec.default) if spec.codes and spec.default else "")
    if spec.codes:
        choices = [Option(value=code, text=words, chosen=code == value) for code, words in spec.codes.items()]
        return Input(kind="select" if select else "radios", value=value, options=choices, **shared)
    raw = (typed.get(spec.path) or [""])[-1]
    area = spec.schema.get("maxLength", 0) > 1000
    short = spec.kind in ("whole", "number")
    return Input(kind="textarea" if area else "text", value=raw, short=short, **shared)


def _by_kind(
    kind: str, path: str, typed: Typed, options: Mapping[str, str], shared: Mapping[str, Any]
) -> Input | None:
    """The input of a date, an instant, several choices or a flag; None for any other kind."""
    if kind in ("date", "instant"):
        names = ("day", "month", "year", *(("time", "season") if kind == "instant" else ()))
        return Input(kind=kind, parts={part: one(typed, f"{path}.{part}") for part in names}, **shared)
    if kind == "several":
        chosen = typed.get(path, ())
        choices = [Option(value=code, text=text, chosen=code in chosen) for code, text in options.items()]
        return Input(kind="many", options=choices, **shared)
    return Input(kind="flag", value=one(typed, path), **shared) if kind == "flag" else None


def _kind(path: str, options: Mapping[str, str]) -> str:
    if path in SELECTS:
        return "select"
    return "finding" if options in (ANSWER_WORDS[Answer], ANSWER) else "radios"


def _about(path: str) -> tuple[str, str, dict[str, str] | None]:
    question = QUESTION_AT.get(path.removeprefix("presentation."))
    if path.startswith("presentation.") and question is not None:
        answers = ANSWER_WORDS[question.answers] if question.answers else None
        return question.label, question.hint, answers
    if path in SPEC_AT:
        spec = SPEC_AT[path]
        return spec.label, HINTS.get(path, ""), spec.codes
    return _FORM_ONLY[path], HINTS.get(path, ""), None


_FORM_ONLY = {
    "called_at": "When the call was",
    "received_at": "When it truly came",
    "seen_by": "Who answered it then, with role",
    "seen_at": "When they answered it",
}
_DEFAULTS = {"presentation.primary_site": "not_recorded"}


def _default(path: str) -> str:
    """What is chosen before anybody chooses: a finding is not assessed, the rest is open."""
    question = QUESTION_AT.get(path.removeprefix("presentation."))
    if question is not None and question.answers is Answer:
        return "not_assessed"
    spec = SPEC_AT.get(path)
    open_answer = spec is not None and (spec.codes == ANSWER or path in RECORD_FIELD_AT)
    return str(spec.default or "") if spec and open_answer else _DEFAULTS.get(path, "")


def none_present(group: str, typed: Typed, errors: Mapping[str, Sequence[str]]) -> Input:
    """The one choice for a whole group: asked about or examined, none present."""
    name = f"{NONE_PRESENT}.{group}"
    return Input(
        kind="none_present",
        name=name,
        label="I asked about or examined all of these: none present",
        value=one(typed, name),
        error=" ".join(errors.get(name, ())),
    )
