"""The second half of the pathway in a real browser: MDT, treatment, plan, discharge, the lead's measures."""

from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from playwright.sync_api import Locator
from pypdf import PdfReader

from kernel.time import london_date, now
from mdt.models import Decision, Item, Meeting, Opinion, Plan
from mdt.usecases.list_for_mdt import list_for_mdt
from oncall.models import Clock
from referrals.case.models import Event, Letter, Referral
from tests.builders import act_by, clock, report, running, scan, triaged
from tests.journeys.conftest import Visitor
from tests.journeys.hands import Make, fill_in, instant, the_act, there_is_a_problem, to_the_minute
from tests.journeys.test_a_night_of_work import case_page, overflow, pdf_text

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
MR_PRICE, DR_MOSS, DR_GREY = "Mr Alun Price", "Dr Helen Moss", "Dr Fiona Grey"
ALL_AGREE = {
    "spoken__spinal_surgery__position": "agrees",
    "spoken__spinal_surgery__name": MR_PRICE,
    "spoken__oncology__position": "agrees",
    "spoken__oncology__name": DR_MOSS,
    "spoken__radiology__position": "agrees",
    "spoken__radiology__name": DR_GREY,
}
ENOUGH_TO_SIGN = {
    "plan__key_worker": "Nurse Kit Barlow, acute oncology",
    "plan__destination": "home",
    "plan__who_to_call": "The coordinator, 01632 960999",
}
FOCUSED = "document.activeElement.name"


def reported(*, hours: float = 1) -> Referral:
    """An emergency that was decided on, scanned, and reported as MSCC so many hours ago."""
    at = now()
    case = triaged("weakness", at=at - timedelta(hours=hours + 3))
    scan(case, at=at - timedelta(hours=hours + 1))
    report(case, "mri_reported", at=at - timedelta(hours=hours), result="mscc", verified=True)
    return case


def asked_now(case: Referral, *specialties: str) -> None:
    list_for_mdt(
        case.reference,
        question="surgery",
        text="",
        discussion="virtual_urgent",
        asked=specialties,
        act=act_by("coordinator", now() - timedelta(minutes=10)),
    )


def admitted(case: Referral, *, at: datetime) -> None:
    report(case, "admitted", at=at, by="coordinator", recorded_at=now())


def tick(part: Locator, name: str, *values: str) -> None:
    for value in values:
        part.locator(f'input[name="{name}"][value="{value}"]').check(force=True)


def write(part: Locator, button: str, **values: str) -> None:
    """Fill in a form that always stands open, whatever its inputs are, and press its button."""
    for name, value in values.items():
        field = part.locator(f'[name="{name.replace("__", ".")}"]')
        kind = field.first.evaluate("(field) => field.type")
        if kind == "select-one":
            field.select_option(value)
        elif kind in ("radio", "checkbox"):
            tick(part, name.replace("__", "."), value)
        else:
            field.fill(value)
    part.locator(f"button:has-text('{button}')").click()


def day(name: str, at: datetime) -> dict[str, str]:
    """What is typed for a date."""
    return {part: value for part, value in instant(name, at).items() if not part.endswith("__time")}


def decide(somebody: Visitor, case: Referral, code: str, **values: str) -> None:
    """Choose a treatment on its page and sign its form."""
    somebody.go(f"/mdt/{case.reference}/treatment/")
    somebody.page.locator("#modality").select_option(code)
    somebody.click("button:has-text('Open the form')")
    write(somebody.page.locator("#treatment-form"), "Sign", **values)


def mdt_page(somebody: Visitor, case: Referral) -> None:
    somebody.go(f"/mdt/{case.reference}/")


def give_the_opinion_that_is_asked(somebody: Visitor, case: Referral, specialty: str, words: str) -> None:
    """From the MDT's start page to the signed opinion."""
    somebody.go("/mdt/")
    somebody.expect(f"Asked of {specialty}", within="#asked")
    somebody.click(f"section[aria-labelledby=asked] a:has-text('{case.reference}')")
    somebody.page.wait_for_url(f"**/mdt/{case.reference}/**")
    fill_in(somebody, "opinion", "Sign the opinion", opinion__grade="consultant", opinion__words=words)
    somebody.expect("The opinion is signed")
    somebody.expect(words, within=f".opinion--given:has-text('{specialty.capitalize()}')")


