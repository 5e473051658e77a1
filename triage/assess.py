"""Assessments: a case evaluated, and the answer of the guideline stored."""

import uuid
from collections.abc import Iterable
from dataclasses import asdict
from typing import cast

from accounts.act import Act
from accounts.service import Service
from kernel.time import from_rfc3339, rfc3339
from ledger.append import append, bind
from ledger.insert import insert
from ledger.kinds import Kind
from triage.guideline import course as courses
from triage.guideline.clocks import ServicePromises
from triage.guideline.course import Course
from triage.guideline.evaluate import Instants, TriageResult, evaluate
from triage.guideline.findings import Presentation, as_json, from_json
from triage.guideline.ruleset import RULESET_AT, Ruleset
from triage.guideline.stored import StoredAdvice, StoredCare, StoredResult
from triage.line_facts import ReferralAssessed
from triage.models import Assessment


def promises_of(service: Service) -> ServicePromises:
    """The service's own promises, from its settings."""
    return ServicePromises(
        emergency=service["acknowledge_emergency"] / 60,
        voice_contact=service["voice_contact"] / 60,
        insufficient_information=service["acknowledge_insufficient"],
        timely=service["acknowledge_timely"],
        other=service["acknowledge_other"],
    )


def assess(
    presentation: Presentation, *, course: Course, case: int, instants: Instants, act: Act
) -> tuple[Assessment, TriageResult]:
    """Evaluate and store: one assessment, and one ledger line that binds it."""
    promises = promises_of(act.service)
    result = evaluate(presentation, at=act.at, instants=instants, promises=promises, course=course)
    findings, answer, care, salt = as_json(presentation), result.as_json(), result.care_json(), uuid.uuid4()
    course_json = courses.as_json(course)
    line = append(
        Kind.REFERRAL_ASSESSED,
        by=act.by,
        at=act.at,
        case=case,
        facts=ReferralAssessed(
            stream=result.stream,
            provisional=result.provisional,
            ruleset=result.ruleset.id,
            bound={"assessment": bind([findings, answer, course_json, care], salt=str(salt))},
        ),
    )
    assessment = Assessment(
        case=case,
        at=act.at,
        edition=result.ruleset.edition,
        ruleset=result.ruleset.id,
        presentation=findings,
        course=course_json,
        instants={
            name: rfc3339(instant)
            for name in Instants.__slots__
            if (instant := getattr(instants, name)) is not None
        },
        promises=asdict(promises),
        stream=str(result.stream),
        provisional=result.provisional,
        result=answer,
        care=care,
        salt=salt,
        ledger_line=line,
    )
    insert([assessment])
    return assessment, result


def latest(case: int) -> Assessment:
    """The newest assessment of a case."""
    return Assessment.objects.filter(case=case).latest("id")


# The steroid of the wait for surgery or radiotherapy (NG234 1.8.1): once either has begun it comes down and stops.
_WHILE_AWAITING_TREATMENT = frozenset(
    {"offer_dexamethasone_16mg", "continue_dexamethasone_16mg_daily", "record_why_no_dexamethasone"}
)


def as_still_said(assessment: Assessment) -> tuple[StoredResult, StoredCare | None]:
    """The result and the care of a case as a page or a letter says them: without what a begun treatment has overtaken.

    The course begins anew with each worsening, and so does the wait.
    """
    course = assessment.course or {}
    if not (course.get("operated") or course.get("irradiated")):
        return assessment.result, assessment.care
    result = {**assessment.result, "advice": _still(assessment.result["advice"])}
    care = assessment.care and {**assessment.care, "care": _still(assessment.care["care"])}
    return cast(StoredResult, result), care


def _still(lines: Iterable[StoredAdvice]) -> list[StoredAdvice]:
    return [line for line in lines if line["code"] not in _WHILE_AWAITING_TREATMENT]


def assessments(case: int) -> dict[int, Assessment]:
    """Every assessment of a case by its ledger line."""
    return {assessment.ledger_line: assessment for assessment in Assessment.objects.filter(case=case)}


def evaluated_by(ruleset: Ruleset, assessment: Assessment) -> TriageResult:
    """The answer of a ruleset to the findings and the course of a stored assessment."""
    return evaluate(
        from_json(assessment.presentation),
        at=assessment.at,
        instants=Instants(**{name: from_rfc3339(text) for name, text in assessment.instants.items()}),
        promises=ServicePromises(**assessment.promises),
        course=courses.from_json(assessment.course) if assessment.course is not None else None,
        ruleset=ruleset,
    )


def replay(assessment: Assessment) -> bool:
    """Whether the ruleset that gave an assessment gives the same answer again today."""
    result = evaluated_by(RULESET_AT[assessment.ruleset], assessment)
    return result.as_json() == assessment.result and (
        assessment.course is None or result.care_json() == assessment.care
    )
