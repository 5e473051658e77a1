"""Answers of the guideline in tests. Every finding is no unless a test says otherwise."""

from datetime import UTC, datetime
from typing import Any

from triage.guideline.course import Course, from_json
from triage.guideline.evaluate import Instants, TriageResult, evaluate
from triage.guideline.findings import NEUROLOGY_QUESTIONS, PAIN_QUESTIONS
from triage.guideline.findings import from_json as presentation_from

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
ALL_NO = {
    "neurology": {question.name: "no" for question in NEUROLOGY_QUESTIONS},
    "pain": {question.name: "no" for question in PAIN_QUESTIONS},
}


def findings(
    neurology: dict[str, str] | None = None, pain: dict[str, str] | None = None, **others: Any
) -> Any:
    """A presentation of somebody with cancer, with every finding no except these."""
    return presentation_from(
        {
            "cancer_context": "current",
            "neurology": {**ALL_NO["neurology"], **(neurology or {})},
            "pain": {**ALL_NO["pain"], **(pain or {})},
            **others,
        }
    )


def ask(
    neurology: dict[str, str] | None = None,
    pain: dict[str, str] | None = None,
    *,
    course: dict[str, Any] | None = None,
    instants: Instants | None = None,
    **others: Any,
) -> TriageResult:
    """The answer of the guideline. `course` holds judgements and events, by name."""
    return evaluate(
        findings(neurology, pain, **others), at=AT, instants=instants or Instants(), course=course_of(course)
    )


def course_of(values: dict[str, Any] | None) -> Course:
    return from_json(values or {})


def advice(result: TriageResult) -> set[str]:
    return {line.advice.code for line in result.advice}


def care(result: TriageResult) -> set[str]:
    return {line.advice.code for line in result.care}


def warnings(result: TriageResult) -> set[str]:
    return {warning.code for warning in result.warnings}


def clocks(result: TriageResult) -> dict[str, float]:
    return {clock.kind: clock.limit_hours for clock in result.clocks}


WEAK = {"limb_weakness": "yes"}
NIGHT = {"nocturnal": "yes"}
