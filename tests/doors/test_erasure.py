"""Erasing by law who a person is: what goes, what stays, who may, and a ledger that still verifies."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from governance.erasure import erase_person
from governance.verification import verify_everything
from kernel.refusals import Denied, Invalid, OutOfTurn
from kernel.time import now
from ledger.kinds import Kind
from ledger.read import Search, entries
from referrals.case.models import Attachment, Episode, Patient, Referral
from referrals.case.worklist import View, cases
from referrals.correspondence.files import read_file
from referrals.usecases.add_attachment import add_attachment
from referrals.usecases.withdraw_referral import withdraw_referral
from tests.builders import NAMED, actor, set_the_scene, submitted
from tests.doors.forms import signed_in, state_purpose

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


@pytest.fixture
def case(db: None) -> Referral:
    """Two ended referrals of one person, with a file."""
    set_the_scene(at=now())
    pair = [
        submitted(
            "pain_only", at=now(), patient__phone="01632 960555", patient__nhs_number="9990000018", **NAMED
        )
        for _ in range(2)
    ]
    add_attachment(pair[0].reference, read_file("scan.pdf", PDF), by=actor("gp"), at=now())
    for each in pair:
        withdraw_referral(each.reference, text="Sent in error", by=actor("coordinator"), at=now())
    return pair[0]


def test_nothing_says_who_it_was_and_the_ledger_verifies(case: Referral) -> None:
    assert cases(View(show="all", search="Marlowe"), by=actor("coordinator"), at=now())
    erased = erase_person(
        case.reference, because="person_asked", confirmed=case.reference, by=actor("lead"), at=now()
    )
    assert len(erased) == 2
    assert cases(View(show="all", search="Marlowe"), by=actor("coordinator"), at=now()) == []
    for patient in Patient.objects.filter(referral__in=erased):
        assert [
            str(row.family_name) + str(row.phone) + str(row.date_of_birth) for row in patient.history.all()
        ] == ["None"]
        assert patient.name == "Not identified"
    assert not Attachment.objects.exists()
    assert not Attachment.history.exists()
    assert not Episode.history.exclude(person_key=None).filter(id=case.episode_id).exists()
    assert (
        entries(Search(case=case.pk, kind=str(Kind.RECORD_ERASED)), limit=1)[0].facts["because"]
        == "person_asked"
    )
    assert verify_everything()[2] is None


def test_an_open_case_a_wrong_word_and_anybody_but_the_lead_are_refused(case: Referral) -> None:
    lead, right = actor("lead"), {"because": "court", "confirmed": case.reference}
    for wrong in ({"because": "because"}, {"confirmed": "MSCC"}, {"confirmed": ""}):
        with pytest.raises(Invalid):
            erase_person(case.reference, **{**right, **wrong}, by=lead, at=now())
    for username in ("coordinator", "admin", "gp"):
        with pytest.raises(Denied):
            erase_person(case.reference, **right, by=actor(username), at=now())
    running = submitted("weakness", at=now())
    with pytest.raises(OutOfTurn):
        erase_person(running.reference, because="court", confirmed=running.reference, by=lead, at=now())
    assert not entries(Search(kind=str(Kind.RECORD_ERASED)), limit=1)


def test_the_page_asks_for_proof_and_erases(case: Referral) -> None:
    lead, page = signed_in("lead"), reverse("erasure", args=[case.reference])
    state_purpose(lead, case, "patient")
    with time_machine.travel(now() + timedelta(minutes=20), tick=False):
        assert reverse("confirm") in Client.post(lead, page, {"because": "court"})["Location"]
    assert lead.post(page, {"because": "court", "confirmed": "no"}).status_code == 422
    assert Patient.objects.filter(family_name="Marlowe").count() == 2
    assert lead.post(page, {"because": "court", "confirmed": case.reference.lower()}).status_code == 302
    assert not Patient.objects.filter(family_name="Marlowe").exists()
    assert "It erases, on every referral" in lead.get(page).content.decode()
