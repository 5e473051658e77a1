"""Signing in by NHS identity in Chromium: a role chosen, a proof again, signed out there, a role that is gone."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.urls import reverse

from accounts.models import OpenSession, User
from accounts.nhs_identity import links
from kernel.time import now
from tests.builders import actor
from tests.identity_provider import IdentityProvider
from tests.journeys.conftest import Visitor

pytestmark = [pytest.mark.browser]
UID = "555036632103"


def prove_there(somebody: Visitor) -> None:
    """On the provider's own page."""
    somebody.type("sub", UID)
    somebody.click("button:has-text('Authorize')")


def test_somebody_with_two_roles_chooses_one_proves_it_again_and_loses_it(
    visitor: Callable[..., Visitor], identity_provider: IdentityProvider, settings: Any
) -> None:
    grace = visitor()
    settings.BASE_URL = grace.address
    for code, role in (("R8001", "coordinator"), ("R8000", "lead")):
        links.add_meaning(code, "RXX01", role, by=actor("admin"), at=now())
        links.link(User.objects.get(username=role).pk, UID, by=actor("admin"), at=now())
    identity_provider.know(UID, "R8000@RXX01", "R8001@RXX01")
    grace.go("/accounts/login/?next=/on-call/")
    grace.is_accessible()
    grace.click("text=with your NHS identity")
    prove_there(grace)
    grace.page.wait_for_url("**/nhs-identity/role/")
    grace.is_accessible()
    grace.fits_its_width()
    grace.choose("role", str(User.objects.get(username="lead").pk))
    grace.click("button:has-text('Continue')")
    grace.page.wait_for_url("**/on-call/")
    grace.expect("Dr Samuel Adeyemi")

    session = SessionStore(OpenSession.objects.get().session_key)
    session["proved_at"] = "2026-01-01T00:00:00Z"
    session.save()
    grace.go("/accounts/confirm/?next=/guideline/sign-off/")
    grace.is_accessible()
    identity_provider.know(UID, "R8000@RXX01", "R8001@RXX01")
    grace.click("text=with your NHS identity")
    prove_there(grace)
    grace.page.wait_for_url("**/guideline/sign-off/")
    grace.go("/accounts/security/")
    grace.expect("NHS identity, AAL3, role R8000")
    grace.is_accessible()

    left = identity_provider.sign_out(UID, to=grace.address + reverse("nhs_identity_leave"))
    assert left["status"] == 200
    grace.go("/governance/")
    grace.page.wait_for_url("**/accounts/login/**")

    identity_provider.know(UID, "R8001@RXX01")
    grace.go("/accounts/login/")
    grace.click("text=with your NHS identity")
    prove_there(grace)
    grace.page.wait_for_url("**/worklist/")
