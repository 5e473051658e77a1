"""What is known of the spine and of neurology, as people tell it and see it, in a real browser."""

import re
from datetime import timedelta

import pytest

from kernel.time import now, rfc3339
from oncall.models import Page
from oncall.sweep import sweep
from referrals.case.models import Referral
from referrals.usecases.close_referral import close_referral
from tests.builders import actor, again, report, running, triaged
from tests.doors.machines import Machine
from tests.journeys.conftest import Visitor
from tests.journeys.hands import Make, fill_in, the_act

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
IN_HOSPITAL = {"location__organisation_ods": "RXX01"}


def case_page(somebody: Visitor, case: Referral, view: str = "") -> str:
    somebody.go(f"/worklist/{case.reference}/{view}")
    return somebody.page.locator("main").inner_text()


def reported(somebody: Visitor, case: Referral, result: str, *regions: str) -> str:
    """Type a final report of these regions into the form on the case page, and read the page again."""
    case_page(somebody, case)
    part = the_act(somebody, "mri_reported")
    for region in regions:
        part.locator(f'[name="regions"][value="{region}"]').check(force=True)
    part.locator('[name="result"]').evaluate_all(
        "(all, value) => all.forEach(one => one.type === 'radio' ? (one.checked = one.value === value) : (one.value = value))",
        result,
    )
    part.locator('[name="status"][value="final"]').check(force=True)
    part.locator("button:has-text('Record')").click()
    somebody.expect("Recorded: scan reported")
    return case_page(somebody, case)


def test_a_clean_report_of_one_part_stops_nothing_that_another_part_shows(visitor: Make) -> None:
    at = now()
    case = triaged("weakness", at=at - 5 * HOUR)
    for regions, ago in ((["cervical", "thoracic"], 4), (["lumbar"], 3)):
        report(case, "mri_performed", at=at - ago * HOUR, modality="mri", regions=regions)
    report(case, "dexamethasone_given", at=at - 4 * HOUR, dose_mg=16)
    coordinator = visitor("coordinator")
    shown = reported(coordinator, case, "mscc", "cervical", "thoracic")
    assert "It stands until a final report or a named person takes it away" in shown
    shown = reported(coordinator, case, "no_malignant_disease", "lumbar")
    assert "Stop dexamethasone" not in shown
    assert "MSCC is ruled out" not in shown
    assert "It stands until a final report or a named person takes it away" in shown
    assert re.search(r"Lumbar[^:]*:\s+no malignant disease", shown, re.IGNORECASE)
    assert "decision_to_treat" in running(case)
    coordinator.is_accessible()
    coordinator.resize(375)
    coordinator.fits_its_width()


def test_worse_power_at_night_pages_within_seconds(visitor: Make) -> None:
    case = triaged("weakness", at=now() - 2 * HOUR)
    assert "acknowledge" not in running(case)
    began, coordinator = now(), visitor("coordinator")
    case_page(coordinator, case)
    fill_in(coordinator, "deterioration", "Record what is worse", worse="limb_weakness")
    coordinator.expect("Recorded")
    assert {"acknowledge", "voice_contact"} <= running(case), "a sign that was yes already has become worse"
    sweep(at=now())
    page = Page.objects.filter(
        clock__case=case.pk, clock__kind="acknowledge", written_at__gte=began
    ).earliest("id")
    assert page.written_at - page.clock.started_at < timedelta(seconds=30)


def test_a_report_for_a_closed_case_reaches_the_coordinator(visitor: Make) -> None:
    case = triaged("no_cancer", at=now() - 3 * HOUR, **IN_HOSPITAL)
    close_referral(
        case.reference, outcome="advice_only", text="Advice given", by=actor("coordinator"), at=now() - HOUR
    )
    answer = Machine().post(
        f"referrals/{case.reference}/events/",
        {
            "kind": "mri_reported",
            "occurred_at": rfc3339(now()),
            "data": {"result": "mscc", "status": "final", "regions": ["thoracic"]},
        },
    )
    assert answer.status_code == 201, answer.content
    sweep(at=now())
    assert Page.objects.filter(clock__case=case.pk, channel="email").exists()
    coordinator = visitor("coordinator")
    coordinator.go("/worklist/")
    coordinator.expect("for ended cases")
    coordinator.is_accessible()
    shown = case_page(coordinator, case)
    assert case.reference in shown
    fill_in(coordinator, "reopen", "Open it again", text="Compression is reported")
    coordinator.expect("The case is open again. Its clocks run on")
    assert again(case).stream == "emergency"
    assert "decision_to_treat" in running(case)
