"""Evaluating a case and keeping what the guideline said."""

import uuid
from datetime import datetime

from accounts.service import Service
from kernel.actors import Actor
from kernel.time import rfc3339
from ledger.append import append, bind
from ledger.kinds import Kind
from triage.guideline.clocks import ServicePromises
from triage.guideline.evaluate import Instants, TriageResult, evaluate
from triage.guideline.findings import Presentation, as_json
from triage.guideline.rule import EDITIONS
from triage.guideline.ruleset import RULESET
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
    presentation: Presentation, *, case: int, instants: Instants, service: Service, by: Actor, at: datetime
) -> tuple[Assessment, TriageResult]:
    """Evaluate and keep: one assessment and one ledger line that binds it."""
    result = evaluate(presentation, at=at, instants=instants, promises=promises_of(service))
    findings, said, salt = as_json(presentation), result.as_json(), uuid.uuid4()
    line = append(
        Kind.REFERRAL_ASSESSED,
        by=by,
        at=at,
        case=case,
        facts={
            "stream": result.stream,
            "provisional": result.provisional,
            "ruleset": RULESET,
            "bound": {"assessment": bind([findings, said], salt=str(salt))},
        },
    )
    assessment = Assessment.objects.create(
        case=case,
        at=at,
        edition=EDITIONS["NG234"],
        ruleset=RULESET,
        presentation=findings,
        instants={
            name: rfc3339(instant)
            for name in Instants.__slots__
            if (instant := getattr(instants, name)) is not None
        },
        stream=str(result.stream),
        provisional=result.provisional,
        result=said,
        salt=salt,
        ledger_line=line,
    )
    return assessment, result


def latest(case: int) -> Assessment:
    """What the guideline said last about a case."""
    return Assessment.objects.filter(case=case).latest("id")


def assessments(case: int) -> dict[int, Assessment]:
    """Every assessment of a case by its ledger line."""
    return {assessment.ledger_line: assessment for assessment in Assessment.objects.filter(case=case)}