def measured(lead: Visitor, measure: str) -> list[str]:
    """One measure as the lead sees it to the end of tomorrow: its two numbers, literally and adjusted."""
    lead.go(f"/governance/?to={london_date(now()) + timedelta(days=1)}")
    numbers: list[str] = lead.page.locator(f"tr[data-measure='{measure}'] .measures__number a").evaluate_all(
        "(links) => links.map((link) => link.firstChild.textContent)"
    )
    return numbers


def nothing_is_written_over(somebody: Visitor, *sentences: str, axe: bool = True) -> None:
    """The page says why it was refused; what the browser notes of a 409 is no complaint."""
    somebody.expect("There is a problem")
    for sentence in sentences:
        somebody.expect(sentence, within=".nhsuk-error-summary")
    somebody.complaints = [text for text in somebody.complaints if "409" not in text]
    if axe:
        somebody.is_accessible()


def test_from_a_scan_reported_as_mscc_to_the_first_fraction(visitor: Make) -> None:
    case, at = reported(), to_the_minute(now())
    coordinator = visitor("coordinator")
    case_page(coordinator, case)
    fill_in(coordinator, "mdt", "Put to the MDT", question="radiotherapy", discussion="virtual_urgent")
    there_is_a_problem(coordinator, "Choose at least one specialty that is asked now")
    tick(the_act(coordinator, "mdt"), "asked", "spinal_surgery", "oncology", "radiology")
    fill_in(coordinator, "mdt", "Put to the MDT", text="Walks with one stick since this morning")
    coordinator.expect("Asked now: each specialty is paged")
    assert Clock.objects.filter(case=case.pk, kind="specialist_opinion", stopped_at=None).count() == 3

    surgeon, oncologist, radiologist = (visitor(name) for name in ("mdt", "mdt-oncology", "mdt-radiology"))
    surgeon.go("/mdt/")
    surgeon.expect("Walks with one stick since this morning", within="section[aria-labelledby=asked]")
    give_the_opinion_that_is_asked(surgeon, case, "spinal surgery", "Too many levels for an operation")
    give_the_opinion_that_is_asked(oncologist, case, "oncology", "One fraction today")
    give_the_opinion_that_is_asked(radiologist, case, "radiology", "Compression at T7, T9 and L1")
    surgeon.go("/mdt/")
    surgeon.expect("No opinions are awaited")
    assert "specialist_opinion" not in running(case)

    case_page(coordinator, case)
    coordinator.click("a:has-text('Treatment and MDT')")
    coordinator.click("a:has-text('Opinions and decision of the MDT')")
    for words in ("Too many levels for an operation", "One fraction today", "Compression at T7, T9 and L1"):
        coordinator.expect(words, within=".opinions")
    decision = {
        "decision__outcomes": "radiotherapy",
        "decision__surgery_suitable": "no",
        "decision__recommendation": "8 Gy in one fraction today: too many levels to operate on",
        "decision__owner": f"{DR_MOSS}, 01632 960111",
        "decision__chaired_by": DR_MOSS,
        **ALL_AGREE,
        **instant("decision__decided_at", at - timedelta(minutes=31)),
    }
    fill_in(coordinator, "decision", "Sign the decision", **decision)
    there_is_a_problem(coordinator, "Choose at least one reason, so that it can be looked at again")
    assert not Decision.objects.exists()
    fill_in(coordinator, "decision", "Sign the decision", decision__surgery_reasons="many_levels")
    coordinator.expect("The decision is signed. Each contact is asked to carry out their part")
    for name in (MR_PRICE, DR_MOSS, DR_GREY):
        coordinator.expect(name, within=".decision--newest p:has-text('Agreed:')")
    assert (Decision.objects.get().quorum_met, "task" in running(case)) == (True, True)

    decided, started = at - timedelta(minutes=30), at - timedelta(minutes=5)
    decide(oncologist, case, "rt_single_8gy", treatment__decided_by=DR_MOSS)
    there_is_a_problem(oncologist, "Fill in “Levels and fields”")
    write(
        oncologist.page.locator("#treatment-form"),
        "Sign",
        treatment__grade="consultant",
        treatment__consent="consented",
        treatment__levels="T7 to L1, one posterior field",
        treatment__side_effect_risk="usual",
        treatment__wants_radiotherapy="yes",
        **instant("treatment__decided_at", decided),
    )
    oncologist.expect("Signed: Radiotherapy, 8 Gy in a single fraction")
    oncologist.expect("23 hours", within=".clock[data-kind=radiotherapy]")
    promised = clock(case, "radiotherapy")
    assert (promised.started_at, promised.limit_hours, promised.stopped_at) == (decided, 24, None)
    assert "task" not in running(case)
    oncologist.click("a:has-text('Record its progress, or change it')")
    assert oncologist.page.locator("[name='treatment.levels']").input_value().startswith("T7 to L1")
    write(oncologist.page.locator("#treatment-form"), "Sign", **instant("treatment__started_at", started))
    oncologist.expect("version 2")
    oncologist.expect("Done", within=".clock--stopped[data-kind=radiotherapy]")
    assert clock(case, "radiotherapy").stopped_at == started

    oncologist.go(f"/mdt/{case.reference}/summary/")
    oncologist.expect("Decided: Radiotherapy.", within=".summary")
    printed = PdfReader(BytesIO(oncologist.page.pdf(prefer_css_page_size=True))).pages
    assert len(printed) == 1
    sheet = printed[0].extract_text()
    assert sheet.startswith(f"{case.patient.name}, NHS number {case.patient.nhs_number_words}, born ")
    assert case.reference in sheet
    assert "Page 1 of 1" in sheet

    lead = visitor("lead")
    assert measured(lead, "6") == ["1 of 1", "1 of 1"]
    lead.click("tr[data-measure='6'] .measures__number a")
    lead.expect("MSCC, not for surgery: radiotherapy within 24 hours")
    lead.expect(case.reference, within="tbody")
    lead.expect("25 minutes", within="tbody")


