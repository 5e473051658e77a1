"""Housekeeping deletes what is over and nothing else."""

import uuid
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from oauth2_provider.models import get_access_token_model

from accounts.models import AccessLink, ApiClient
from api.exchange.models import Card, CardLink
from api.webhooks.models import Attempt, Delivery, Webhook
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


def test_attempts_to_deliver_and_cards_go_and_what_still_waits_or_counts_stays(scene: None) -> None:
    hook = Webhook.objects.create(client=ApiClient.objects.get(), url="https://epr.example/in", made_at=NOON)
    for line, due in ((1, None), (2, NOON)):
        row = hook.deliveries.create(
            case=1,
            reference="MSCC-00000-0",
            kind="x",
            ledger_line=line,
            written_at=NOON,
            due_since=NOON,
            next_attempt_at=due,
        )
        for ago in (89, 91):
            row.log.create(at=NOON - ago * DAY, milliseconds=1)
    about = {"client": "c", "service": "s", "topic": "t", "indicator": "info", "ruleset": "r"}
    for ago in (399, 401, 402):
        card = Card.objects.create(number=uuid.uuid4(), shown_at=NOON - ago * DAY, **about)
        if ago < 402:
            card.feedback.create(outcome="accepted", outcome_at=NOON, received_at=NOON)
    for ago in (29, 31):
        CardLink.objects.create(token_hash=f"{ago}", sealed=b"", issued_at=NOON, expires_at=NOON - ago * DAY)
    counts = leftovers.clear(at=NOON)
    told = [counts[name] for name in ("attempts", "cards", "answers to cards", "card links")]
    assert told == [1, 2, 1, 1]
    assert Attempt.objects.filter(delivery__ledger_line=2).count() == 2  # it may still be asked about
    assert Delivery.objects.count() == 2
    assert Card.objects.get().feedback.count() == 1
    assert CardLink.objects.get().token_hash == "29"
