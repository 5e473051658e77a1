"""Housekeeping deletes what is over and nothing else."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from oauth2_provider.models import get_access_token_model

from accounts.models import AccessLink
from mscc import leftovers
from referrals.case.models import IdempotencyKey
from tests.builders import NOON

pytestmark = pytest.mark.django_db
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


def test_what_is_over_goes_and_what_is_still_good_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leftovers, "AT_A_TIME", 2)
    for number in range(5):
        Session.objects.create(session_key=f"over{number}", session_data="", expire_date=NOON - MINUTE)
        IdempotencyKey.objects.create(owner="a", key=f"old{number}", used_at=NOON - 7 * DAY - MINUTE)
    Session.objects.create(session_key="good", session_data="", expire_date=NOON + MINUTE)
    IdempotencyKey.objects.create(owner="a", key="good", used_at=NOON - 7 * DAY + MINUTE)
    for name, ended in (("over", NOON - DAY - MINUTE), ("good", NOON + MINUTE)):
        get_access_token_model().objects.create(token=name, expires=ended, scope="")
    for name, ended in (("over", NOON - 30 * DAY - MINUTE), ("good", NOON - DAY)):
        AccessLink.objects.create(
            token_hash=name, purpose="sign_in", email="a@example.nhs.uk", asked_at=NOON, expires_at=ended
        )
    counts = leftovers.clear(at=NOON)
    assert (counts["sessions"], counts["keys"], counts["tokens"], counts["links"]) == (5, 5, 1, 1)
    assert Session.objects.get().session_key == IdempotencyKey.objects.get().key == "good"
    assert get_access_token_model().objects.get().token == AccessLink.objects.get().token_hash == "good"
    assert set(leftovers.clear(at=NOON).values()) == {0}
