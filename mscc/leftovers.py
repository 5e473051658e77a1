"""Deletes expired data: ended sessions and tokens, used links and keys, old attempts to sign in or to deliver.

No record of a case, no page, no line and no history: the web role could not delete those. See
docs/adr/0040-installed-by-the-book.md.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from oauth2_provider.models import get_access_token_model, get_grant_model

from accounts.models import AccessLink
from api.exchange.models import Card, CardFeedback, CardLink
from api.webhooks.models import Attempt
from referrals.case.idempotency import LIFE
from referrals.case.models import IdempotencyKey

AT_A_TIME = 2000  # rows in one statement, so that none runs for long
MOST = 100  # statements for one kind in one run; the next run goes on
LINKS = timedelta(days=30)
TRIES = timedelta(days=2)
SIGN_INS = timedelta(days=180)
DELIVERIES = timedelta(days=90)  # the log of each attempt; whether a delivery was taken stays
CARDS = timedelta(days=400)  # so that the lead can compare a month with that of the year before


def _leftovers(at: datetime) -> Iterator[tuple[str, QuerySet[Any]]]:
    day = timedelta(days=1)
    tokens = get_access_token_model()
    yield "sessions", Session.objects.filter(expire_date__lt=at)
    yield "tokens", tokens.objects.filter(expires__lt=at - day, refresh_token__isnull=True)
    yield "grants", get_grant_model().objects.filter(expires__lt=at - day)
    yield "keys", IdempotencyKey.objects.filter(used_at__lt=at - LIFE)
    yield "links", AccessLink.objects.filter(expires_at__lt=at - LINKS)
    yield "tries", AccessAttempt.objects.filter(attempt_time__lt=at - TRIES)
    yield "failures", AccessFailureLog.objects.filter(attempt_time__lt=at - SIGN_INS)
    yield "sign-ins", AccessLog.objects.filter(attempt_time__lt=at - SIGN_INS)
    yield "attempts", Attempt.objects.filter(at__lt=at - DELIVERIES, delivery__next_attempt_at=None)
    yield "card links", CardLink.objects.filter(expires_at__lt=at - LINKS)
    yield "answers to cards", CardFeedback.objects.filter(card__shown_at__lt=at - CARDS)
    yield "cards", Card.objects.filter(shown_at__lt=at - CARDS, feedback=None)


def clear(*, at: datetime) -> dict[str, int]:
    """Delete expired rows, a few thousand at a time; how many of each kind. Safe to repeat and to interrupt."""
    return {name: _delete(rows) for name, rows in _leftovers(at)}


def _delete(rows: QuerySet[Any]) -> int:
    count = 0
    for _ in range(MOST):
        numbers = list(rows.order_by("pk").values_list("pk", flat=True)[:AT_A_TIME])
        if numbers:
            count += rows.filter(pk__in=numbers).delete()[0]
        if len(numbers) < AT_A_TIME:
            break
    return count
