"""A patient's copy of their record: all of it, for the lead alone, with proof and a line; and what is put right beside it."""

import io
import zipfile
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from governance.incidents import Report, investigate, report_incident
from governance.subject_access import make_copy
from kernel.refusals import NotFound
from kernel.time import now
from ledger.kinds import Kind
from ledger.read import Search, entries
from referrals.case.access_log import record_view
from referrals.case.models import Addendum, Attachment, Episode, Referral
from referrals.correspondence.notices import write_notice
from referrals.usecases.add_addendum import add_addendum
from referrals.usecases.issue_letter import issue_letter
from referrals.usecases.restrict_record import restrict_record
from referrals.usecases.send_message import send_message
from tests.builders import ONE_PERSON, act_by, actor, again, set_the_scene, submitted, triaged
from tests.doors.forms import signed_in, state_purpose

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def scene(db: None) -> None:
    set_the_scene(at=now())


@pytest.fixture
def lead() -> Client:
    return signed_in("lead")


def address(case: Referral) -> str:
    return reverse("subject_access", args=[case.reference])


def opened(content: bytes) -> tuple[str, list[str]]:
    archive = zipfile.ZipFile(io.BytesIO(content))
    return archive.read("record.html").decode(), archive.namelist()


def copy_of(client: Client, case: Referral) -> Any:
    state_purpose(client, case, "patient")
    return client.post(address(case), {"act": "copy"})


def test_the_copy_has_the_person_the_words_the_letters_the_files_and_the_readers(lead: Client) -> None:
    case = triaged(
        "weakness", at=now(), patient__family_name="Quillfeather", clinical__notes="Fell <b>on Tuesday"
    )
    by, at = actor("coordinator"), now()
    act = act_by(by, at)
    issue_letter(case.reference, "gp", recipient="The practice", text="As agreed", act=act)
    send_message(case.reference, text="Please lie flat", act=act)
    Attachment.objects.create(
        referral=case,
        at=at,
        by=by.key,
        by_name=by.name,
        by_role="x",
        ledger_line=1,
        name="../../scan.pdf",
        content_type="application/pdf",
        content=b"%PDF-",
        sha256="0",
        state="clean",
        scanned_at=at,
    )
    record_view(case, by=actor("gp"), at=at)
    page, names = opened(copy_of(lead, case).content)
    for part in (
        "Quillfeather",
        "Fell &lt;b&gt;on Tuesday",
        "As agreed",
        "Please lie flat",
        "Weakness of an arm or leg",
        "Dr Priya",
        "Triage decision",
        "opened\n1",
        "Sister Grace Okoro",
    ):
        assert part in page, part
    assert any(name.endswith(".pdf") and "letter-" in name for name in names)
    assert not [name for name in names if name.startswith("/") or ".." in name.split("/")]
    line = entries(Search(case=case.pk, kind=str(Kind.SUBJECT_COPY_MADE)), limit=1)[0]
    assert (line.actor, line.facts["cases"]) == (actor("lead").key, [case.pk])
    assert (
        entries(Search(case=case.pk, kind=str(Kind.DOCUMENT_VIEWED)), limit=1)[0].facts["part"]
        == "subject access copy"
    )


def test_every_table_that_refers_to_a_case_is_in_it_or_left_out_by_name() -> None:
    from governance.subject_access import DERIVED

    names = {relation.get_accessor_name() for relation in Referral._meta.related_objects}
    assert names >= {
        "notes",
        "events",
        "messages",
        "letters",
        "opinions",
        "decisions",
        "plans",
        "outcomes",
        "contacts",
    }
    assert set(names) >= DERIVED


def test_every_referral_of_the_person_is_in_it_but_a_restricted_one_that_is_named(lead: Client) -> None:
    first, second, third, other = (
        *(submitted("weakness", at=now(), **ONE_PERSON) for _ in range(3)),
        submitted("weakness", at=now(), patient__family_name="Somebody"),
    )
    restrict_record(third.reference, text="A colleague", by=actor("coordinator"), at=now())
    page, _ = opened(copy_of(lead, first).content)
    assert f"Referral {second.reference}" in page
    assert f"Referral {third.reference}" not in page
    assert third.reference in page.split("Not in this copy")[1]
    assert other.reference not in page


