"""The workspace in a real browser: few presses, no scrolling, a drawer, an open page that hears of everything, paper."""

import re
from datetime import time, timedelta
from io import BytesIO
from time import monotonic

import pytest
from playwright.sync_api import FloatRect
from pypdf import PdfReader

from kernel.time import from_london, london_date, now
from oncall.sweep import sweep
from referrals.case.models import Contact, Event, Referral
from referrals.usecases.acknowledge_referral import acknowledge_referral
from tests.builders import act_by, again, clock, report, submitted, triaged
from tests.journeys.conftest import Visitor
from tests.journeys.hands import Make, fill_in, instant

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
IN_HOSPITAL = {"location__organisation_ods": "RXX01", "location__kind": "ward"}


class Hand:
    """A hand at the mouse that never scrolls: what it cannot see it cannot press."""

    def __init__(self, somebody: Visitor) -> None:
        self.page, self.presses = somebody.page, 0

    def sees(self, selector: str) -> FloatRect:
        """Where it stands in the window; a fault when that is outside."""
        box = self.page.locator(selector).first.bounding_box()
        height = self.page.viewport_size["height"]
        assert box is not None and box["y"] >= 0 and box["y"] + box["height"] <= height, (
            f"{selector} at {box}"
        )
        return box

    def press(self, selector: str) -> None:
        box = self.sees(selector)
        self.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        self.presses += 1


def row(case: Referral) -> str:
    return f"tr[data-reference='{case.reference}']"


def acknowledged(kind: str = "weakness", **changes: str) -> Referral:
    case = submitted(kind, at=now() - timedelta(minutes=2), **changes)
    return acknowledge_referral(case.reference, act=act_by("coordinator", now()))


def test_from_the_board_a_triage_takes_two_presses_a_call_three_and_a_scan_three(visitor: Make) -> None:
    sweep(at=now())
    to_triage = acknowledged()
    to_scan = triaged("pain_only", at=now() - timedelta(hours=1), **IN_HOSPITAL)
    coordinator = visitor("coordinator")
    hand = Hand(coordinator)
    hand.press(f"{row(to_triage)} .board__next >> text=Triage")
    coordinator.expect("Due now: triage")
    hand.press("button:has-text('Record the decision')")
    coordinator.expect("The decision is recorded")
    assert (hand.presses, again(to_triage).status) == (2, "in_progress")
    coordinator.expect("Due now: ring the referrer")
    hand.sees("[data-act-form=contact] button:has-text('Log this call')")

    coordinator.go("/worklist/")
    hand = Hand(coordinator)
    hand.press(f"{row(to_triage)} .board__call")
    coordinator.expect("What came of it")
    hand.press("label:has-text('Spoke')")
    hand.press("button:has-text('Log this call')")
    coordinator.expect("The call is logged")
    assert coordinator.page.url.endswith("/worklist/")
    assert (hand.presses, Contact.objects.get().outcome) == (3, "spoke")

    hand = Hand(coordinator)
    hand.press(f"{row(to_scan)} .board__next >> text=Book the MRI")
    coordinator.expect("Due now: book the MRI")
    hand.press("[name='booked_for.day']")
    noon = from_london(london_date(now()) + timedelta(days=1), time(12))
    for name, value in instant("booked_for", noon).items():
        coordinator.page.locator(f"[name='{name.replace('__', '.')}']").fill(value)
    hand.press("button:has-text('Record the booking')")
    coordinator.expect("Recorded: mri booked")
    assert hand.presses == 3
    assert clock(to_scan, "mri").booked_at is not None


