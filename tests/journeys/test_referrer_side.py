"""What the referrer does after sending, and how the coordinator learns of it, in a real browser."""

import re
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from django.core import mail
from PIL import Image
from pypdf import PdfReader

from accounts.models import AccessLink, User
from demo.people import PASSWORD
from kernel.time import now
from oncall.sweep import sweep
from referrals.case.models import Attachment, Detail, Message, Referral
from referrals.usecases.acknowledge_referral import acknowledge_referral
from referrals.usecases.claim_case import claim_case
from referrals.usecases.send_message import send_message
from referrals.usecases.triage_referral import triage_referral
from tests.builders import acknowledged, act_by, again, clock, decision, running, submitted, triaged
from tests.journeys.hands import (
    NEUROLOGY,
    Make,
    fill_in,
    half_an_hour_passes,
    instant,
    send_an_emergency,
    there_is_a_problem,
    to_the_minute,
    type_identity,
)
from triage.guideline.findings import QUESTIONS, Answer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
COORDINATOR = "Sister Grace Okoro"


def value_of(case: Referral, path: str) -> object:
    return Detail.objects.filter(referral=case, path=path).latest("id").value


def test_what_the_referrer_adds_saves_itself_and_is_news_until_read(visitor: Make) -> None:
    gp = visitor("gp")
    reference = send_an_emergency(gp, look=False)
    case = Referral.objects.get(reference=reference)
    gp.click("a:has-text('Add what you know')")
    gp.is_accessible()
    gp.click("#neurology summary")
    with gp.page.expect_response("**/more/neurology/"):
        gp.page.locator("select[name='record.power_l2_left']").select_option("3")
    gp.expect("Saved at")
    with gp.page.expect_response("**/more/neurology/"):
        gp.type("record.sensory_level", "T10, both sides")
        gp.page.keyboard.press("Tab")
    gp.expect("Saved at")
    gp.is_accessible()
    assert value_of(case, "record.power_l2_left") == "3"
    assert value_of(case, "record.sensory_level") == "T10, both sides"
    assert again(case).news_since is not None

    coordinator = visitor("coordinator")
    coordinator.expect("New information")
    coordinator.go(f"/worklist/{reference}/")
    coordinator.expect("New from the referrer")
    coordinator.expect("Power L2 hip flexion, left: 3 against gravity", within=".alarm--news")
    coordinator.expect("Sensory level, with side: T10, both sides", within=".alarm--news")
    coordinator.is_accessible()
    coordinator.click("button:has-text('I have read this')")
    coordinator.expect("Marked as read")
    assert coordinator.page.locator(".alarm--news").count() == 0
    assert again(case).news_since is None


def test_what_the_referrer_adds_is_kept_by_its_button_without_javascript(visitor: Make) -> None:
    case = submitted("weakness", at=now())
    gp = visitor("gp", width=375, javascript=False)
    gp.go(f"/referrals/{case.reference}/")
    gp.click("a:has-text('Add what you know')")
    fill_in(gp, "neurology", "Save", record__power_l2_left="2", record__post_void_residual_ml="99999")
    there_is_a_problem(gp, "There is a problem", axe=False)
    assert not Detail.objects.filter(referral=case).exists()
    fill_in(gp, "neurology", "Save", record__post_void_residual_ml="600", record__sensory_level="T10")
    gp.expect("Saved: ")
    assert value_of(case, "record.power_l2_left") == "2"
    assert value_of(case, "record.post_void_residual_ml") == 600
    coordinator = visitor("coordinator", width=375, javascript=False)
    coordinator.go(f"/worklist/{case.reference}/")
    coordinator.expect("Power L2 hip flexion, left: 2 gravity eliminated", within=".alarm--news")
    coordinator.click("button:has-text('I have read this')")
    coordinator.expect("Marked as read")
    assert again(case).news_since is None


def test_the_referrer_sees_who_has_seen_it_who_works_on_it_and_what_was_decided(visitor: Make) -> None:
    case = submitted("weakness", at=now() - timedelta(minutes=3))
    gp = visitor("gp", width=375)
    gp.go(f"/referrals/{case.reference}/")
    steps = gp.page.locator(".receipts__step")
    assert steps.count() == 5
    assert gp.page.locator(".receipts__step--done").count() == 2
    gp.is_accessible()
    acknowledge_referral(case.reference, act=act_by("coordinator", now()))
    gp.page.reload()
    gp.expect(COORDINATOR, within=".receipts__step--done:has-text('Seen by a human')")
    claim_case(case.reference, act=act_by("coordinator", now()))
    gp.expect(COORDINATOR, within=".receipts__step--done:has-text('Somebody is working on it')")  # by itself
    triage_referral(case.reference, decision(case), act=act_by("coordinator", now()))
    gp.page.reload()
    gp.expect(COORDINATOR, within=".receipts__step--done:has-text('Decided')")
    assert gp.page.locator(".receipts__step--done").count() == 5
    gp.is_accessible()


