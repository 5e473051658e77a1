"""A coordinator's night, and what the lead and the administrator do around it, in a real browser."""

from datetime import time, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from django.core import mail
from playwright.sync_api import Locator
from pypdf import PdfReader

from accounts.models import User
from kernel.time import from_london, london_date, now
from oncall.sweep import sweep
from referrals.case.models import Addendum, Event, Letter, Referral, Site
from tests.builders import acknowledged, again, running, submitted, triaged
from tests.journeys.conftest import Visitor
from tests.journeys.hands import (
    NEUROLOGY,
    Make,
    fill_in,
    instant,
    there_is_a_problem,
    to_the_minute,
    type_identity,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
AWAY, HERE = "RYY02", "RXX01"


def case_page(somebody: Visitor, case: Referral) -> None:
    somebody.go(f"/worklist/{case.reference}/")


def pdf_text(somebody: Visitor, button: Locator, folder: Path) -> tuple[str, str]:
    """Download what a link gives: its file name and the words in it."""
    with somebody.page.expect_download() as download:
        button.click()
    saved = folder / "downloaded.pdf"
    download.value.save_as(saved)
    pages = PdfReader(BytesIO(saved.read_bytes())).pages
    return download.value.suggested_filename, "\n".join(page.extract_text() for page in pages)


def overflow(somebody: Visitor) -> int:
    page = "document.documentElement"
    return int(somebody.page.evaluate(f"{page}.scrollWidth - {page}.clientWidth"))


def test_a_colleague_sees_who_has_the_case_and_takes_it_over_with_a_reason(visitor: Make) -> None:
    case = acknowledged("pain_only", at=now() - timedelta(minutes=10))
    coordinator, registrar = visitor("coordinator"), visitor("registrar", width=375)
    case_page(coordinator, case)
    fill_in(coordinator, "claim", "Claim")
    coordinator.expect("It is yours. Others who open it see your name")
    coordinator.is_accessible()
    case_page(registrar, case)
    registrar.expect("Sister Grace Okoro has claimed it until")
    fill_in(registrar, "triage", "Record the decision")
    there_is_a_problem(registrar, "Sister Grace Okoro has claimed this case until", status="409")
    assert again(case).status == "acknowledged"
    case_page(registrar, case)
    fill_in(registrar, "take-over", "Take over")
    there_is_a_problem(registrar, "There is a problem")
    fill_in(registrar, "take-over", "Take over", text="Rung: she is with another emergency")
    registrar.expect("Taken over. The reason is in the timeline")
    registrar.go(f"/worklist/{case.reference}/timeline/")
    registrar.expect("she is with another emergency", within=".timeline")
    assert again(case).claimed_by_name == "Dr Leo Fenwick"
    fill_in(registrar, "triage", "Record the decision")
    registrar.expect("The decision is recorded")
    assert again(case).status == "in_progress"


def test_the_board_has_saved_views_and_shortcuts(visitor: Make) -> None:
    at = now()
    emergency, done = submitted("weakness", at=at), triaged("pain_only", at=at - timedelta(hours=1))
    sweep(at=at)
    coordinator = visitor("coordinator")
    views = coordinator.page.locator(".saved-views a")
    counts = dict(text.rsplit(maxsplit=1) for text in views.all_inner_texts() if text[-1].isdigit())
    assert (counts["All open"], counts["Nobody has seen"], counts["Emergencies"]) == ("2", "1", "1")
    coordinator.page.keyboard.press("?")
    coordinator.page.locator("#shortcuts").get_by_text("next and previous case").wait_for()
    coordinator.is_accessible()
    coordinator.page.keyboard.press("Escape")
    coordinator.page.locator("#shortcuts").wait_for(state="hidden")
    focused = "document.activeElement.closest('[data-reference]')?.dataset.reference"
    coordinator.page.keyboard.press("j")
    assert coordinator.page.evaluate(focused) == emergency.reference
    coordinator.page.keyboard.press("j")
    assert coordinator.page.evaluate(focused) == done.reference
    coordinator.page.keyboard.press("k")
    coordinator.page.keyboard.press("Enter")
    coordinator.page.wait_for_url(f"**/worklist/{emergency.reference}/")
    coordinator.go("/worklist/")
    coordinator.click(".saved-views a:has-text('Nobody has seen')")
    coordinator.page.locator(".saved-views a[aria-current=page]:has-text('Nobody has seen')").wait_for()
    assert coordinator.page.locator("tr[data-reference]").count() == 1
    coordinator.is_accessible()
    narrow = visitor("coordinator", width=375)
    narrow.is_accessible()
    assert overflow(narrow) == 0


def test_imaging_is_vetted_booked_and_known_to_be_partial(visitor: Make) -> None:
    case = triaged("weakness", at=now() - timedelta(hours=1), by="ward")
    noon = from_london(london_date(now()) + timedelta(days=1), time(12))
    coordinator = visitor("coordinator", width=375)
    case_page(coordinator, case)
    fill_in(coordinator, "mri_vetted", "Record", by="Dr Fiona Grey", protocol="Whole spine")
    coordinator.expect("Recorded: mri request vetted")
    fill_in(coordinator, "mri_booked", "Record", site=AWAY, **instant("booked_for", noon))
    there_is_a_problem(coordinator, "The patient is at Northmoor General Hospital, which has MRI")
    assert not Event.objects.filter(kind="mri_booked").exists()
    fill_in(coordinator, "mri_booked", "Record", reason="The scanner here is broken until Monday")
    coordinator.expect("Recorded: mri booked")
    booked = Event.objects.get(kind="mri_booked").data
    assert booked["site"] == "Southmoor District Hospital"
    fill_in(coordinator, "mri_performed", "Record", regions="thoracic")
    coordinator.expect(
        "Only part of the spine has a readable scan: cervical, lumbar still missing", within=".glance"
    )
    coordinator.is_accessible()
    assert ("mri" in running(case), overflow(coordinator)) == (True, 0)


def test_an_unstable_spine_does_not_travel_untold(visitor: Make) -> None:
    case = triaged("unstable", at=now() - timedelta(hours=1))
    coordinator = visitor("coordinator")
    case_page(coordinator, case)
    fill_in(coordinator, "transfer_accepted", "Record", bed="Ward 7, bed 3")
    there_is_a_problem(coordinator, "There is a problem", "Fill in “Hospital”")
    fill_in(coordinator, "transfer_accepted", "Record", by="Mr Alun Price, spinal surgeon", site="Southmoor")
    coordinator.expect("Recorded: transfer accepted")
    fill_in(coordinator, "transport_booked", "Record", transport="Ambulance 4711", by="Ambulance control")
    there_is_a_problem(coordinator, "The spine may be unstable: tell the transport service")
    assert not Event.objects.filter(kind="transport_booked").exists()
    fill_in(coordinator, "transport_booked", "Record", unstable_told="yes")
    coordinator.expect("Recorded: transport booked")
    fill_in(coordinator, "departed", "Record", site="Northmoor")
    coordinator.expect("Recorded: departed")
    fill_in(coordinator, "arrived", "Record", site="Southmoor", by="Ward 7")
    coordinator.expect("Recorded: arrived")
    steps = {step.kind: step.data for step in Event.objects.filter(referral=case)}
    assert {"transfer_accepted", "transport_booked", "departed", "arrived"} <= set(steps)
    assert steps["transport_booked"]["unstable_told"] is True


def test_a_letter_is_read_verified_and_replaced(visitor: Make, tmp_path: Path) -> None:
    case = triaged("weakness", at=now() - timedelta(hours=1))
    coordinator = visitor("coordinator", width=375)
    case_page(coordinator, case)
    fill_in(coordinator, "letter", "Issue")
    there_is_a_problem(coordinator, "There is a problem")
    fill_in(coordinator, "letter", "Issue", kind="advice", text="Keep her flat")
    coordinator.expect("Issued: advice to the referrer, version 1")
    coordinator.go(f"/worklist/{case.reference}/talk/")
    coordinator.expect("not read yet", within="[data-part=letters]")
    first = Letter.objects.get()
    gp = visitor("gp")
    gp.go(f"/referrals/{case.reference}/")
    name, words = pdf_text(gp, gp.page.locator("a:has-text('(PDF)')"), tmp_path)
    assert name == f"{case.reference}-advice-1.pdf"
    assert case.reference in words
    assert "Keep her flat" in words
    assert first.code in words
    assert first.readings.get().person == "Dr Priya Anand"
    coordinator.page.reload()
    coordinator.expect("read by Dr Priya Anand", within="[data-part=letters]")
    anybody = visitor()
    anybody.go("/letters/")
    anybody.type("code", first.code.lower())
    anybody.click("button:has-text('Verify')")
    anybody.expect("We issued this letter, and it is the newest version")
    anybody.is_accessible()
    case_page(coordinator, case)
    fill_in(coordinator, "letter", "Issue", kind="advice", text="She may sit up")
    coordinator.expect("Issued: advice to the referrer, version 2")
    coordinator.go(f"/worklist/{case.reference}/talk/")
    coordinator.expect("replaced by a newer version", within="[data-part=letters]")
    anybody.click("button:has-text('Verify')")
    anybody.expect("There is a newer version of this letter")
    anybody.type("code", "AAAA-BBBB-CCCC")
    anybody.click("button:has-text('Verify')")
    anybody.expect("We did not issue this letter")


def test_a_referral_of_the_wrong_person_is_entered_again_with_its_own_times(visitor: Make) -> None:
    wrong = submitted("weakness", at=to_the_minute(now() - timedelta(minutes=20)))
    coordinator = visitor("coordinator")
    case_page(coordinator, wrong)
    fill_in(coordinator, "error", "Mark as entered in error")
    there_is_a_problem(coordinator, "There is a problem")
    fill_in(coordinator, "error", "Mark as entered in error", text="Two charts were swapped")
    coordinator.expect("nothing had been sent out about it")
    assert again(wrong).status == "entered_in_error"
    coordinator.click("button:has-text('Enter it again for the right person')")
    coordinator.expect("Everything on one page")
    assert coordinator.page.locator("[name='referrer.name']").input_value() == "Dr Priya Anand"
    assert coordinator.page.locator("[name='patient.family_name']").input_value() == ""
    assert coordinator.page.locator(f"[name='{NEUROLOGY}limb_weakness'][value=yes]").is_checked()
    type_identity(coordinator)
    coordinator.click("button:has-text('Send referral')")
    coordinator.expect("Entered again")
    coordinator.is_accessible()
    right = Referral.objects.exclude(pk=wrong.pk).get()
    assert (right.corrects_id, right.submitted_at) == (wrong.pk, wrong.submitted_at)
    assert right.patient.family_name == "Ashdown"


def test_after_a_downtime_a_paper_form_is_entered_with_its_true_times(visitor: Make, tmp_path: Path) -> None:
    came = to_the_minute(now() - timedelta(hours=2))
    seen = came + timedelta(minutes=6)
    lead = visitor("lead", width=375)
    lead.go("/downtime/")
    lead.expect("No pack has been made yet")
    lead.click("button:has-text('Make it now from the rota')")
    lead.expect("The pack is made from the current rota")
    lead.is_accessible()
    name, words = pdf_text(lead, lead.page.locator("a:has-text('Download the pack')"), tmp_path)
    assert name == "downtime-pack.pdf"
    assert "Sister Grace Okoro" in words
    coordinator = visitor("coordinator")
    coordinator.go("/downtime/")
    coordinator.click("a:has-text('Enter a paper form')")
    coordinator.type("referrer.name", "Dr Caller")
    coordinator.page.locator('select[name="referrer.role"]').select_option("gp")
    coordinator.type("referrer.organisation_ods", "Y12345")
    coordinator.type("referrer.callback_number", "01632 960101")
    coordinator.choose("presentation.cancer_context", "current")
    coordinator.choose(NEUROLOGY + "limb_weakness", "yes")
    type_identity(coordinator)
    coordinator.choose("location.kind", "home")
    coordinator.click("summary:has-text('It was taken on paper during downtime')")
    for part, value in {**instant("received_at", came), **instant("clinician_suspected_at", came)}.items():
        coordinator.type(part.replace("__", "."), value)
    coordinator.type("seen_by", "Dr Leo Fenwick, registrar")
    coordinator.is_accessible()
    coordinator.click("button:has-text('Send referral')")
    there_is_a_problem(coordinator, "There is a problem", "Enter both who answered it and when, or neither")
    coordinator.click(".nhsuk-error-summary a")  # leads to the field, which stands in a closed part
    for part, value in instant("seen_at", seen).items():
        coordinator.type(part.replace("__", "."), value)
    coordinator.click("button:has-text('Send referral')")
    coordinator.expect("Entered after downtime")
    case = Referral.objects.get()
    assert (case.source, case.submitted_at, case.acknowledged_at) == ("downtime", came, seen)
    assert case.acknowledged_by == "Dr Leo Fenwick, registrar"
    assert case.back_entered_at > seen


def test_the_administrator_invites_keeps_sites_and_leaves_no_duty_empty(visitor: Make) -> None:
    admin = visitor("admin")
    admin.go("/settings/users/new/")
    admin.click("button:has-text('Save')")
    there_is_a_problem(admin, "There is a problem")
    for name, text in {"name": "Nurse Ana Reid", "username": "ana", "email": "ana@example.nhs.uk"}.items():
        admin.type(name, text)
    admin.page.locator("#role").select_option("coordinator")
    admin.page.locator("#organisation").select_option(HERE)
    admin.page.locator("[name=active]").check(force=True)
    admin.click("button:has-text('Save')")
    admin.expect("Nurse Ana Reid is saved and invited by e-mail")
    assert not User.objects.get(username="ana").has_usable_password()
    assert mail.outbox[-1].to == ["ana@example.nhs.uk"]
    assert "/accounts/link/" in mail.outbox[-1].body

    admin.go("/settings/sites/")
    admin.is_accessible()
    admin.page.locator("#organisation").select_option("Y12345")
    admin.type("mri_from", "25:00")
    admin.click("button:has-text('Save this site')")
    there_is_a_problem(admin, "There is a problem")
    admin.type("mri_from", "09:00")
    admin.type("mri_to", "17:00")
    admin.click("button:has-text('Save this site')")
    admin.page.locator("a[href='?site=Y12345']").wait_for()
    assert str(Site.objects.get(pk="Y12345").mri_to) == "17:00:00"

    only = User.objects.get(username="coordinator")
    admin.go(f"/settings/users/{only.pk}/")
    admin.page.locator("[name=active]").uncheck(force=True)
    admin.click("button:has-text('Save')")
    there_is_a_problem(admin, "so that no duty is left empty")
    assert User.objects.get(pk=only.pk).is_active


def test_an_addendum_stands_beside_and_two_referrals_of_one_person_merge(visitor: Make) -> None:
    at = now()
    kept = triaged("weakness", at=at - timedelta(hours=1))
    same = {"patient__nhs_number": kept.patient.nhs_number}
    ended = submitted("pain_only", at=at - timedelta(minutes=9), by="ward", **same)
    coordinator = visitor("coordinator", width=375)
    case_page(coordinator, kept)
    fill_in(coordinator, "addendum", "Add")
    there_is_a_problem(coordinator, "There is a problem")
    about = coordinator.page.locator("option:has-text('Triage decision')").first.get_attribute("value")
    fill_in(coordinator, "addendum", "Add", about=about or "", text="Decided with Mr Price on the telephone")
    coordinator.expect("Added. The original entry stays")
    coordinator.go(f"/worklist/{kept.reference}/timeline/")
    coordinator.expect("Decided with Mr Price", within=".timeline")
    assert Addendum.objects.get(referral=kept).about_line == int(about or 0)
    fill_in(coordinator, "merge", "Merge into this case")
    there_is_a_problem(coordinator, "There is a problem")
    fill_in(coordinator, "merge", "Merge into this case", other=ended.reference, text="Same NHS number")
    there_is_a_problem(
        coordinator, "There is a problem"
    )  # one number and two names: somebody has to have made sure
    fill_in(
        coordinator,
        "merge",
        "Merge into this case",
        other=ended.reference,
        text="Same NHS number",
        confirmed="yes",
    )
    coordinator.expect("Merged. The earliest suspicion counts")
    coordinator.expect("Merged into this case. The earliest suspicion counts:")
    coordinator.is_accessible()
    assert (again(ended).merged_into_id, again(ended).outcome) == (kept.pk, "duplicate")
    case_page(coordinator, ended)
    coordinator.expect("this referral continues in")
