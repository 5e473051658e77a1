"""Signing in by a passkey in Chromium, with the authenticator that its developers' protocol has; and opening a record."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pyotp
import pytest

from kernel.time import now
from tests.builders import submitted
from tests.journeys.conftest import Visitor
from tests.journeys.hands import there_is_a_problem

pytestmark = [pytest.mark.browser]


def test_a_coordinator_sets_up_a_passkey_and_signs_in_with_it(
    visitor: Callable[..., Visitor], settings: Any
) -> None:
    grace = visitor()
    grace.address = grace.address.replace("127.0.0.1", "localhost")  # a passkey belongs to a name
    settings.BASE_URL = grace.address
    protocol = grace.page.context.new_cdp_session(grace.page)
    protocol.send("WebAuthn.enable")
    about = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    authenticator = protocol.send("WebAuthn.addVirtualAuthenticator", {"options": about})
    grace.sign_in("coordinator")
    grace.go("/accounts/security/passkey/")
    grace.is_accessible()
    grace.type("label", "Work telephone")
    grace.click("button:has-text('Set up a passkey')")
    grace.page.wait_for_url("**/recovery-codes/")
    grace.click("text=Make ten recovery codes")
    grace.expect("they are not shown again")
    grace.go("/accounts/security/")
    grace.expect("Work telephone")
    grace.is_accessible()
    grace.click("text=Sign out")
    grace.page.wait_for_url("**/login/**")
    grace.sign_in("coordinator")
    grace.page.wait_for_url("**/second-step/")
    grace.is_accessible()
    grace.click("button:has-text('Use a passkey')")
    grace.page.wait_for_url("**/worklist/")
    grace.click("text=Sign out")
    grace.page.wait_for_url("**/login/**")
    protocol.send("WebAuthn.removeVirtualAuthenticator", authenticator)
    protocol.detach()


def test_a_lead_sets_up_an_app_and_signs_in_with_its_code_without_javascript(
    visitor: Callable[..., Visitor],
) -> None:
    lead = visitor("lead", javascript=False)
    lead.go("/accounts/security/app/")
    secret = lead.page.locator("code").inner_text().replace(" ", "")
    lead.type("code", pyotp.TOTP(secret).at(now() - timedelta(seconds=30)))
    lead.click("text=Set it up")
    lead.page.wait_for_url("**/recovery-codes/")
    lead.click("text=Sign out")
    lead.sign_in("lead")
    lead.page.wait_for_url("**/second-step/")
    lead.type("code", pyotp.TOTP(secret).at(now()))
    lead.click("button:has-text('Continue')")
    lead.page.wait_for_url("**/governance/")
    lead.expect("Dr Samuel Adeyemi")


def test_a_ward_opens_a_record_with_a_reason_and_the_lead_reviews_it(visitor: Callable[..., Visitor]) -> None:
    case = submitted("weakness", at=now(), patient__family_name="Quillfeather")
    ward = visitor("ward", width=375)
    ward.go("/referrals/")
    ward.click("text=Open a record that is not yours")
    ward.is_accessible()
    ward.click("button:has-text('Open the record for one hour')")
    there_is_a_problem(
        ward, "Choose why you need it", "Enter the reference, or the NHS number and the date of birth"
    )
    ward.type("reference", case.reference)
    ward.choose("reason", "patient_here")
    ward.type("text", "She was brought here by ambulance")
    ward.click("button:has-text('Open the record for one hour')")
    ward.page.wait_for_url(f"**/referrals/{case.reference}/")
    ward.expect("QUILLFEATHER")
    ward.expect("You opened this record with a reason")
    ward.is_accessible()
    lead = visitor("lead")
    lead.go("/governance/")
    lead.click("text=Records opened with a reason: 1 to review")
    lead.is_accessible()
    lead.click(f"a:has-text('{case.reference}')")
    lead.expect("She was brought here by ambulance")
    lead.expect("Record viewed")
    lead.is_accessible()
    lead.choose("justified", "yes")
    lead.type("text", "The ambulance sheet says so")
    lead.click("button:has-text('Save the review')")
    lead.expect("Justified, says Dr Samuel Adeyemi")
