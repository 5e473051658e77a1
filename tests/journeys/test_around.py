"""What happens around the thin chain, in a real browser."""

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.models import User
from governance.incidents import Report, report_incident
from kernel.time import now
from ledger.seal import make_seal
from mdt.usecases.plan_meeting import plan_meeting
from mdt.usecases.put_on_agenda import assemble
from oncall.contact_methods import send_test_page
from oncall.models import Page, Shift
from oncall.page_links import token_of
from oncall.roster import swap_shift
from oncall.sweep import sweep
from referrals.case.models import Referral
from referrals.usecases.acknowledge_referral import acknowledge_referral
from referrals.usecases.ask_for import ask_for
from tests.builders import act_by, actor, again, report, submitted, triaged
from tests.journeys.hands import NEUROLOGY, Make, fill_in, half_an_hour_passes, type_identity

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WIDTHS = frozenset({1280, 375})


def test_the_worklist_updates_by_itself_within_ten_seconds(visitor: Make) -> None:
    coordinator = visitor("coordinator")
    coordinator.expect("New referrals appear here automatically")
    case = submitted("weakness", at=now())
    coordinator.page.locator(f"tr[data-reference='{case.reference}']").wait_for(timeout=10_000)
    coordinator.page.wait_for_function("document.title.startsWith('(1)')")


def test_an_idle_board_locks_without_patient_data_and_goes_on_counting(visitor: Make) -> None:
    sweep(at=now())
    coordinator = visitor("coordinator")
    case = submitted("weakness", at=now())
    coordinator.page.locator(f"tr[data-reference='{case.reference}']").wait_for(timeout=10_000)
    half_an_hour_passes()
    coordinator.expect("Locked after 30 minutes without use")
    shown = coordinator.page.content()
    assert case.patient.family_name.upper() not in shown
    assert "Sister Grace" not in shown
    submitted("cauda_equina", at=now())
    coordinator.expect("2 emergencies wait for somebody")
    coordinator.complaints = [text for text in coordinator.complaints if "401" not in text]
    coordinator.click("a:has-text('Sign in again')")
    coordinator.page.fill("#username", "coordinator")
    coordinator.page.fill("#password", "demo-mscc-2026")
    coordinator.page.click("button[type=submit]")
    coordinator.expect("2 emergencies wait for somebody")


def test_a_call_note_survives_a_reload(visitor: Make) -> None:
    case = triaged("weakness", at=now())
    coordinator = visitor("coordinator")
    coordinator.go(f"/worklist/{case.reference}/")
    with coordinator.page.expect_response("**/drafts/"):
        coordinator.type("text", "Half a sentence about")
    coordinator.page.reload()
    coordinator.expect("You started “Log a call”")
    coordinator.click(".begun a")
    kept = coordinator.page.locator(".drawer [name=text]")
    kept.wait_for()
    assert kept.input_value() == "Half a sentence about"


def test_problems_are_named_and_linked(visitor: Make) -> None:
    gp = visitor("gp")
    gp.go("/referrals/new/")
    gp.choose(NEUROLOGY + "limb_weakness", "yes")
    gp.click("button:has-text('Continue')")
    gp.expect("There is a problem")
    assert gp.page.title().startswith("Error: ")
    gp.is_accessible()
    gp.click(".nhsuk-error-summary a")
    assert gp.page.evaluate("document.activeElement.name") == "presentation.cancer_context"
    gp.choose("presentation.cancer_context", "current")
    gp.click("button:has-text('Continue')")
    gp.expect("Who the patient is")
    gp.type("patient.nhs_number", "999 000 0019")
    gp.type("patient.date_of_birth.day", "31")
    gp.type("patient.date_of_birth.month", "2")
    gp.type("patient.date_of_birth.year", "1958")
    gp.click("button:has-text('Continue')")
    for words in (
        "a digit is mistyped or swapped",
        "Enter a real date",
        "Enter the family name",
        "where the patient is now",
    ):
        gp.expect(words)
    gp.is_accessible()
    gp.complaints = [text for text in gp.complaints if "422" not in text]


def test_none_present_and_a_yes_contradict_each_other(visitor: Make) -> None:
    gp = visitor("gp")
    gp.go("/referrals/new/")
    gp.choose("presentation.cancer_context", "current")
    gp.choose(NEUROLOGY + "limb_weakness", "yes")
    gp.choose("none_present.neurology", "yes")
    gp.click("button:has-text('Continue')")
    gp.expect("You chose that none of these is present, and yes to: Weakness of an arm or leg")
    gp.complaints = [text for text in gp.complaints if "422" not in text]