def test_to_surgery_brace_a_signed_plan_and_home(visitor: Make, tmp_path: Path) -> None:
    case, at = reported(hours=3), to_the_minute(now())
    coordinator = visitor("coordinator", width=375)
    mdt_page(coordinator, case)
    fill_in(
        coordinator,
        "decision",
        "Sign the decision",
        decision__outcomes="surgery",
        decision__surgery_suitable="yes",
        decision__recommendation="Decompress tonight",
        decision__owner=f"{MR_PRICE}, spinal surgeon, 01632 960106",
        decision__chaired_by=MR_PRICE,
        spoken__spinal_surgery__position="agrees",
        spoken__spinal_surgery__name=MR_PRICE,
        **instant("decision__decided_at", at - timedelta(minutes=150)),
    )
    there_is_a_problem(
        coordinator, "Name who decided to go ahead without them", "Write why it could not wait"
    )
    assert not Decision.objects.exists()
    fill_in(
        coordinator,
        "decision",
        "Sign the decision",
        decision__without_quorum_by=MR_PRICE,
        decision__without_quorum_because="The legs get weaker by the hour",
    )
    coordinator.expect("The decision is signed")
    coordinator.expect("Without a quorum:", within=".decision--newest")
    coordinator.expect("The legs get weaker by the hour", within=".decision--newest")
    assert overflow(coordinator) == 0

    surgeon = visitor("mdt")
    decide(
        surgeon,
        case,
        "surgery_decompression",
        treatment__decided_by=MR_PRICE,
        treatment__grade="consultant",
        treatment__consent="consented",
        treatment__procedure="Laminectomy T9",
        treatment__urgency="now",
        **instant("treatment__decided_at", at - timedelta(minutes=140)),
    )
    surgeon.expect("Signed: Surgery: decompression")
    surgeon.click("a:has-text('Record its progress, or change it')")
    early = instant("treatment__started_at", at - timedelta(minutes=160))
    write(surgeon.page.locator("#treatment-form"), "Sign", **early)
    there_is_a_problem(surgeon, "This is before it was decided: check both times")
    begun = instant("treatment__started_at", at - timedelta(minutes=120))
    write(surgeon.page.locator("#treatment-form"), "Sign", **begun)
    surgeon.expect("Signed: Surgery: decompression")
    decide(
        surgeon,
        case,
        "external_support",
        treatment__decided_by=MR_PRICE,
        treatment__grade="consultant",
        treatment__consent="consented",
        treatment__support="tlso",
        treatment__wearing="When up, six weeks",
    )
    surgeon.expect("Signed: External support")
    surgeon.expect("Thoraco-lumbar orthosis", within="article:has-text('External support')")
    assert Event.objects.get(kind="surgery_started").occurred_at == at - timedelta(minutes=120)

    admitted(case, at=at - timedelta(minutes=130))
    case_page(coordinator, case)
    coordinator.click("a:has-text('Treatment and MDT')")
    coordinator.click("a:has-text('Management plan')")
    plan = coordinator.page.locator("#plan-form")
    write(plan, "Save", plan__goals="To sit in the garden")
    coordinator.expect("Saved. It is not signed yet")
    assert "discharge_plan" not in running(case)
    write(plan, "Sign the plan")
    there_is_a_problem(
        coordinator,
        "Name the key worker",
        "Say who to ring if symptoms come back",
        "Choose where the person goes",
        "Enter when ongoing care was assessed",
        "Enter when rehabilitation was assessed",
    )
    coordinator.click(".nhsuk-error-summary a:has-text('Name the key worker')")
    assert coordinator.page.evaluate(FOCUSED) == "plan.key_worker"
    coordinator.click(".nhsuk-error-summary a:has-text('Enter when rehabilitation was assessed')")
    assert coordinator.page.evaluate(FOCUSED) == "plan.rehabilitation_assessed_on.day"
    assert not Plan.objects.filter(signed=True).exists()
    write(
        plan,
        "Sign the plan",
        **ENOUGH_TO_SIGN,
        **day("plan__ongoing_care_assessed_on", at),
        **day("plan__rehabilitation_assessed_on", at),
    )
    coordinator.expect("The plan is signed")
    coordinator.expect("Version 2 signed by Sister Grace Okoro")
    coordinator.click("button:has-text('Your plan, for the person')")
    coordinator.expect("Issued: Your plan, for the person")
    name, words = pdf_text(coordinator, coordinator.page.locator("#copies + ul a"), tmp_path)
    assert name == f"{case.reference}-plan_person-1.pdf"
    assert Letter.objects.get(kind="plan_person").code in words
    assert "To sit in the garden" in words
    assert "Ring at once, day or night" in words

    case_page(coordinator, case)
    coordinator.click("a:has-text('Treatment and MDT')")
    coordinator.expect("The management plan is signed")
    fill_in(coordinator, "discharge", "Record the discharge")
    coordinator.expect("Recorded: discharged")
    assert not Clock.objects.filter(case=case.pk, kind="radiotherapy").exists()
    assert "discharge_plan" not in running(case)
    lead = visitor("lead")
    assert measured(lead, "7") == ["1 of 1", "1 of 1"]


