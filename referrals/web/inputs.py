"""Form fields for the fields of a referral and of its record, from their specifications."""

from collections.abc import Mapping
from typing import Any

from referrals.intake.fields import ANSWER, CONCERN, FIELD_AT, WALKING, FieldSpec
from referrals.intake.record_fields import MYOTOMES, RECORD_FIELD_AT, SIDES
from referrals.intake.record_fields import TEXTAREAS as RECORD_TEXTAREAS
from referrals.web.answers import KIND_AT
from triage.guideline.findings import ANSWER_WORDS, QUESTION_AT, Answer
from webkit import fields as kit

SELECTS = frozenset(
    {"presentation.primary_site", "patient.ethnic_category", "referrer.role"}
    | {f"record.power_{myotome}_{side}" for myotome in MYOTOMES for side in SIDES}
)
TEXTAREAS = frozenset({"clinical.notes", *RECORD_TEXTAREAS})
SPEC_AT = FIELD_AT | RECORD_FIELD_AT
SHORT = frozenset(
    {
        "patient.nhs_number",
        "patient.postcode",
        "patient.phone",
        "presentation.pain_severity",
        "clinical.performance_status",
        "clinical.clinical_frailty_scale",
        "referrer.callback_number",
        "referrer.organisation_ods",
        "location.organisation_ods",
        "clinical.dexamethasone.dose_mg",
    }
)
WALKING_NOW = {"": WALKING["not_assessed"]} | {
    code: WALKING[code] for code in WALKING if code != "not_assessed"
}
HINTS = {
    "patient.nhs_number": "10 digits, such as 999 000 0018. Leave it empty if you do not know it, and say why below",
    "patient.given_name": "Leave empty for a person with one name",
    "referrer.callback_number": "A number that reaches you directly in the next hour",
    "clinician_suspected_at": "The time limits run from here. Change it if the suspicion is older than this form",
    "mscc_suspected_at": "Only if neurology came later than the first suspicion",
    "location.organisation_ods": "The ward can then follow the case too",
    "clinical.performance_status": "As it was before these symptoms",
    "clinical.clinical_frailty_scale": "As it was two weeks ago",
    "patient.identity_unknown": "Name, date of birth and NHS number may then stay empty",
    "received_at": "As written on the paper form",
}


def field_of(path: str, *, label: str = "", initial: Any = None) -> kit.Field:
    """The form field for a field of a referral, or for a finding."""
    words, hint, options = _about(path)
    label, kind = label or words, KIND_AT.get(path, "text")
    if path == "referrer_concern":
        return kit.Flag(CONCERN["emergency"], code="emergency", hint=hint)
    if kind in _BY_KIND or kind == "several":
        return _by_kind(kind, label, options or {}, hint=hint, initial=initial)
    if options:
        start = _default(path) if initial in (None, "") else initial
        return kit.Choice(label, options, kind=_kind(path, options), hint=hint, initial=start)
    of_patient = path.startswith(("patient.", "location."))  # names and numbers, which no dictionary knows
    text = kit.Area if path in TEXTAREAS else kit.Text
    width = "10" if path in SHORT else "two-thirds"
    return text(label, hint=hint, initial=initial, reads=kind, width=width, spellcheck=not of_patient)


def field_for(spec: FieldSpec, *, hint: str = "", select: bool = False) -> kit.Field:
    """The form field for a field outside the referral. `select` draws a list instead of radios."""
    if spec.kind in _BY_KIND or spec.kind == "several":
        return _by_kind(spec.kind, spec.label, spec.codes or {}, hint=hint)
    if spec.codes:
        start = str(spec.default) if spec.default else ""
        kind = "select" if select else "radios"
        return kit.Choice(spec.label, spec.codes, kind=kind, hint=hint, initial=start)
    text = kit.Area if spec.schema.get("maxLength", 0) > 1000 else kit.Text
    width = "10" if spec.kind in ("whole", "number") else "two-thirds"
    return text(spec.label, hint=hint, reads=spec.kind, width=width)


_BY_KIND = {"date": kit.Day, "instant": kit.Moment, "flag": kit.Flag}


def _by_kind(kind: str, label: str, options: Mapping[str, str], **about: Any) -> kit.Field:
    return kit.Many(label, options, **about) if kind == "several" else _BY_KIND[kind](label, **about)


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
    "called_at": "When the call took place",
    "received_at": "When it arrived",
    "seen_by": "Who answered it, with their role",
    "seen_at": "When they answered it",
}
_DEFAULTS = {"presentation.primary_site": "not_recorded"}


def _default(path: str) -> str:
    """The initial choice: a finding is not assessed, anything else is open."""
    question = QUESTION_AT.get(path.removeprefix("presentation."))
    if question is not None and question.answers is Answer:
        return "not_assessed"
    spec = SPEC_AT.get(path)
    open_answer = spec is not None and (spec.codes == ANSWER or path in RECORD_FIELD_AT)
    return str(spec.default or "") if spec and open_answer else _DEFAULTS.get(path, "")


NONE = kit.Flag("I asked about or examined all of these: none present", kind="none_present")