def test_none_present_answers_the_whole_group(visitor: Make) -> None:
    gp = visitor("gp")
    gp.go("/referrals/new/")
    gp.choose("presentation.cancer_context", "current")
    gp.choose("none_present.neurology", "yes")
    gp.click("button:has-text('Continue')")
    gp.expect("Pain and stability")
    gp.choose("presentation.pain.nocturnal", "yes")
    gp.expect("MRI of the whole spine at the local hospital")
    gp.is_accessible()
    gp.click("button:has-text('Continue')")
    gp.expect("Scan safety and current state")
    gp.is_accessible()
    gp.click("button:has-text('Continue')")
    type_identity(gp)
    gp.choose("location.kind", "home")
    gp.click("button:has-text('Continue')")
    gp.page.locator('select[name="referrer.role"]').select_option("gp")
    gp.click("button:has-text('Continue')")
    gp.click("#send")
    gp.expect("What happens next")
    case = Referral.objects.get()
    assert (case.stream, case.answered_as_group) == ("one_week", ["neurology"])


def test_the_coordinator_files_the_same_form_for_a_caller(visitor: Make) -> None:
    coordinator = visitor("coordinator")
    coordinator.click("a:has-text('Telephone referral')")
    coordinator.expect("Everything on one page")
    coordinator.type("called_at.time", "00:05")
    coordinator.type("referrer.name", "Dr Caller")
    coordinator.page.locator('select[name="referrer.role"]').select_option("gp")
    coordinator.type("referrer.organisation_ods", "Y12345")
    coordinator.type("referrer.callback_number", "01632 960101")
    coordinator.choose("presentation.cancer_context", "current")
    coordinator.page.locator(f'input[name="{NEUROLOGY}bladder_or_bowel_dysfunction"]').first.focus()
    coordinator.page.keyboard.press("n")
    coordinator.page.keyboard.press("y")
    coordinator.expect("Saved. Now: Emergency")
    coordinator.is_accessible()
    coordinator.click("button:has-text('Send referral')")
    coordinator.expect("There is a problem")
    coordinator.is_accessible()
    coordinator.complaints = [text for text in coordinator.complaints if "422" not in text]
    type_identity(coordinator)
    coordinator.choose("location.kind", "gp_surgery")
    coordinator.click("button:has-text('Send referral')")
    coordinator.expect("Due now: ")
    case = Referral.objects.get()
    assert case.source == "telephone"
    assert case.called_at is not None
    assert case.called_at < case.submitted_at


def test_two_coordinators_on_one_case(visitor: Make) -> None:
    case = acknowledge_referral(submitted("pain_only", at=now()).reference, act=act_by("coordinator", now()))
    first, second = visitor("coordinator"), visitor("registrar")
    for somebody in (first, second):
        somebody.go(f"/worklist/{case.reference}/")
    first.click("#due button:has-text('Record the decision')")
    first.expect("The decision is recorded")
    second.click("#due button:has-text('Record the decision')")
    second.expect("Somebody else has changed this case since you opened it")
    assert again(case).stream == "one_week"


def test_the_mdt_sees_what_a_coordinator_lists(visitor: Make) -> None:
    case = triaged("weakness", at=now())
    coordinator = visitor("coordinator")
    coordinator.go(f"/worklist/{case.reference}/")
    fill_in(
        coordinator,
        "mdt",
        "Put to the MDT",
        question="surgery",
        text="T8, walking with a frame",
        discussion="scheduled",
    )
    coordinator.expect("Listed for MDT")
    surgeon = visitor("mdt")
    surgeon.expect("Is surgery suitable?")
    surgeon.is_accessible()
    surgeon.click(f"a:has-text('{case.patient.family_name.upper()}')")
    surgeon.expect("T8, walking with a frame")
    surgeon.is_accessible()


OF_A_CASE = (
    "",
    "known/",
    "scans/",
    "talk/",
    "care-and-mdt/",
    "timeline/",
    "acts/",
    "triage/",
    "contact/",
    "mri_reported/",
)