def test_nobody_leaves_without_a_plan_but_by_an_exception_with_a_name(visitor: Make) -> None:
    case, at = reported(hours=3), now()
    admitted(case, at=at - timedelta(hours=2))
    coordinator = visitor("coordinator", width=375)
    case_page(coordinator, case)
    fill_in(coordinator, "discharge", "Record the discharge")
    there_is_a_problem(coordinator, "Sign the management plan first, or choose why")
    fill_in(coordinator, "discharge", "Record the discharge", without_plan="left_against_advice")
    there_is_a_problem(coordinator, "Name the senior clinician who decided it")
    assert not Event.objects.filter(kind="discharged").exists()
    fill_in(
        coordinator, "discharge", "Record the discharge", text="Dr Miriam Katz: he left before he was seen"
    )
    coordinator.expect("Recorded: discharged")
    coordinator.go(f"/worklist/{case.reference}/timeline/")
    coordinator.expect("Dr Miriam Katz: he left before he was seen", within=".timeline")
    assert "discharge_plan" in running(case)
    lead = visitor("lead", width=375)
    assert measured(lead, "7") == ["0 of 1", "0 of 1"]
    lead.expect("Discharged without a plan: the person left against advice: 1", within="tr[data-measure='7']")
    lead.click("tr[data-measure='7'] a:has-text('not met')")
    lead.expect(case.reference, within="tbody")
    lead.expect("Discharged without a plan: the person left", within="tbody")
    assert overflow(lead) == 0


