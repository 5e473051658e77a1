"""Erasing by law who a person is: what goes, what stays, who may, and a ledger that still verifies."""

import re
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
from referrals.case.models import Attachment, Episode, Patient, Referral, UnmatchedFact
from referrals.case.worklist import View, cases
from referrals.correspondence import virus_scan
from referrals.correspondence.files import read_file
from referrals.evidence.event_data import KeptData
from referrals.evidence.facts import Fact
from referrals.usecases.add_attachment import add_attachment
from referrals.usecases.keep_unmatched_fact import (
    dismiss_unmatched_fact,
    keep_unmatched_fact,
    link_unmatched_fact,
)
from referrals.usecases.withdraw_referral import withdraw_referral
from tests.builders import NAMED, act_by, actor, set_the_scene, submitted
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


def test_what_a_hospital_said_of_the_person_before_their_referral_goes_too(case: Referral) -> None:
    person = {"family_name": "Marlowe", "date_of_birth": "1958-02-03", "nhs_number": "9990000018"}
    named: KeptData = {"reference": case.reference, "examination": "MR whole spine"}
    joined: KeptData = {"retired_nhs": ["9990000018"]}
    linked, read, settled, waiting = (
        keep_unmatched_fact(
            who, Fact(kind=kind, occurred_at=now(), data=data), key=kind, by=actor("client"), at=now()
        )[0]
        for who, kind, data in (
            (person, "admitted", {}),
            (person, "report_unread", named),
            ({"local_id": "A 77"}, "numbers_merged", joined),
            (person, "discharged", {}),
        )
    )
    link_unmatched_fact(linked.pk, reference=case.reference, act=act_by("coordinator", now()))
    for row in (read, settled):
        dismiss_unmatched_fact(row.pk, text="Read, nothing new", by=actor("coordinator"), at=now())
    erase_person(case.reference, because="person_asked", confirmed=case.reference, by=actor("lead"), at=now())
    for number in (linked.pk, read.pk, settled.pk):
        row = UnmatchedFact.objects.get(pk=number)
        said = [(version.patient, version.data) for version in (row, *row.history.all())]
        assert not re.search("Marlowe|9990000018|1958", str(said)), said
    assert UnmatchedFact.objects.get(pk=read.pk).data == named
    assert UnmatchedFact.objects.get(pk=waiting.pk).patient == person, (
        "nobody has said yet what it belongs to"
    )
    assert verify_everything()[2] is None
    UnmatchedFact.objects.filter(pk=waiting.pk).update(patient={})
    fault = verify_everything()[2]
    assert fault is not None, "emptied without a line"
    assert "the unmatched fact that belongs to it was changed" in fault.why


def test_a_file_that_is_being_scanned_does_not_come_back(
    case: Referral, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The scanner takes its time, and the lead erases meanwhile."""

    def scan(content: bytes) -> str:
        assert content == PDF
        erase_person(case.reference, because="court", confirmed=case.reference, by=actor("lead"), at=now())
        return "OK"

    monkeypatch.setattr(virus_scan, "has_scanner", lambda: True)
    monkeypatch.setattr(virus_scan, "_verdict_on", scan)
    virus_scan.scan_next(at=now())
    assert not Attachment.objects.exists()
    assert not Attachment.history.exists()
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