def test_what_matters_stands_in_the_first_glance_at_both_widths(visitor: Make) -> None:
    sweep(at=now())
    case = acknowledged("weakness", clinical__walking_now="not_walking_some_power")
    bottom = "element => element.getBoundingClientRect().bottom"
    for width, height, within in ((1280, 900, 600), (375, 667, 667)):
        coordinator = visitor("coordinator")
        coordinator.page.set_viewport_size({"width": width, "height": height})
        coordinator.go(f"/worklist/{case.reference}/")
        wanted = [".case-head", ".glance__positives", ".glance__open", ".glance__facts"]
        for selector in [*wanted, *([".spine", ".due__title"] if width > 1000 else [])]:
            assert coordinator.page.locator(selector).first.evaluate(bottom) <= within, (selector, width)
        coordinator.page.evaluate("scrollTo(0, 400)")
        assert coordinator.page.locator(".case-head").bounding_box()["y"] <= 1  # type: ignore[index]  # it stays
        coordinator.page.evaluate("scrollTo(0, 0)")
        coordinator.is_accessible()
        coordinator.fits_its_width()


def test_single_key_shortcuts_are_switched_off_on_one_page_and_stay_off_on_every_other(visitor: Make) -> None:
    case = acknowledged()
    coordinator = visitor("coordinator")
    coordinator.go(f"/worklist/{case.reference}/")
    switch = coordinator.page.locator("[data-shortcuts-switch]")
    switch.click()
    assert (switch.inner_text(), switch.get_attribute("aria-pressed")) == (
        "Single-key shortcuts are off",
        "false",
    )
    coordinator.page.locator(".case-head").click()
    coordinator.page.keyboard.press("/")
    coordinator.page.wait_for_timeout(500)
    assert not coordinator.page.locator("#menu-search").is_visible()
    coordinator.is_accessible()
    coordinator.go("/worklist/")
    for key in ("/", "j", "t", "?"):
        coordinator.page.keyboard.press(key)
    assert coordinator.page.url.endswith("/worklist/")
    assert not coordinator.page.locator("#shortcuts").is_visible()
    assert coordinator.page.evaluate("document.activeElement.id") != "search"
    coordinator.page.click("[data-shortcuts]")
    coordinator.page.click("#shortcuts [data-shortcuts-switch]")
    coordinator.page.keyboard.press("Escape")
    coordinator.page.keyboard.press("?")
    coordinator.page.locator("#shortcuts").wait_for()


def test_an_act_is_found_by_typing_and_done_beside_the_case(visitor: Make) -> None:
    case = acknowledged()
    coordinator = visitor("coordinator")
    coordinator.go(f"/worklist/{case.reference}/")
    coordinator.page.keyboard.press("/")
    coordinator.page.locator("#menu-search").wait_for()
    coordinator.page.keyboard.type("death")
    refused = coordinator.page.locator(".drawer .menu-group li:visible")
    assert "No death was reported" in refused.first.inner_text()
    coordinator.page.fill("#menu-search", "")
    assert coordinator.page.locator(".drawer .act-links__refused:visible").count() == 0
    coordinator.page.keyboard.type("not suspected")
    found = coordinator.page.locator(".drawer .menu-group li:visible")
    assert found.all_inner_texts() == ["Not suspected MSCC: redirect"]
    coordinator.page.fill("#menu-search", "transf")
    assert {"Departed", "Arrived", "Where the patient goes"} <= set(found.all_inner_texts())
    coordinator.page.fill("#menu-search", "not suspected")
    coordinator.is_accessible()
    coordinator.page.keyboard.press("Tab")
    coordinator.page.keyboard.press("Enter")
    coordinator.page.locator(".drawer [data-act-form=redirect]").wait_for()
    coordinator.is_accessible()
    coordinator.page.keyboard.press("Escape")
    coordinator.page.locator(".drawer").wait_for(state="hidden")

    coordinator.page.click("a[data-act=contact]")
    form = coordinator.page.locator(".drawer [data-act-form=contact]")
    form.locator("[name=text]").fill("Rang back, legs worse since noon")
    form.locator("button:has-text('Log this call')").click()
    coordinator.expect("There is a problem", within=".drawer")
    coordinator.complaints = [text for text in coordinator.complaints if "422" not in text]
    assert form.locator("[name=text]").input_value() == "Rang back, legs worse since noon"

    # meanwhile somebody else records that it is worse: the page says so and leaves the drawer alone
    began = monotonic()
    report(case, "neurology_changed", at=now(), neurology={"bladder_or_bowel_dysfunction": "yes"})
    coordinator.expect("Neurology worse: ")
    assert monotonic() - began < 6
    assert form.locator("[name=text]").input_value() == "Rang back, legs worse since noon"
    form.locator("[name=outcome][value=spoke]").check(force=True)
    form.locator("button:has-text('Log this call')").click()
    coordinator.expect("The call is logged", within=".said")
    assert coordinator.page.url.endswith(f"/worklist/{case.reference}/")
    coordinator.expect("Rang back, legs worse since noon", within="[data-part=clocks]")
    assert Contact.objects.count() == 1