def test_two_write_the_same_opinion_at_once_and_nothing_is_lost(visitor: Make) -> None:
    case = reported()
    asked_now(case, "spinal_surgery")
    surgeon, coordinator = visitor("mdt"), visitor("coordinator")
    mdt_page(surgeon, case)
    mdt_page(coordinator, case)
    mine = "No operation: too frail for an anaesthetic"
    surgeon.type("opinion.words", mine)
    fill_in(
        coordinator,
        "opinion",
        "Sign the opinion",
        specialty="spinal_surgery",
        opinion__given_by=f"{MR_PRICE}, on the telephone",
        opinion__words="He will look at the images first",
    )
    coordinator.expect("The opinion is signed")
    fill_in(surgeon, "opinion", "Sign the opinion")
    nothing_is_written_over(surgeon, "Sister Grace Okoro has written version 1 since you opened this")
    assert surgeon.page.locator("[name='opinion.words']").input_value() == mine
    surgeon.expect("He will look at the images first", within=".opinion--given")
    surgeon.expect("recorded by Sister Grace Okoro", within=".opinion--given")
    assert Opinion.objects.get().content["words"] == "He will look at the images first"
    fill_in(surgeon, "opinion", "Sign the opinion")
    surgeon.expect("The opinion is signed")
    surgeon.expect(mine, within=".opinion--given")
    assert [row.by_name for row in Opinion.objects.order_by("version")] == ["Sister Grace Okoro", MR_PRICE]
    surgeon.click("summary:has-text('Earlier versions of spinal surgery')")
    surgeon.expect("He will look at the images first", within=".opinion--given details[open]")


