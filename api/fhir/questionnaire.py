"""The questions of a referral as a FHIR Questionnaire, from the same tables as the form."""

from enum import StrEnum
from typing import Any

from api.fhir import systems
from referrals.intake.fields import FIELDS
from triage.guideline.findings import ANSWER_WORDS, QUESTIONS

NUMBER = "mscc-referral"
_TYPES = {
    "text": "string",
    "date": "date",
    "instant": "dateTime",
    "several": "choice",
    "flag": "boolean",
    "whole": "integer",
    "number": "decimal",
}


def questionnaire() -> dict[str, Any]:
    """Every question that a QuestionnaireResponse can answer; `linkId` is the path of the REST API."""
    return {
        "resourceType": "Questionnaire",
        "id": NUMBER,
        "url": f"{systems.base()}/Questionnaire/{NUMBER}",
        "name": "MsccReferral",
        "title": "Suspected metastatic spinal cord compression: referral",
        "status": "active",
        "subjectType": ["Patient"],
        "item": [
            *(_question(question.path, question.label, question.answers) for question in QUESTIONS),
            *(
                _item(spec.path, spec.label, spec.kind, spec.codes)
                for spec in FIELDS
                if not spec.group.startswith(("patient", "referrer", "location"))
            ),
        ],
    }


def _question(path: str, label: str, answers: type[StrEnum] | None) -> dict[str, Any]:
    codes = ANSWER_WORDS[answers] if answers else None
    return _item(f"presentation.{path}", label, "text" if codes else "whole", codes)


def _item(path: str, label: str, kind: str, codes: dict[str, str] | None) -> dict[str, Any]:
    row: dict[str, Any] = {"linkId": path, "text": label, "type": "choice" if codes else _TYPES[kind]}
    if codes:
        system = systems.own_codes("answer")
        row["answerOption"] = [
            {"valueCoding": {"system": system, "code": code, "display": words}}
            for code, words in codes.items()
        ]
    if kind == "several":
        row["repeats"] = True
    return row