@pytest.mark.long
def test_every_page_is_accessible_at_both_widths(visitor: Make) -> None:
    at = now()
    sweep(at=at)
    case = triaged("weakness", at=at - timedelta(minutes=30))
    submitted("weakness", at=at)
    submitted("not_examined", at=at)
    sweep(at=at)
    paged = Page.objects.filter(clock__kind="acknowledge", channel="email").latest("id")
    User.objects.filter(username="registrar").update(duties=["coordinator", "deputy"])
    held = Shift.objects.get(duty="coordinator", starts_at__lte=at, ends_at__gt=at)
    swap_shift(held.pk, username="registrar", by=actor("lead"), at=at)
    send_test_page("email", by=actor("coordinator"), at=at)
    tested = Page.objects.get(alarm__startswith="test:")
    ask_for(
        case.reference,
        kind="task",
        owed_by="deputy",
        text="Ring the ward",
        within="4",
        act=act_by("coordinator", at),
    )
    report(case, "mri_reported", at=at, result="mscc")
    meeting = plan_meeting(
        starts_at=at + timedelta(days=1),
        cut_off_at=at + timedelta(hours=20),
        place="Room",
        by=actor("coordinator"),
        at=at,
    )
    assemble(meeting, at=at)
    assert make_seal(at=at)
    incident = report_incident(
        Report(
            reference=case.reference,
            happened_at=at,
            kind="delay",
            harm="low",
            text="Nobody rang back",
            done_at_once="",
        ),
        act=act_by("gp", at),
    )
    of_case = [
        f"/referrals/{case.reference}/{part}"
        for part in ("", "print/", "summary/", "patient-sheet/", "more/", "worse/", "files/")
    ]
    pages = {
        "": [
            "/accounts/login/",
            "/about/",
            "/guideline/?stage=steroid",
            "/guideline/drawing/",
            "/guideline/rules/",
            "/on-call/runbooks/stalled-sweep/",
            reverse("answer_page", args=[token_of(paged)]),
            reverse("answer_page", args=[token_of(tested)]),
            "/api/docs/",
            "/accounts/link/",
            "/letters/",
            "/nothing/",
        ],
        "gp": ["/referrals/", "/referrals/new/", *of_case, "/on-call/", "/downtime/"],
        "coordinator": [
            "/worklist/",
            *(f"/worklist/{case.reference}/{view}" for view in OF_A_CASE),
            f"/worklist/{case.reference}/scores/?kind=sins",
            f"/worklist/{case.reference}/record/",
            "/referrals/new/",
            "/pages/",
            "/mdt/",
            f"/mdt/meetings/{meeting.pk}/",
            f"/mdt/{case.reference}/",
            f"/mdt/{case.reference}/summary/",
            f"/mdt/{case.reference}/treatment/rt_multifraction/",
            f"/mdt/{case.reference}/plan/",
            f"/mdt/{case.reference}/outcomes/",
            "/mailbox/",
            "/worklist/locked/",
            "/on-call/reach/",
            "/on-call/hand-over/",
        ],
        "registrar": ["/on-call/hand-over/"],
        "lead": [
            "/governance/",
            "/governance/measures/3/",
            "/governance/audit/?show=all",
            "/governance/editions/",
            "/governance/openings/",
            "/governance/unusual/",
            "/governance/exports/",
            "/governance/inequalities/",
            "/governance/incidents/",
            "/governance/incidents/new/",
            f"/governance/incidents/{incident.pk}/",
            reverse("check_ledger"),
            "/access/",
            "/guideline/sign-off/",
            "/on-call/",
            "/pages/",
            f"/worklist/{case.reference}/",
        ],
        "admin": [
            "/settings/",
            "/settings/users/",
            "/settings/users/new/",
            "/settings/organisations/",
            "/settings/sites/",
            "/settings/first-run/",
        ],
        "mdt": ["/mdt/"],
    }
    for username, addresses in pages.items():
        somebody = visitor(username)
        for address in addresses:
            somebody.go(address)
            somebody.page.evaluate(
                "document.querySelectorAll('details').forEach((one) => { one.open = true })"
            )
            somebody.is_accessible()  # one page is loaded wide, the next narrow
            for width in (somebody.width, *(WIDTHS - {somebody.width})):
                somebody.resize(width)
                somebody.fits_its_width()
        somebody.complaints = [text for text in somebody.complaints if "404" not in text]


def test_an_emergency_is_acknowledged_by_keyboard_alone(visitor: Make) -> None:
    case = submitted("weakness", at=now())
    coordinator = visitor("coordinator")
    presses = ["Tab", "Tab", "Enter"]  # past the frame, to the first case
    for press in (*presses, *["Tab"] * 3):
        coordinator.page.keyboard.press(press)
        if coordinator.page.evaluate("document.activeElement.textContent.trim().startsWith('Acknowledge')"):
            break
    coordinator.page.keyboard.press("Enter")
    coordinator.expect("The referrer sees your name")
    assert again(case).status == "acknowledged"


def test_a_referral_is_sent_by_keyboard_alone(visitor: Make) -> None:
    gp = visitor("gp")
    gp.go("/referrals/new/")
    keyboard = gp.page.keyboard

    def reach(name: str, value: str = "") -> None:
        """Tab to a field; arrow keys choose among radios."""
        for _ in range(80):
            keyboard.press("Tab")
            found = gp.page.evaluate("[document.activeElement.name, document.activeElement.value]")
            if found[0] == name:
                break
        for _ in range(6):
            if not value or gp.page.evaluate(
                "[document.activeElement.value, document.activeElement.checked]"
            ) == [value, True]:
                return
            keyboard.press("Space" if found[1] == value else "ArrowUp")
            found = gp.page.evaluate("[document.activeElement.name, document.activeElement.value]")
        raise AssertionError(f"{name} cannot be set to {value} by keyboard")

    reach("presentation.cancer_context", "current")
    reach(NEUROLOGY + "limb_weakness", "yes")
    keyboard.press("Enter")
    gp.expect("Who the patient is")
    type_identity(gp)
    reach("location.kind", "home")
    keyboard.press("Enter")
    gp.expect("Step 3 of 3", within="h1")
    reach("referrer.role")
    keyboard.type("GP")
    reach("referrer.email")
    keyboard.press("Enter")
    gp.expect("Check and send")
    for _ in range(40):
        keyboard.press("Tab")
        if gp.page.evaluate("document.activeElement.id") == "send":
            break
    keyboard.press("Enter")
    gp.expect("What happens next")
    assert Referral.objects.get().stream == "emergency"