def test_an_emergency_that_nobody_has_seen_tells_the_referrer_to_ring_now(visitor: Make) -> None:
    case = submitted("weakness", at=now() - timedelta(minutes=40))
    sweep(at=now())
    gp = visitor("gp")
    gp.go(f"/referrals/{case.reference}/")
    gp.expect(re.compile("Nobody has seen this in .*: ring now"), within="[role=alert]")
    gp.expect("01632 960999", within="[role=alert]")
    gp.is_accessible()
    acknowledge_referral(case.reference, act=act_by("coordinator", now()))
    gp.page.reload()
    gp.expect(f"Seen by {COORDINATOR}")
    assert gp.page.get_by_text("ring now").count() == 0


def test_worse_neurology_pages_again_and_its_scan_limit_runs_from_when_it_began(visitor: Make) -> None:
    case = triaged("pain_only", at=now() - timedelta(hours=3))
    assert "acknowledge" not in running(case)
    began = to_the_minute(now() - timedelta(minutes=50))
    gp = visitor("gp", width=375)
    gp.go(f"/referrals/{case.reference}/")
    gp.click("a:has-text('pain is worse')")
    gp.is_accessible()
    gp.click("button:has-text('Send what is worse')")
    there_is_a_problem(gp, "There is a problem", "Choose what is new or worse")
    assert "acknowledge" not in running(case)
    gp.choose("worse", "limb_weakness")
    for name, value in instant("occurred_at", began).items():
        gp.type(name.replace("__", "."), value)
    gp.type("text", "Could stand this morning, cannot lift the left leg now")
    gp.click("button:has-text('Send what is worse')")
    gp.expect("Sent. The coordinator is paged again. Ring as well")
    gp.is_accessible()
    assert (clock(case, "mri", limit=24).started_at, clock(case, "mri", limit=24).stopped_at) == (began, None)
    assert clock(case, "acknowledge").stopped_at is None
    assert again(case).stream == "emergency"
    coordinator = visitor("coordinator")
    coordinator.expect("1 emergency waits for somebody")
    coordinator.go(f"/worklist/{case.reference}/")
    coordinator.expect("cannot lift the left leg now", within=".alarm--news")


def test_a_question_of_the_referrer_waits_for_the_answer_that_names_it(visitor: Make) -> None:
    case = acknowledged("weakness", at=now() - timedelta(minutes=10))
    gp = visitor("gp")
    gp.go(f"/referrals/{case.reference}/")
    fill_in(gp, "write", "Send")
    there_is_a_problem(gp, "There is a problem")
    assert not Message.objects.exists()
    fill_in(gp, "write", "Send", text="May she sit up to eat?", within="1")
    gp.expect("Sent to the coordinator")
    gp.expect("Answer needed", within="#messages")
    gp.is_accessible()
    asked = Message.objects.get()
    assert clock(case, "question").stopped_at is None

    coordinator = visitor("coordinator", width=375)
    coordinator.go(f"/worklist/{case.reference}/")
    coordinator.click("a:has-text('Messages and letters')")
    coordinator.expect("May she sit up to eat?", within=".talk")
    fill_in(coordinator, "message", "Send to the referrer", answers=str(asked.pk))
    there_is_a_problem(coordinator, "There is a problem")
    fill_in(
        coordinator,
        "message",
        "Send to the referrer",
        text="No: keep her flat until the scan",
        answers=str(asked.pk),
    )
    coordinator.expect("Sent. The referrer is told that there is a message")
    coordinator.is_accessible()
    assert clock(case, "question").stopped_because == "met"
    assert Message.objects.get(to_referrer=True).answers_id == asked.pk
    gp.page.reload()
    gp.expect("keep her flat until the scan", within=".talk")
    gp.expect("Answered", within=".talk")


def test_a_picture_is_held_while_no_scanner_is_set_up(visitor: Make, tmp_path: Path) -> None:
    case = submitted("weakness", at=now())
    notes, picture = tmp_path / "notes.txt", tmp_path / "letter from ward.png"
    notes.write_text("plain words")
    Image.new("RGB", (40, 30), "white").save(picture)
    gp = visitor("gp", width=375)
    gp.go(f"/referrals/{case.reference}/")
    gp.click("a:has-text('Add a file')")
    gp.expect("no virus scanner is set up here")
    gp.is_accessible()
    gp.click("button:has-text('Add the file')")
    there_is_a_problem(gp, "Choose a file")
    gp.page.set_input_files("#file", notes)
    gp.click("button:has-text('Add the file')")
    there_is_a_problem(gp, "This is not a file that the service takes")
    assert not Attachment.objects.exists()
    gp.page.set_input_files("#file", picture)
    gp.click("button:has-text('Add the file')")
    gp.expect("The file is saved")
    gp.expect("held: no virus scanner is set up here, so nobody can open it")
    gp.is_accessible()
    kept = Attachment.objects.get()
    assert (kept.state, kept.content_type, kept.referral_id) == ("held", "image/png", case.pk)
    assert gp.page.locator(f"a[href$='/files/{kept.pk}/']").count() == 0


