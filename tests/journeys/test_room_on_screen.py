"""How much of a screen is left for the work: patients on the board, and what stays while a page is scrolled."""

from datetime import timedelta
from io import BytesIO

import pytest
from pypdf import PdfReader

from kernel.time import now
from mdt.usecases.list_for_mdt import list_for_mdt
from oncall.sweep import sweep
from referrals.case.models import Referral
from referrals.usecases.acknowledge_referral import acknowledge_referral
from tests.builders import act_by, report, submitted
from tests.journeys.hands import Make

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LONG = {
    "patient__family_name": "Llewelyn-Featherstonehaugh",
    "patient__given_name": "Gwenllian Angharad",
    "location__organisation_ods": "RXX01",
    "location__kind": "ward",
    "location__detail": "Acute medical assessment unit, bay 3",
    "presentation__primary_site": "prostate",
}
# What is in sight of each row of the board, the smallest letters of its words, the smallest side of its links.
ROWS = """[...document.querySelectorAll(".board__row")].map((row) => ({
  bottom: row.getBoundingClientRect().bottom,
  clinical: row.querySelector(".board__who .board__words").getBoundingClientRect().height,
  letters: Math.min(...[...row.querySelectorAll("a, strong, span, td, th")].filter((part) => part.checkVisibility())
    .map((part) => parseFloat(getComputedStyle(part).fontSize))),
  target: Math.min(...[...row.querySelectorAll(".board__next a, .board__next button")]
    .filter((part) => part.checkVisibility()).map((part) => part.getBoundingClientRect().height)),
}))"""
# The part of the screen under what stays where it is while the page is scrolled.
STAYING = """[...document.querySelectorAll("body *")].filter((part) => part.checkVisibility()
    && ["sticky", "fixed"].includes(getComputedStyle(part).position))
  .map((part) => part.getBoundingClientRect())
  .filter((box) => box.height && (Math.abs(box.top) <= 1 || Math.abs(box.bottom - innerHeight) <= 1))
  .reduce((sum, box) => sum + box.height, 0) / innerHeight"""


def with_everything(minutes: int) -> Referral:
    """A patient with a long name on a long ward who has become worse: the most that a row says."""
    case = submitted("weakness", at=now() - timedelta(minutes=minutes), **LONG)
    worse = {"bladder_or_bowel_dysfunction": "yes", "cord_or_cauda_equina_signs": "yes"}
    report(case, "neurology_changed", at=now(), neurology=worse)
    return case


# Words that are cut off, or hidden under an edge, in the rows of the board and beside the name of who is signed in.
CUT = """[...document.querySelectorAll(".board__row, .board__row *, .nhsuk-header__account-item, .nhsuk-header__account-item *")]
  .filter((part) => part.checkVisibility() && !part.closest(".nhsuk-u-visually-hidden, svg"))
  .filter((part) => getComputedStyle(part).overflow !== "visible" || getComputedStyle(part).webkitLineClamp !== "none")
  .filter((part) => part.scrollHeight > part.clientHeight + 1 || part.scrollWidth > part.clientWidth + 1)
  .map((part) => part.textContent)"""


def test_the_board_shows_nine_rows_on_a_screen_and_four_on_a_telephone_and_cuts_no_word(
    visitor: Make,
) -> None:
    ward = {name: value for name, value in LONG.items() if not name.endswith("_name")}
    for minutes in range(3, 12):
        submitted("weakness", at=now() - timedelta(minutes=minutes), **ward)
    for minutes in (1, 2):
        with_everything(minutes)
    sweep(at=now())
    coordinator = visitor("coordinator")
    for width, height, patients in ((1280, 900, 9), (375, 667, 4)):
        coordinator.page.set_viewport_size({"width": width, "height": height})
        rows = coordinator.page.evaluate(ROWS)
        assert sum(row["bottom"] <= height for row in rows) >= patients, [row["bottom"] for row in rows]
        assert min(row["clinical"] for row in rows) >= 16
        assert coordinator.page.evaluate(CUT) == []
        words = coordinator.page.locator(".board__row").last.inner_text()
        assert "LLEWELYN-FEATHERSTONEHAUGH, Gwenllian Angharad" in words
        assert "MRI not booked" in words
        assert min(row["letters"] for row in rows) >= 16
        assert min(row["target"] for row in rows) >= 24
        coordinator.fits_its_width()
        coordinator.is_accessible()


def test_what_stays_while_a_page_is_scrolled_takes_a_fifth_of_an_enlarged_screen_at_most(
    visitor: Make,
) -> None:
    case = with_everything(2)
    acknowledge_referral(case.reference, act=act_by("coordinator", now()))
    list_for_mdt(
        case.reference,
        question="surgery",
        text="Unstable?",
        discussion="virtual_urgent",
        asked=("spinal_surgery",),
        act=act_by("coordinator", now()),
    )
    for username, *paths in (
        ("coordinator", f"/worklist/{case.reference}/", "/worklist/"),
        ("mdt", f"/mdt/{case.reference}/"),
        ("gp", f"/referrals/{case.reference}/", "/referrals/new/"),
    ):
        somebody = visitor(username, width=320)
        for path in paths:
            somebody.go(path)
            if path == "/referrals/new/":
                somebody.choose("presentation.neurology.limb_weakness", "yes")
            for width, height in ((320, 256), (640, 512)):  # 1280 by 1024 at 400 % and at 200 %
                somebody.page.set_viewport_size({"width": width, "height": height})
                somebody.page.evaluate("scrollTo(0, 900)")
                assert somebody.page.evaluate(STAYING) <= 0.2, somebody.place
                somebody.fits_its_width()


def test_the_board_on_paper_is_one_table_on_one_sheet_for_twenty_patients(visitor: Make) -> None:
    ward = {name: value for name, value in LONG.items() if not name.endswith("_name")}
    ward["location__detail"] = "Ward 3"
    for minutes in range(1, 21):
        submitted("weakness", at=now() - timedelta(minutes=minutes), **ward)
    coordinator = visitor("coordinator", width=375)
    pages = PdfReader(BytesIO(coordinator.page.pdf(prefer_css_page_size=True, format="A4"))).pages
    assert len(pages) == 1
    words = " ".join(pages[0].extract_text().split())
    assert words.count("Acknowledge") == 20
    for part in (
        "Patient and what is wrong",
        "Ward 3, Northmoor",
        "MRI not booked",
        "Page 1 of 1",
    ):
        assert part in words
    assert "Link:" not in words
    assert "http" not in words
