"""Delivering: one message of an address at a time, in the order of its case, for three days, with the same id.

Several addresses are served at once, each by a thread that does nothing but send, so that a slow one delays nobody. The
database is asked by the calling thread alone.
"""

import json
import time
from collections.abc import Collection
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from api.webhooks import targets
from api.webhooks.line_facts import WebhookGivenUp
from api.webhooks.models import Attempt, Delivery, Webhook
from api.webhooks.signature import headers_of
from kernel.actors import SERVICE
from ledger.append import append
from ledger.kinds import Kind

LEASE = timedelta(seconds=60)
THREE_DAYS = timedelta(hours=72)
PAUSES = tuple(timedelta(seconds=n) for n in (5, 30, 120, 600, 1800, 3600, 3 * 3600, 6 * 3600))
LONGEST_REST = timedelta(minutes=5)  # of an address that fails, whatever waits for it
AT_ONCE = 16  # addresses
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of one attempt: the status of the answer, or a fault without one."""

    status: int | None
    fault: str
    milliseconds: int

    @property
    def is_taken(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


@dataclass(slots=True, kw_only=True)
class Courier:
    """The threads that send, and what each is sending."""

    seconds: float = targets.SECONDS
    pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(AT_ONCE))
    sending: dict[int, tuple[Delivery, Future[Outcome]]] = field(default_factory=dict)

    def turn(self, *, at: datetime) -> int:
        """Note what has ended and send what is due, without waiting; how many are being sent."""
        for webhook, (delivery, future) in list(self.sending.items()):
            if future.done():
                del self.sending[webhook]
                record(delivery, future.result(), at=at)
        while len(self.sending) < AT_ONCE:
            due = claim(busy=self.sending, at=at)
            if due is None:
                break
            body, headers = message_of(due, at=at)
            future = self.pool.submit(send, due.webhook.url, body, headers, seconds=self.seconds)
            self.sending[due.webhook_id] = due, future
        return len(self.sending)


def message_of(delivery: Delivery, *, at: datetime) -> tuple[bytes, dict[str, str]]:
    """The body, which holds the reference and the kind alone, and its signed headers."""
    body = json.dumps({"kind": delivery.kind, "reference": delivery.reference}).encode()
    return body, headers_of(delivery.webhook, delivery.number, body, at=at)


def send(url: str, body: bytes, headers: dict[str, str], *, seconds: float = targets.SECONDS) -> Outcome:
    """One attempt. A redirect is not followed: it is an answer like any other that is no success."""
    began = time.monotonic()
    status, fault = None, ""
    try:
        status = targets.post(url, body, headers, seconds=seconds)
    except (OSError, ValueError) as problem:  # ValueError: a name that no look-up takes
        fault = f"{type(problem).__name__}: {problem}"[:200]
    return Outcome(status=status, fault=fault, milliseconds=round((time.monotonic() - began) * 1000))


@transaction.atomic
def claim(*, busy: Collection[int] = (), at: datetime) -> Delivery | None:
    """The next delivery that is due, with a lease; none before an earlier one of its case and address has ended."""
    earlier = Delivery.objects.filter(
        webhook=OuterRef("webhook"),
        case=OuterRef("case"),
        id__lt=OuterRef("id"),
        next_attempt_at__isnull=False,
    )
    delivery = (
        Delivery.objects.filter(
            next_attempt_at__lte=at, webhook__ended_at=None, webhook__client__revoked_at=None
        )
        .filter(Q(webhook__rests_until=None) | Q(webhook__rests_until__lte=at))
        .exclude(webhook__in=list(busy))
        .exclude(Exists(earlier))
        .select_for_update(skip_locked=True, of=("self",))
        .select_related("webhook")
        .order_by("next_attempt_at", "id")
        .first()
    )
    if delivery is not None:
        delivery.attempts, delivery.next_attempt_at = delivery.attempts + 1, at + LEASE
        delivery.save(update_fields=["attempts", "next_attempt_at"])
    return delivery


@transaction.atomic
def record(delivery: Delivery, outcome: Outcome, *, at: datetime) -> None:
    """Log an attempt; plan the next, or give up after three days, with a line in the ledger.

    What was done to the delivery while it was being sent stays: an address that was ended gets nothing more, and a
    message that is sent again has its three days anew. The address is locked first, as its owner's acts lock it.
    """
    webhook = Webhook.objects.select_for_update().get(pk=delivery.webhook_id)
    delivery.refresh_from_db(fields=["attempts", "due_since", "given_up_at", "next_attempt_at"])
    Attempt.objects.create(
        delivery=delivery,
        at=at,
        status=outcome.status,
        fault=outcome.fault,
        milliseconds=outcome.milliseconds,
    )
    if outcome.is_taken:
        delivery.delivered_at, delivery.given_up_at, delivery.next_attempt_at = at, None, None
        if webhook.failures:  # it is back: waiting deliveries go out now
            webhook.deliveries.filter(next_attempt_at__gt=at).exclude(pk=delivery.pk).update(
                next_attempt_at=at
            )
        webhook.failures, webhook.rests_until = 0, None
    else:
        log.warning("webhook_not_taken", delivery=delivery.pk, status=outcome.status, fault=outcome.fault)
        webhook.failures += 1
        webhook.rests_until = at + min(_pause(webhook.failures), LONGEST_REST)
        if webhook.ended_at is None:
            _plan(delivery, at=at)
    webhook.save(update_fields=["failures", "rests_until"])
    delivery.save(update_fields=["delivered_at", "given_up_at", "next_attempt_at"])


def _plan(delivery: Delivery, *, at: datetime) -> None:
    ends = delivery.due_since + THREE_DAYS
    if at < ends:
        delivery.next_attempt_at = min(at + _pause(delivery.attempts), ends)
        return
    delivery.given_up_at, delivery.next_attempt_at = at, None
    facts = WebhookGivenUp(webhook=delivery.webhook_id, delivery=delivery.pk, about=delivery.case)
    append(Kind.WEBHOOK_GIVEN_UP, by=SERVICE, at=at, facts=facts)


def _pause(attempts: int) -> timedelta:
    return PAUSES[min(max(attempts, 1), len(PAUSES)) - 1]


def deliver(*, at: datetime) -> int:
    """Send everything that is due, one after another; how many were taken. For tests and for a repair by hand."""
    count = 0
    while (delivery := claim(at=at)) is not None:
        body, headers = message_of(delivery, at=at)
        outcome = send(delivery.webhook.url, body, headers)
        record(delivery, outcome, at=at)
        count += outcome.is_taken
    return count