def test_D25_a_new_emergency_is_announced_once(visitor: Make) -> None:
    sweep(at=now())
    coordinator = visitor("coordinator")
    status = coordinator.page.locator("[data-arrival][role=status]")
    assert status.inner_text() == ""
    submitted("weakness", at=now())
    coordinator.page.locator("[data-arrival]:has-text('New emergency. 1 waits')").wait_for(state="attached")


def test_a_server_that_hangs_is_told_within_five_seconds(visitor: Make) -> None:
    sweep(at=now())
    case = acknowledged()
    for address, words in (
        ("/worklist/", "Stale since"),
        (f"/worklist/{case.reference}/", "Not up to date since"),
    ):
        coordinator = visitor("coordinator")
        coordinator.go(address)
        coordinator.page.route("**/live/**", lambda route: None)  # asked, never answered
        began = monotonic()
        coordinator.expect(words)
        assert monotonic() - began < 5.5, address


def test_D28_a_case_on_paper_is_two_sheets_with_its_patient_on_each(visitor: Make) -> None:
    case = triaged("weakness", at=now() - timedelta(hours=2))
    report(case, "mri_reported", at=now(), result="mscc", regions=["thoracic"])
    coordinator = visitor("coordinator")
    coordinator.go(f"/worklist/{case.reference}/")
    pages = [page.extract_text() for page in PdfReader(BytesIO(coordinator.page.pdf(format="A4"))).pages]
    assert len(pages) <= 2
    for number, words in enumerate(pages, start=1):
        assert case.patient.name in words
        assert case.patient.nhs_number_words in words
        assert case.reference in words
        assert f"Page {number} of {len(pages)}" in words
    assert "Limb weakness" in pages[0]


def test_a_night_without_javascript(visitor: Make) -> None:
    sweep(at=now())
    case = submitted("weakness", at=now(), **IN_HOSPITAL)
    coordinator = visitor("coordinator", javascript=False, width=375)
    coordinator.click(f"{row(case)} button:has-text('Acknowledge')")
    coordinator.expect("Acknowledged. The referrer sees your name")
    coordinator.click(f"{row(case)} .board__patient")
    coordinator.click("button:has-text('Record the decision')")
    coordinator.expect("The decision is recorded")
    coordinator.click("a:has-text('Everything else')")
    coordinator.click("a:has-text('Scan performed')")
    fill_in(coordinator, "mri_performed", "Record")
    coordinator.expect("There is a problem")
    form = coordinator.page.locator("[data-act-form=mri_performed]")
    for region in ("cervical", "thoracic", "lumbar"):
        form.locator(f"[name=regions][value={region}]").check(force=True)
    form.locator("button").click()
    coordinator.expect("Recorded: scan performed")
    assert Event.objects.filter(kind="mri_performed").count() == 1
    coordinator.click("a:has-text('Timeline')")
    coordinator.expect("Triage decision", within=".timeline__item--decision")
    coordinator.complaints = [text for text in coordinator.complaints if "422" not in text]
    assert re.search(r"/timeline/$", coordinator.page.url)
