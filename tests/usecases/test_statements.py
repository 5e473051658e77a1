"""How many statements an act sends to the database. A savepoint of the test stands for the transaction, and is not counted."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import service as services
from kernel.time import now
from referrals.evidence.events import parse_event
from referrals.intake.validation import parse
from referrals.usecases.acknowledge_referral import acknowledge_referral
from referrals.usecases.record_event import record_event
from referrals.usecases.submit_referral import submit_referral
from referrals.usecases.triage_referral import triage_referral
from referrals.web.steps import STEPS
from tests.builders import act_by, actor, body, decision, set_the_scene, submitted
from tests.doors.forms import WebForm, fields
from tests.doors.machines import Machine

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def scene(db: None) -> None:
    set_the_scene(at=now())


@contextmanager
def at_most(number: int) -> Iterator[None]:
    with CaptureQueriesContext(connection) as queries:
        yield
    sent = [query["sql"] for query in queries if "SAVEPOINT" not in query["sql"]]
    assert len(sent) <= number, "\n".join(f"{at}. {sql[:160]}" for at, sql in enumerate(sent, 1))


def refer(presentation: str, **changes: object) -> Callable[[], object]:
    """The use case alone, with what it needs in hand."""
    at, by, service = now(), actor("gp"), services.current()
    intake = parse(body(presentation, at=at, **changes), at=at)
    return lambda: submit_referral(intake, act=act_by(by, at, service), source="web", key="one")


@pytest.mark.parametrize(
    ("presentation", "number"), [("weakness", 12), ("pain_only", 12), ("no_cancer", 12), ("little_known", 12)]
)
def test_a_referral(presentation: str, number: int) -> None:
    act = refer(presentation)
    with at_most(number):
        act()


def test_a_referral_with_early_dexamethasone_and_immobilisation_costs_no_more() -> None:
    given = now() - timedelta(hours=1)
    act = refer(
        "weakness",
        clinical__dexamethasone={"dose_mg": 16, "route": "oral", "given_at": given.isoformat()},
        clinical__immobilised_since=given.isoformat(),
    )
    with at_most(12):
        act()


def test_a_referral_by_the_api() -> None:
    hospital, made = Machine(), body("weakness", at=now())
    made["referrer"]["organisation_ods"] = "RXX01"
    with at_most(14):
        assert hospital.post("referrals/", made, key="one").status_code == 201
    with at_most(10):
        assert hospital.post("referrals/", made, key="one").status_code == 200


def test_facts_by_the_api() -> None:
    hospital, made = Machine(), body("weakness", at=now())
    made["referrer"]["organisation_ods"] = "RXX01"
    address = f"referrals/{hospital.post('referrals/', made).json()['reference']}/events/"
    scan = {"modality": "mri", "regions": ["cervical", "thoracic", "lumbar"]}
    for kind, data, number in (("mri_performed", scan, 34), ("mri_reported", {"result": "mscc"}, 36)):
        fact = {"kind": kind, "occurred_at": now().isoformat(), "data": data}
        with at_most(number):
            assert hospital.post(address, fact).status_code == 201


def test_the_web_form_sends_a_referral() -> None:
    form, typed = WebForm("gp"), fields(body("weakness", at=now()))
    for step in STEPS:
        form.client.post(reverse("referral_step", args=[form.number, step.slug]), typed)
    with at_most(23):
        assert form.send().status_code == 302


def test_a_fact_an_acknowledgement_and_a_decision() -> None:
    case, by, service = submitted(at=now()), actor("coordinator"), services.current()
    fact = parse_event({"kind": "immobilised", "occurred_at": now().isoformat(), "data": {}}, at=now())
    with at_most(22):
        record_event(case.reference, fact, act=act_by(by, now(), service))
    with at_most(13):
        acknowledge_referral(case.reference, act=act_by(by, now()))
    choice = decision(case)
    with at_most(14):
        triage_referral(case.reference, choice, act=act_by(by, now(), service))