def test_nothing_of_other_people_is_in_it_but_who_acted(lead: Client) -> None:
    person = {
        "patient__nhs_number": "9990773416",
        "patient__date_of_birth": "1931-07-19",
        "patient__family_name": "Marlowe",
    }
    case, other = (submitted("weakness", at=now(), **person) for _ in range(2))
    reached = {"callback_number": "07700900987", "email": "sister@example.nhs.uk"}
    Referral.objects.filter(pk=case.pk).update(
        not_the_same=[other.pk, 8812345], referrer={**case.referrer, **reached}
    )
    write_notice(again(case), "seen", about=1, at=now())
    restrict_record(case.reference, text="A colleague", by=actor("lead"), at=now())
    page, _ = opened(copy_of(lead, case).content)
    assert case.referrer["name"] in page
    held = (*reached.values(), "8812345", "<dt>Named</dt>")
    assert [text for text in held if text in page] == []
    Referral.objects.filter(pk=other.pk).update(episode=Episode.objects.create(opened_at=now()))
    page, _ = opened(copy_of(lead, case).content)
    assert other.reference not in page, "the referrer said that it is another person"


def test_an_incident_is_in_it_with_what_was_found_out_and_without_who_reported_it(lead: Client) -> None:
    case = triaged("weakness", at=now())
    at = now()
    typed = Report(
        reference=case.reference,
        happened_at=at,
        kind="delay",
        harm="low",
        text="Nobody rang back",
        done_at_once="",
    )
    incident = report_incident(typed, act=act_by("registrar", at))
    found = {"state": "closed", "harm": "low", "text": "The number was wrong", "seen": 0}
    investigate(incident.pk, **found, act=act_by("lead", at))
    page, _ = opened(copy_of(lead, case).content)
    assert "Nobody rang back" in page
    assert "The number was wrong" in page
    assert actor("registrar").name not in page


def test_it_asks_for_proof_of_who_makes_it_and_for_a_purpose(lead: Client) -> None:
    case = submitted("weakness", at=now())
    assert reverse("purpose") in lead.post(address(case), {"act": "copy"})["Location"]
    with time_machine.travel(now() + timedelta(minutes=20), tick=False):
        assert reverse("confirm") in lead.post(address(case), {"act": "copy"})["Location"]
    assert not entries(Search(kind=str(Kind.SUBJECT_COPY_MADE)), limit=1)
    for username in ("coordinator", "admin", "gp"):
        assert signed_in(username).post(address(case), {"act": "copy"}).status_code == 403
    with pytest.raises(NotFound):
        make_copy(case.reference, by=actor("ward"), at=now())


def test_secrets_of_hospital_systems_ask_for_proof_too() -> None:
    admin = signed_in("admin")
    assert admin.get(reverse("clients")).status_code == 200
    with time_machine.travel(now() + timedelta(minutes=20), tick=False):
        assert reverse("confirm") in admin.get(reverse("clients"))["Location"]


def test_the_lead_puts_right_what_is_wrong_by_an_addendum(lead: Client) -> None:
    case = submitted("weakness", at=now())
    state_purpose(lead, case)
    sent = next(entry for entry in entries(Search(case=case.pk)) if entry.kind == Kind.REFERRAL_SUBMITTED)
    assert lead.post(address(case), {"about": "", "text": "The fall was on Monday"}).status_code == 422
    assert lead.post(address(case), {"about": str(sent.number), "text": ""}).status_code == 422
    assert (
        lead.post(address(case), {"about": str(sent.number), "text": "The fall was on Monday"}).status_code
        == 302
    )
    row = Addendum.objects.get()
    assert (row.about_line, row.note.text if row.note else "", row.by) == (
        sent.number,
        "The fall was on Monday",
        actor("lead").key,
    )
    with pytest.raises(NotFound):
        add_addendum(case.reference, about=sent.number, text="x", by=actor("ward"), at=now())