def test_somebody_without_an_account_refers_by_a_link_that_works_once(visitor: Make) -> None:
    doctor = visitor()
    doctor.go("/accounts/login/")
    doctor.click("a:has-text('one-time link')")
    doctor.is_accessible()
    doctor.type("email", "rosa.lind@example.com")
    doctor.click("button:has-text('Send me a link')")
    there_is_a_problem(doctor, "Links go to work addresses of example.nhs.uk only")
    doctor.type("email", "Rosa.Lind@example.nhs.uk")
    doctor.click("button:has-text('Send me a link')")
    doctor.expect("A link is on its way to rosa.lind@example.nhs.uk")
    doctor.is_accessible()
    found = re.search(r"/accounts/link/\S+/", mail.outbox[-1].body)
    assert found is not None
    doctor.go(found[0])
    doctor.is_accessible()
    doctor.click("button:has-text('Continue')")
    there_is_a_problem(doctor, "Enter your name", "Enter your role")
    for name, text in {"name": "Dr Rosa Lind", "job_title": "Ward doctor"}.items():
        doctor.type(name, text)
    doctor.page.locator("#organisation").select_option("RXX01")
    doctor.click("button:has-text('Continue')")
    doctor.expect("You are signed in as Dr Rosa Lind")
    doctor.page.locator("a:has-text('New referral')").first.wait_for()
    doctor.is_accessible()
    made = User.objects.get(email="rosa.lind@example.nhs.uk")
    assert (made.role, made.self_registered, made.organisation_id) == ("referrer", True, "RXX01")
    assert AccessLink.objects.get().used_at is not None
    somebody_else = visitor(width=375)
    somebody_else.go(found[0])
    there_is_a_problem(somebody_else, "This link was used or has run out", status="409")


def test_P24_a_form_goes_on_after_another_sign_in_in_another_tab(visitor: Make) -> None:
    gp = visitor("gp")
    gp.go("/referrals/new/")
    gp.choose("presentation.cancer_context", "current")
    gp.choose(NEUROLOGY + "limb_weakness", "yes")
    gp.click("button:has-text('Continue')")
    with gp.page.expect_response("**/advice/"):
        gp.type("patient.family_name", "Ashdown")
    first, gp.page = gp.page, gp.page.context.new_page()
    gp.go("/referrals/")
    gp.click("button:has-text('Sign out')")
    gp.sign_in("gp")
    gp.page = first
    type_identity(gp)
    gp.choose("location.kind", "home")
    gp.expect("Saved.")
    gp.click("button:has-text('Continue')")
    gp.expect("Step 3 of 3", within="h1")
    gp.expect("Ashdown", within=".entered")
    gp.complaints = [text for text in gp.complaints if not re.search("40[13]", text)]


def test_D20_a_form_hides_the_patient_at_the_lock_and_comes_back_with_all_that_was_typed(
    visitor: Make,
) -> None:
    gp = visitor("gp", width=375)
    gp.go("/referrals/new/")
    gp.choose("presentation.cancer_context", "current")
    gp.choose(NEUROLOGY + "limb_weakness", "yes")
    gp.click("button:has-text('Continue')")
    gp.type("patient.family_name", "Ashdown")
    gp.page.wait_for_timeout(1500)
    half_an_hour_passes()
    gp.type("patient.given_name", "Ada")
    gp.expect("Locked after 30 minutes without use")
    assert "Ashdown" not in gp.page.content()
    gp.is_accessible()
    gp.complaints = [text for text in gp.complaints if "401" not in text]
    gp.click("a:has-text('Sign in again')")
    gp.page.fill("#username", "gp")
    gp.page.fill("#password", PASSWORD)
    gp.page.click("button[type=submit]")
    gp.expect("Step 2 of 3", within="h1")
    for name, text in (("family_name", "Ashdown"), ("given_name", "Ada")):
        assert gp.page.locator(f"[name='patient.{name}']").input_value() == text
    half_an_hour_passes()
    gp.expect("Locked after 30 minutes without use")  # by itself, with nothing typed
    gp.complaints = [text for text in gp.complaints if "401" not in text]


