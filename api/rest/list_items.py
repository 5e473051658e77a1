"""The JSON of a list of referrals: what a list of patients shows. Each referral is whole at its own address."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse

from kernel.time import rfc3339
from oncall import clocks
from oncall.clocks import is_breached
from oncall.kinds import INTERNAL
from oncall.models import Clock
from referrals.case.models import Referral
from referrals.case.queries import main_case_of

PATIENT = ("nhs_number", "family_name", "given_name", "date_of_birth", "sex")
_COLUMNS = (
    "reference",
    "status",
    "stream",
    "suggested_stream",
    "provisional",
    "referrer_organisation",
    "location_organisation",
    "clinician_suspected_at",
    "submitted_at",
    "updated_at",
    "acknowledged_at",
    "outcome",
)


def with_columns(cases: QuerySet[Referral]) -> QuerySet[Referral]:
    """The cases with the columns of a list alone: no JSON is read."""
    own = (
        *_COLUMNS,
        *(f"patient__{name}" for name in PATIENT),
        "merged_into__reference",
        "merged_into__merged_into",
    )
    return cases.select_related(None).select_related("patient", "merged_into").only(*own)


def items_json(cases: list[Referral], *, at: datetime) -> list[dict[str, Any]]:
    """Cases from `with_columns` as items of a list, with their running clocks: one query."""
    running = clocks.of_cases([case.pk for case in cases], with_start=True)
    base = settings.BASE_URL + reverse("api_referral", args=["REFERENCE"])
    return [_item(case, running[case.pk], base=base, at=at) for case in cases]


def _item(case: Referral, running: list[Clock], *, base: str, at: datetime) -> dict[str, Any]:
    patient = case.patient
    born = patient.date_of_birth
    return {
        "id": case.pk,
        "reference": case.reference,
        "status": case.status,
        "stream": case.stream,
        "triage": {"stream": case.suggested_stream, "provisional": case.provisional},
        "patient": {
            "nhs_number": patient.nhs_number,
            "family_name": patient.family_name,
            "given_name": patient.given_name,
            "date_of_birth": None if born is None else born.isoformat(),
            "sex": patient.sex,
        },
        "referrer": {"organisation_ods": case.referrer_organisation},
        "location": {"organisation_ods": case.location_organisation or None},
        "clinician_suspected_at": rfc3339(case.clinician_suspected_at),
        "submitted_at": rfc3339(case.submitted_at),
        "updated_at": rfc3339(case.updated_at),
        "acknowledged_at": None if case.acknowledged_at is None else rfc3339(case.acknowledged_at),
        "clocks": [_clock(clock, at=at) for clock in running if clock.kind not in INTERNAL],
        "outcome": case.outcome or None,
        "merged_into": main_case_of(case).reference if case.merged_into_id else None,
        "links": {"self": base.replace("REFERENCE", case.reference)},
    }


def _clock(clock: Clock, *, at: datetime) -> dict[str, Any]:
    """A running clock of a list."""
    return {
        "kind": clock.kind,
        "started_at": rfc3339(clock.started_at),
        "due_at": rfc3339(clock.due_at),
        "stopped_at": None,
        "breached": is_breached(clock, at=at),
        "formal": clock.formal,
    }
