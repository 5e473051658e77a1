"""Observations, Conditions and answers as the fields of a referral. Pure.

Our code system `referral-field` has the path of every field of the REST API. What carries another code is kept as words
in the notes, so that nothing is lost, and no finding is guessed from it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from api.fhir import systems
from api.fhir.bundle_in import Resource, coding_of, words_of
from referrals.intake.fields import FIELD_AT
from triage.guideline.findings import QUESTION_AT, Answer

_GROUPS = ("patient.", "referrer.", "location.")
IGNORED = ("cancelled", "entered-in-error")


@dataclass(slots=True)
class Findings:
    """The values by path of the REST API, the words for the notes, and what could not be used."""

    values: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    warnings: list[tuple[str, str]] = field(default_factory=list)  # FHIRPath, sentence
    errors: dict[str, list[str]] = field(default_factory=dict)

    def put(self, path: str, value: Any, *, at: str) -> None:
        """Take a value; two different values of one field are an error."""
        if path in self.values and self.values[path] != value:
            self.errors.setdefault(at, []).append(f"{path} was sent twice, with different values")
        self.values[path] = value


def is_field(code: str) -> bool:
    """Whether a code names a field that an Observation or an answer can carry."""
    path = code.removeprefix("presentation.")
    return path in QUESTION_AT or (code in FIELD_AT and not code.startswith(_GROUPS))


def path_of(code: str) -> str:
    """The path of the REST API for a code of ours."""
    name = code.removeprefix("presentation.")
    return f"presentation.{name}" if name in QUESTION_AT else code


def read_observation(row: Resource, findings: Findings, *, at: str) -> None:
    """Take the value of an Observation."""
    code = coding_of(row["code"], systems.own_codes("referral-field"))
    words = words_of(row["code"])
    if row["status"] in IGNORED:
        findings.warnings.append((at, "An Observation that is cancelled or entered in error says nothing"))
    elif code and is_field(code):
        value = value_of(row, code)
        if value is None:
            findings.errors.setdefault(f"{at}.value", []).append(f"Send the value of {code}")
        else:
            findings.put(path_of(code), value, at=f"{at}.value")
    elif code:
        findings.errors.setdefault(f"{at}.code", []).append(f"There is no field {code[:100]}")
    else:
        _keep_words(findings, "Observation", words, _value_in_words(row), at=at)


def value_of(row: Resource, code: str) -> Any:
    """The value of an Observation or an answer in the form of the REST API; None without one."""
    path = code.removeprefix("presentation.")
    question = QUESTION_AT.get(path)
    if "dataAbsentReason" in row and question is not None and question.answers is Answer:
        return str(Answer.NOT_ASSESSED)
    for key in (
        "valueString",
        "valueInteger",
        "valueDecimal",
        "valueDateTime",
        "valueDate",
        "valueTime",
        "valueUri",
    ):
        if key in row:
            return row[key]
    if "valueBoolean" in row:
        sent: bool = row["valueBoolean"]
        if question is None and FIELD_AT[code].kind == "flag":
            return sent
        return "yes" if sent else "no"
    if "valueQuantity" in row:
        return row["valueQuantity"].get("value")
    if "valueCoding" in row:
        return row["valueCoding"].get("code")
    concept = row.get("valueCodeableConcept", {})
    return next(
        (coding["code"] for coding in concept.get("coding", ()) if coding.get("code")), concept.get("text")
    )


def read_condition(row: Resource, findings: Findings, *, at: str) -> None:
    """A cancer by our code of its primary site, and whether it is current, past or suspected; else words."""
    verified = coding_of(row.get("verificationStatus"), _VERIFICATION)
    if verified in ("refuted", "entered-in-error"):
        findings.warnings.append((at, "A Condition that is refuted or entered in error says nothing"))
        return
    site = coding_of(row.get("code"), systems.own_codes("primary-site"))
    if not site:
        _keep_words(findings, "Condition", words_of(row.get("code")), verified, at=at)
        return
    clinical = coding_of(row.get("clinicalStatus"), _CLINICAL)
    past = clinical in ("inactive", "remission", "resolved")
    suspected = verified in ("unconfirmed", "provisional", "differential")
    findings.put("presentation.primary_site", site, at=f"{at}.code")
    findings.put(
        "presentation.cancer_context", "suspected" if suspected else "past" if past else "current", at=at
    )


_VERIFICATION = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
_CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"


def read_answers(row: Resource, findings: Findings, *, at: str) -> None:
    """Every answer of a QuestionnaireResponse to our Questionnaire."""
    for item, place in _items(row.get("item", ()), f"{at}.item"):
        code, answers = item["linkId"], item.get("answer", ())
        if not answers:
            continue
        if not is_field(code) and code not in FIELD_AT:
            findings.errors.setdefault(f"{place}.linkId", []).append(f"There is no question {code[:100]}")
            continue
        values = [value for answer in answers if (value := value_of(answer, code)) is not None]
        several = code in FIELD_AT and FIELD_AT[code].kind == "several"
        if several:
            findings.put(code, values, at=place)
        elif len(values) == 1:
            findings.put(path_of(code), values[0], at=place)
        else:
            findings.errors.setdefault(f"{place}.answer", []).append("Send one answer")


def _items(items: Any, path: str) -> Iterator[tuple[Resource, str]]:
    for number, item in enumerate(items):
        yield item, f"{path}[{number}]"
        yield from _items(item.get("item", ()), f"{path}[{number}].item")


def _keep_words(findings: Findings, kind: str, words: str, more: str, *, at: str) -> None:
    line = ": ".join(part for part in (words, more) if part)
    if line:
        findings.notes.append(f"{kind} as sent: {line}")
    text = "This has none of our codes: its words are kept in the notes, and no finding was read from it"
    findings.warnings.append((at, text))


def _value_in_words(row: Resource) -> str:
    for key in ("valueString", "valueInteger", "valueDateTime", "valueBoolean"):
        if key in row:
            return str(row[key])
    if "valueQuantity" in row:
        quantity = row["valueQuantity"]
        return " ".join(str(quantity[key]) for key in ("value", "unit") if key in quantity)
    return words_of(row.get("valueCodeableConcept"))
