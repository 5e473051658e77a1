"""The main job in a browser: sent, paged, acknowledged, triaged, scanned, the clock stopped."""

from collections.abc import Callable
from time import monotonic

import pytest

from kernel.time import now
from oncall.sweep import sweep
from referrals.case.models import Referral
from tests.builders import again, clock
from tests.journeys.conftest import Visitor
from tests.journeys.hands import send_an_emergency

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_from_submission_to_the_scan(visitor: Callable[..., Visitor]) -> None:
    gp = visitor("gp")
    reference = send_an_emergency(gp)
    assert gp.actions <= 12
    gp.expect("Nobody has acknowledged it yet")
    gp.expect("If you have two more minutes")
    gp.is_accessible()
    case = Referral.objects.get(reference=reference)
    assert case.stream == "emergency"

    sweep(at=now())
    gp.expect("Sister Grace Okoro has been paged")  # by itself
    coordinator = visitor("coordinator")
    coordinator.expect("1 emergency waits for somebody")
    assert coordinator.page.title().startswith("(1)")
    coordinator.is_accessible()
    coordinator.go("/pages/")
    coordinator.expect(reference)
    coordinator.is_accessible()
    coordinator.go("/worklist/")
    coordinator.click(f"tr[data-reference='{reference}'] button:has-text('Acknowledge')")
    coordinator.expect("Acknowledged. The referrer sees your name")
    assert clock(case, "acknowledge").stopped_because == "met"

    gp.page.reload()
    gp.expect("Seen by Sister Grace Okoro, MSCC coordinator")

    coordinator.click(f"tr[data-reference='{reference}'] a")
    coordinator.expect("Due now: triage")
    coordinator.is_accessible()
    coordinator.click("#due button:has-text('Record the decision')")
    coordinator.expect("The decision is recorded")
    case = again(case)
    assert case.status == "in_progress"

    coordinator.go(f"/worklist/{reference}/disposition/")
    coordinator.choose("kind", "ambulance")
    coordinator.page.locator("[data-act-form=disposition] [name=site]").fill("Northmoor General Hospital")
    coordinator.page.locator("[data-act-form=disposition] [name=ambulance_category]").select_option(
        "category_2"
    )
    coordinator.page.locator("[data-act-form=disposition] [name=position]").select_option("flat")
    coordinator.click("[data-act-form=disposition] button:has-text('Tell the referrer')")
    coordinator.expect("The referrer sees it now")
    gp.page.reload()
    gp.expect("Where the patient should go: go by ambulance")
    gp.expect("Category 2 (emergency)")
    gp.is_accessible()

    coordinator.go(f"/worklist/{reference}/mri_performed/")
    for region in ("cervical", "thoracic", "lumbar"):
        coordinator.page.locator(f"[data-act-form=mri_performed] [name=regions][value={region}]").check(
            force=True
        )
    coordinator.click("[data-act-form=mri_performed] button:has-text('Record')")
    coordinator.expect("Recorded: scan performed")
    assert clock(case, "mri").stopped_because == "met"
    coordinator.is_accessible()

    lead = visitor("lead")
    lead.go(f"/governance/audit/?case={reference}&show=all")
    for run in lead.page.locator(".audit-run summary").all():
        run.click()
    for words in ("Page written", "Clock stopped"):
        lead.expect(words, within="tbody")
    lead.is_accessible()
    lead.go(f"/governance/audit/?case={reference}")
    for words in ("Referral sent", "Acknowledged", "Triage decision", "Scan performed"):
        lead.expect(words, within="tbody")
    lead.is_accessible()
    lead.click("a:has-text('The data as it stood')")
    lead.expect("What are you looking for?")
    lead.is_accessible()
    lead.choose("purpose", "incident")
    lead.click("button:has-text('Continue')")
    lead.expect("What the guideline said")
    lead.is_accessible()


def test_the_same_without_javascript(visitor: Callable[..., Visitor]) -> None:
    gp = visitor("gp", javascript=False)
    began = monotonic()
    reference = send_an_emergency(gp, look=False)
    human = 2 * gp.actions + gp.characters / 5  # two seconds to find and press, five characters a second
    assert (gp.actions <= 12, human + monotonic() - began < 90) == (True, True)
    sweep(at=now())
    coordinator = visitor("coordinator", javascript=False)
    coordinator.click(f"tr[data-reference='{reference}'] button:has-text('Acknowledge')")
    coordinator.expect("The referrer sees your name")
    coordinator.click(f"tr[data-reference='{reference}'] a")
    coordinator.click("#due button:has-text('Record the decision')")
    coordinator.expect("The decision is recorded")
    coordinator.go(f"/worklist/{reference}/mri_performed/")
    for region in ("cervical", "thoracic", "lumbar"):
        coordinator.page.locator(f"[data-act-form=mri_performed] [name=regions][value={region}]").check(
            force=True
        )
    coordinator.click("[data-act-form=mri_performed] button:has-text('Record')")
    coordinator.expect("Recorded: scan performed")
    assert clock(Referral.objects.get(reference=reference), "mri").stopped_because == "met"
