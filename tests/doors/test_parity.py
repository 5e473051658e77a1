"""The web form and REST: the same answers, the same referral, the same problems."""

from datetime import timedelta
from typing import Any

import pytest

from demo.patients import PRESENTATIONS
from kernel.time import now, rfc3339
from referrals.case.models import Referral
from referrals.intake.fields import FIELDS
from referrals.web.steps import STEPS, TELEPHONE, FormStep
from tests.builders import body, set_the_scene
from tests.doors.forms import WebForm, ids, problems_on
from tests.doors.machines import Machine
from triage.guideline.findings import QUESTIONS

pytestmark = pytest.mark.django_db

GOOD: list[tuple[str, dict[str, Any]]] = [
    *((name, {}) for name in PRESENTATIONS),
    ("weakness", {"referrer_concern": "emergency"}),
    ("weakness", {"patient__nhs_number": None, "patient__nhs_number_unknown_reason": "Visitor from abroad"}),
    ("weakness", {"patient__given_name": ""}),
    ("pain_only", {"referrer_concern": "emergency", "clinical__performance_status": 2}),
    (
        "pain_only",
        {"location__organisation_ods": "RXX01", "location__kind": "ward", "location__detail": "Ward 4 <b>"},
    ),
    (
        "weakness",
        {"clinical": {"walking_now": "no_power", "progression": "progressing_hours", "notes": "a\nb"}},
    ),
    (
        "weakness",
        {
            "clinical__dexamethasone": {"dose_mg": 16.0, "route": "oral"},
            "presentation__dexamethasone_given": "yes",
        },
    ),
    ("weakness", {"clinical__walking_now": "maybe", "patient__sex": "x", "referrer__email": "nowhere"}),
    (
        "pain_only",
        {
            "presentation__imaging_finding": "non_malignant_compression",
            "presentation__imaging_report": "provisional",
            "presentation__active_infection": "yes",
            "clinical__bed_bound_two_weeks": "yes",
        },
    ),
]
BAD: list[tuple[str, dict[str, Any]]] = [
    ("weakness", {"patient__nhs_number": "9990000019"}),
    ("weakness", {"patient__nhs_number": None}),
    ("weakness", {"patient__family_name": ""}),
    ("weakness", {"patient__date_of_birth": "1958-02-30"}),
    ("weakness", {"patient__date_of_birth": "2015-02-03"}),
    ("weakness", {"referrer__callback_number": "", "referrer__name": "", "referrer__role": ""}),
    ("weakness", {"location__kind": "moon"}),
    ("weakness", {"presentation__cancer_context": "maybe"}),
    ("weakness", {"presentation__neurology__limb_weakness": "perhaps"}),
    ("weakness", {"presentation__pain_severity": 11}),
    ("weakness", {"patient__family_name": "A\x07B"}),
    ("weakness", {"patient__family_name": "x" * 201}),
    ("pain_only", {"clinical__walking_now": "maybe", "patient__sex": "x", "referrer__email": "nowhere"}),
    ("pain_only", {"clinical__performance_status": 7, "clinical__clinical_frailty_scale": 10}),
    ("pain_only", {"location__organisation_ods": "RX-01"}),
    ("pain_only", {"clinical__notes": "x" * 10_001}),
    ("pain_only", {"mscc_suspected_at": "2099-01-01T10:00:00Z"}),
]


def sent(presentation: str, changes: dict[str, Any]) -> dict[str, Any]:
    at = now().replace(second=0, microsecond=0) - timedelta(minutes=1)
    return body(
        presentation,
        at=at,
        **{"referrer__organisation_ods": "RXX01", "clinician_suspected_at": rfc3339(at), **changes},
    )


def stored(case: Referral) -> dict[str, Any]:
    """All that the door may not change."""
    columns = (
        "status",
        "stream",
        "suggested_stream",
        "provisional",
        "referrer",
        "referrer_organisation",
        "location",
        "location_organisation",
        "clinician_suspected_at",
        "mscc_suspected_at",
        "presented_at",
        "referrer_concern",
        "presentation",
        "presentation_sent",
        "clinical",
        "kept",
        "incomplete",
        "suspected_at_defaulted",
    )
    person = (
        "nhs_number",
        "nhs_number_unknown_reason",
        "family_name",
        "given_name",
        "date_of_birth",
        "sex",
        "postcode",
    )
    return {name: getattr(case, name) for name in columns} | {
        name: getattr(case.patient, name) for name in person
    }


@pytest.fixture(autouse=True)
def scene() -> None:
    set_the_scene(at=now())


@pytest.mark.parametrize("steps", [STEPS, (TELEPHONE,)], ids=["pages", "telephone"])
def test_the_form_asks_every_question_that_triage_reads_and_every_field(steps: tuple[FormStep, ...]) -> None:
    asked = {path for step in steps for path in step.paths}
    answered_elsewhere = {
        "clinical.active_infection",  # presentation.active_infection is the same question
        "patient.birth_estimated",  # a year without day and month says so
        "referrer_concern",  # at the foot of every page
    }
    wanted = {f"presentation.{question.path}" for question in QUESTIONS} | {spec.path for spec in FIELDS}
    assert wanted - asked == answered_elsewhere


@pytest.mark.parametrize(("presentation", "changes"), GOOD)
def test_good_answers_make_the_same_referral(presentation: str, changes: dict[str, Any]) -> None:
    made = sent(presentation, changes)
    answer = Machine().post("referrals/", made, key="k")
    assert answer.status_code == 201, answer.content
    by_rest = Referral.objects.get()
    answer = WebForm().fill(made)
    assert answer.status_code == 302, problems_on(answer)
    by_form = Referral.objects.exclude(pk=by_rest.pk).get()
    assert stored(by_form) == stored(by_rest)


@pytest.mark.parametrize(("presentation", "changes"), BAD)
def test_bad_answers_are_refused_at_the_same_fields(presentation: str, changes: dict[str, Any]) -> None:
    made = sent(presentation, changes)
    answer = Machine().post("referrals/", made, key="k")
    assert answer.status_code == 422
    named = ids(answer.json()["errors"])
    answer = WebForm().fill(made)
    assert answer.status_code == 422
    assert problems_on(answer) == named
    assert not Referral.objects.exists()