def test_a_meeting_is_planned_filled_by_rule_and_ended_when_each_case_is_decided(visitor: Make) -> None:
    case, at = reported(), now()
    coordinator, surgeon = visitor("coordinator"), visitor("mdt", width=375)
    coordinator.go("/mdt/")
    coordinator.click("summary:has-text('Plan a meeting')")
    plan = coordinator.page.locator("form[action='/mdt/meetings/']")
    starts, closes = (
        instant("starts_at", at + timedelta(hours=3)),
        instant("cut_off_at", at + timedelta(hours=1)),
    )
    write(plan, "Plan", **starts, **instant("cut_off_at", at + timedelta(hours=4)), place="Room 4")
    there_is_a_problem(coordinator, "The list closes before the meeting starts: enter an earlier time")
    write(plan, "Plan", **closes)
    coordinator.expect("The meeting is planned. Its list is made by rule until the cut-off")
    coordinator.click("button:has-text('Add cases by rule now')")
    coordinator.expect("1 case added by rule")
    coordinator.expect("Compression is reported and the MDT has not decided", within="tbody tr")
    coordinator.expect(case.reference, within="tbody tr")
    meeting = Meeting.objects.get()

    late = triaged("pain_only", at=at - timedelta(hours=2))
    coordinator.click("summary:has-text('Move the meeting')")
    move = coordinator.page.locator("form:has(input[name=do][value=move])")
    write(move, "Move", **instant("cut_off_at", at - timedelta(minutes=2)))
    coordinator.expect("The list closed")
    assert coordinator.page.locator("button:has-text('Add cases by rule now')").count() == 0
    put = coordinator.page.locator("form:has(input[name=do][value=put])")
    write(put, "Add", reference=late.reference)
    there_is_a_problem(coordinator, "write why this cannot wait for the next meeting")
    write(put, "Add", text="Cannot sleep for the pain")
    coordinator.expect("Added. Somebody else has to approve it")
    assert coordinator.page.locator("button:has-text('Approve')").count() == 0
    surgeon.go(f"/mdt/meetings/{meeting.pk}/")
    surgeon.expect("Cannot sleep for the pain", within=".waiting")
    surgeon.click("button:has-text('Approve')")
    surgeon.expect("Approved")
    assert Item.objects.get(referral=late).approved_by_name == MR_PRICE
    assert overflow(surgeon) == 0

    coordinator.go(f"/mdt/meetings/{meeting.pk}/")
    for one in (case, late):
        coordinator.click("button:has-text('End the meeting')")
        nothing_is_written_over(coordinator, f"Not decided yet: {one.reference}")
        coordinator.click(f"tr:has-text('{one.reference}') a:has-text('Decide')")
        coordinator.page.locator("details#decision[open]").wait_for()
        assert coordinator.page.locator("#decision-meeting").input_value() == str(meeting.pk)
        fill_in(
            coordinator,
            "decision",
            "Sign the decision",
            decision__outcomes="no_action",
            decision__recommendation="Nothing now",
            decision__owner="Nobody",
            decision__chaired_by=DR_MOSS,
            spoken__oncology__position="agrees",
            spoken__oncology__name=DR_MOSS,
        )
        coordinator.expect("The decision is signed")
        coordinator.go(f"/mdt/meetings/{meeting.pk}/")
        coordinator.expect("No action", within=f"tr:has-text('{one.reference}')")
    coordinator.click("button:has-text('End the meeting')")
    coordinator.expect("Ended by Sister Grace Okoro")
    coordinator.go("/mdt/")
    coordinator.expect("No meeting is planned")


def tab_to(somebody: Visitor, selector: str) -> None:
    """Press Tab until the focus is there."""
    for _ in range(120):
        somebody.page.keyboard.press("Tab")
        if somebody.page.evaluate("(wanted) => document.activeElement.matches(wanted)", selector):
            return
    raise AssertionError(f"the keyboard does not reach {selector}")


def test_an_opinion_is_given_by_keyboard_alone_without_javascript(visitor: Make) -> None:
    case = reported()
    asked_now(case, "spinal_surgery")
    surgeon = visitor("mdt", javascript=False)
    keyboard = surgeon.page.keyboard
    surgeon.go("/mdt/")
    tab_to(surgeon, f"section[aria-labelledby=asked] a[href^='/mdt/{case.reference}/']")
    keyboard.press("Enter")
    surgeon.page.wait_for_url(f"**/mdt/{case.reference}/**")
    tab_to(surgeon, "#opinion-form [name='opinion.recommends'][value=radiotherapy]")
    keyboard.press("Space")
    tab_to(surgeon, "#opinion-form [name='opinion.surgery_suitable']")
    tab_to(surgeon, "#opinion-form button")
    keyboard.press("Enter")
    there_is_a_problem(surgeon, "Fill in “Opinion”", axe=False)
    tab_to(surgeon, ".nhsuk-error-summary a")
    keyboard.press("Enter")
    tab_to(surgeon, "#opinion-form [name='opinion.words']")
    keyboard.type("Walks unaided, so no operation tonight")
    tab_to(surgeon, "#opinion-form button")
    keyboard.press("Enter")
    surgeon.expect("The opinion is signed")
    surgeon.expect("Walks unaided, so no operation tonight", within=".opinion--given")
    given = Opinion.objects.get()
    assert (given.specialty, given.by_name) == ("spinal_surgery", MR_PRICE)
    assert given.content["recommends"] == ["radiotherapy"]