def test_nothing_is_lost_by_a_dead_network_the_back_button_or_a_double_press(visitor: Make) -> None:
    gp = visitor("gp", width=375)
    gp.go("/referrals/new/")
    gp.choose("presentation.cancer_context", "current")
    gp.choose(NEUROLOGY + "limb_weakness", "yes")
    bar = gp.page.locator(".ring-bar")
    assert "Ring now 01632 960999" in bar.inner_text()
    answers = gp.page.locator(f"input[name='{NEUROLOGY}limb_weakness']")
    assert len({answers.nth(place).bounding_box()["y"] for place in range(3)}) == 1
    gp.is_accessible()
    gp.fits_its_width()
    gp.click("button:has-text('Continue')")
    gp.expect("Step 2 of 3", within="h1")
    gp.page.context.set_offline(True)
    type_identity(gp)
    gp.choose("location.kind", "home")
    gp.expect("Not saved: the connection is down")
    gp.click("button:has-text('Continue')")
    gp.expect("Not sent: the service does not answer")
    assert gp.page.locator("[name='patient.given_name']").input_value() == "Ada"
    gp.page.context.set_offline(False)
    gp.expect("Saved. Now: Emergency")
    gp.page.go_back()
    gp.expect("Step 1 of 3", within="h1")
    gp.page.go_forward()
    gp.expect("Step 2 of 3", within="h1")
    assert gp.page.locator("[name='patient.family_name']").input_value() == "Ashdown"
    gp.click("button:has-text('Continue')")
    gp.expect("Step 3 of 3", within="h1")
    gp.page.locator("#send").dblclick()
    gp.expect("What happens next")
    gp.page.go_back()
    gp.expect("What happens next")
    assert Referral.objects.count() == 1
    gp.complaints = [text for text in gp.complaints if "ERR_INTERNET_DISCONNECTED" not in text]


def test_D13_a_referral_is_one_sheet_of_paper_and_says_within_five_seconds_that_it_is_stale(
    visitor: Make,
) -> None:
    everything = {
        f"presentation__{q.path.replace('.', '__')}": "yes" for q in QUESTIONS if q.answers is Answer
    }
    case = submitted(
        "weakness",
        at=now(),
        clinical__notes="Fell twice this week. " * 20,
        clinical__anticoagulant="Apixaban",
        **everything,
    )
    gp = visitor("gp")
    for path in (f"/referrals/{case.reference}/print/", f"/referrals/{case.reference}/"):
        gp.go(path)
        paper = PdfReader(BytesIO(gp.page.pdf(prefer_css_page_size=True)))
        assert len(paper.pages) == 1, path
        words = " ".join(paper.pages[0].extract_text().split())
        for said in (case.reference, "01632 960999", "Weakness of an arm or leg Yes", "Apixaban"):
            assert said in words, said
    gp.page.route("**/live/", lambda route: None)  # hangs
    gp.page.get_by_text("Not up to date since").wait_for(timeout=5000)
    gp.is_accessible()
    gp.page.unroute("**/live/")
    gp.expect("Up to date again")


def test_a_question_stands_at_the_top_of_the_referral_without_a_reload(visitor: Make) -> None:
    case = acknowledged("weakness", at=now() - timedelta(minutes=10))
    gp = visitor("gp", width=375)
    gp.go(f"/referrals/{case.reference}/")
    send_message(case.reference, "Anal tone?", within="2", act=act_by("coordinator", now()))
    gp.expect("The coordinator asks: Anal tone?", within="[data-part=asked]")
    gp.expect("Answer by", within="[data-part=asked]")
    gp.is_accessible()


def test_a_second_referral_of_the_same_person_can_join_the_open_case(visitor: Make) -> None:
    ada = {"nhs_number": "9990000018", "family_name": "Ashdown", "date_of_birth": "1958-02-03"}
    first = submitted("pain_only", at=now(), **{f"patient__{k}": v for k, v in ada.items()})
    gp = visitor("gp", width=375)
    gp.go("/referrals/new/")
    gp.choose("presentation.cancer_context", "current")
    gp.choose(NEUROLOGY + "limb_weakness", "yes")
    gp.click("button:has-text('Continue')")
    type_identity(gp)
    gp.choose("location.kind", "home")
    gp.click("button:has-text('Continue')")
    gp.page.locator('select[name="referrer.role"]').select_option("gp")
    gp.click("button:has-text('Check answers first')")
    gp.expect("Is this one of your open cases?")
    gp.is_accessible()
    gp.choose("join", first.reference)
    gp.click("#send")
    gp.expect("What happens next")
    second = Referral.objects.exclude(pk=first.pk).get()
    assert second.episode_id == first.episode_id
    coordinator = visitor("coordinator")
    coordinator.go(f"/worklist/{second.reference}/")
    coordinator.expect(first.reference)
    coordinator.expect("Same person, one episode")
