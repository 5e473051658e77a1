"""Ways around a restriction: a number on a list, and an hour that is made to last."""

from dataclasses import replace

import pytest
from django.urls import reverse

from kernel.actors import Actor
from kernel.refusals import Denied
from kernel.time import now
from referrals.case.models import Referral
from referrals.case.openings import restriction_of
from referrals.evidence.facts import Fact
from referrals.intake.codes import NUMBERS_MERGED
from referrals.usecases.keep_unmatched_fact import keep_unmatched_fact
from referrals.usecases.open_record import Sought, open_record
from referrals.usecases.restrict_record import lift_restriction, name_person, restrict_record, unname_person
from tests.builders import actor, off_duty, set_the_scene, submitted
from tests.doors.forms import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def scene(db: None) -> None:
    set_the_scene(at=now())
    off_duty("offduty", name="Sam Rowe")


def asking(username: str) -> Actor:
    return replace(actor(username), asked_at=now())


def restricted() -> Referral:
    case = submitted("weakness", at=now(), patient__nhs_number="9990000018")
    restrict_record(case.reference, text="A colleague", by=asking("coordinator"), at=now())
    return case


def opened(case: Referral, username: str) -> None:
    open_record(
        Sought(reference=case.reference),
        reason="patient_here",
        text="She is here",
        by=asking(username),
        at=now(),
    )


def test_joined_numbers_of_a_restricted_person_name_no_number_to_a_coordinator_off_duty() -> None:
    case = restricted()
    number = case.patient.nhs_number
    fact = Fact(
        kind=NUMBERS_MERGED, occurred_at=now(), data={"retired_nhs": [number], "retired": ["RET7781"]}
    )
    keep_unmatched_fact({"local_id": "NEW4410"}, fact, key="j1", by=actor("client"), at=now())
    page = signed_in("offduty").get(reverse("unmatched")).content.decode()
    assert "A restricted record" in page
    assert [text for text in (number, "RET7781", "NEW4410") if text in page] == []
    assert "RET7781" in signed_in("coordinator").get(reverse("unmatched")).content.decode()


def test_an_hour_with_a_reason_changes_nothing_of_who_sees_the_record() -> None:
    case = restricted()
    opened(case, "offduty")
    by, at = asking("offduty"), now()
    for change in (
        lambda: name_person(case.reference, username="offduty", by=by, at=at),
        lambda: unname_person(case.reference, key=actor("coordinator").key, by=by, at=at),
        lambda: lift_restriction(case.reference, text="No need", by=by, at=at),
    ):
        with pytest.raises(Denied, match="in charge"):
            change()
    opened(case, "lead")
    with pytest.raises(Denied, match="in charge"):
        name_person(case.reference, username="lead", by=asking("lead"), at=at)
    row = restriction_of(case)
    assert row is not None
    assert row.named == [actor("coordinator").key]
    name_person(case.reference, username="offduty", by=asking("coordinator"), at=at)
    lift_restriction(case.reference, text="She has left", by=asking("lead"), at=now())
    assert restriction_of(case) is None
