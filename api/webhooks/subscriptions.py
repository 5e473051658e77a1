"""Subscriptions of a hospital system: made, changed, given a new secret, ended; and deliveries sent again on request."""

import uuid
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db.models import QuerySet

from accounts.models import ApiClient
from api.webhooks.kinds import CODES
from api.webhooks.line_facts import WebhookChanged, WebhookReplayed
from api.webhooks.models import Delivery, Webhook
from api.webhooks.signature import secret_of
from api.webhooks.targets import Forbidden, addresses_of, target_of
from kernel.actors import Actor, Role
from kernel.patience import Patience
from kernel.refusals import Denied, Invalid, NotFound, OutOfTurn
from ledger.append import append
from ledger.kinds import Kind
from ledger.transaction import one_transaction

MOST = 20  # of one hospital system
LOOKING_UP = Patience(seconds=3, most=2)  # a look-up of a name has no end of its own
OVERLAP_HOURS, MOST_OVERLAP_HOURS = 24, 24 * 7
WAITING, DELIVERED, GIVEN_UP = "waiting", "delivered", "given_up"
STATES = (WAITING, DELIVERED, GIVEN_UP)


def own(by: Actor) -> QuerySet[Webhook]:
    """The subscriptions of a hospital system that have not ended, the oldest first."""
    return Webhook.objects.filter(client=_number_of(by), ended_at=None).order_by("id")


def find(number: int, *, by: Actor) -> Webhook:
    """One subscription; NotFound when it is another system's or has ended."""
    webhook = own(by).filter(pk=number).first()
    if webhook is None:
        raise NotFound("You have no such webhook")
    return webhook


def state_of(delivery: Delivery) -> str:
    """Whether it waits, was delivered, or was given up."""
    if delivery.delivered_at is not None:
        return DELIVERED
    return GIVEN_UP if delivery.given_up_at is not None else WAITING


def deliveries_of(webhook: Webhook, *, state: str = "") -> QuerySet[Delivery]:
    """The deliveries of an address with their attempts, the newest first."""
    rows = webhook.deliveries.prefetch_related("log").order_by("-id")
    if state == DELIVERED:
        return rows.filter(delivered_at__isnull=False)
    if state == GIVEN_UP:
        return rows.filter(given_up_at__isnull=False)
    return rows.filter(next_attempt_at__isnull=False) if state == WAITING else rows


def given_up() -> QuerySet[Delivery]:
    """The deliveries that nobody took in three days, of addresses still in use, the newest first."""
    rows = Delivery.objects.filter(given_up_at__isnull=False, webhook__ended_at=None)
    return rows.select_related("webhook__client").order_by("-given_up_at", "-id")


def subscribe(url: str, kinds: Collection[str], *, by: Actor, at: datetime) -> tuple[Webhook, str]:
    """Add an address, and return it with its secret, which is shown once."""
    _check(url, kinds)  # a name is looked up, which takes its time: before the act, which holds locks
    return _subscribe(url, kinds, by=by, at=at)


@one_transaction()
def _subscribe(url: str, kinds: Collection[str], *, by: Actor, at: datetime) -> tuple[Webhook, str]:
    client = ApiClient.objects.select_for_update().get(pk=_number_of(by))
    if own(by).count() >= MOST:
        raise OutOfTurn(f"A hospital system has {MOST} webhooks at most: end one first")
    webhook = Webhook.objects.create(client=client, url=url, kinds=_in_order(kinds), made_at=at)
    _append(webhook, "added", by=by, at=at)
    return webhook, secret_of(webhook.salt)


def change(number: int, url: str, kinds: Collection[str], *, by: Actor, at: datetime) -> Webhook:
    """Change the address and the kinds. What waits goes to the new address."""
    find(number, by=by)
    _check(url, kinds)
    return _change(number, url, kinds, by=by, at=at)


@one_transaction()
def _change(number: int, url: str, kinds: Collection[str], *, by: Actor, at: datetime) -> Webhook:
    webhook = _held(number, by=by)
    webhook.url, webhook.kinds, webhook.rests_until = url, _in_order(kinds), None
    webhook.save(update_fields=["url", "kinds", "rests_until"])
    _append(webhook, "changed", by=by, at=at)
    return webhook


@one_transaction()
def rotate(number: int, *, overlap_hours: int = OVERLAP_HOURS, by: Actor, at: datetime) -> str:
    """Give an address a new secret and return it. Until the overlap ends, deliveries are signed by both."""
    webhook = _held(number, by=by)
    if not 0 <= overlap_hours <= MOST_OVERLAP_HOURS:
        words = f"Enter whole hours from 0 to {MOST_OVERLAP_HOURS}"
        raise Invalid("The overlap is wrong", errors={"overlap_hours": [words]})
    webhook.earlier_salt, webhook.salt = webhook.salt, uuid.uuid4()
    webhook.earlier_until = at + timedelta(hours=overlap_hours)
    webhook.save(update_fields=["salt", "earlier_salt", "earlier_until"])
    _append(webhook, "secret_rotated", by=by, at=at)
    return secret_of(webhook.salt)


@one_transaction()
def end(number: int, *, by: Actor, at: datetime) -> None:
    """End a subscription. Nothing more goes there, not even what waits."""
    webhook = _held(number, by=by)
    webhook.ended_at = at
    webhook.save(update_fields=["ended_at"])
    webhook.deliveries.filter(next_attempt_at__isnull=False).update(next_attempt_at=None, given_up_at=at)
    _append(webhook, "ended", by=by, at=at)


@one_transaction()
def replay(number: int, delivery: int, *, by: Actor, at: datetime) -> Delivery:
    """Send a delivery again with its own id, by its owner, a coordinator or the administrator."""
    webhook = _any_held(number) if by.role in (Role.COORDINATOR, Role.ADMINISTRATOR) else _held(number, by=by)
    row = webhook.deliveries.select_for_update().filter(pk=delivery).first()
    if row is None:
        raise NotFound("There is no such delivery")
    row.due_since = row.next_attempt_at = at
    row.delivered_at = row.given_up_at = None
    row.attempts = 0
    row.save(update_fields=["due_since", "next_attempt_at", "delivered_at", "given_up_at", "attempts"])
    webhook.rests_until = None
    webhook.save(update_fields=["rests_until"])
    facts = WebhookReplayed(webhook=webhook.pk, delivery=row.pk, about=row.case)
    append(Kind.WEBHOOK_REPLAYED, by=by, at=at, facts=facts)
    return row


def _held(number: int, *, by: Actor) -> Webhook:
    webhook = own(by).select_for_update().filter(pk=number).first()
    if webhook is None:
        raise NotFound("You have no such webhook")
    return webhook


def _any_held(number: int) -> Webhook:
    webhook = Webhook.objects.select_for_update().filter(pk=number, ended_at=None).first()
    if webhook is None:
        raise NotFound("There is no such webhook")
    return webhook


def _number_of(by: Actor) -> int:
    kind, _, number = by.key.partition(":")
    if kind != "client":
        raise Denied("Only a hospital system has webhooks")
    return int(number)


def _check(url: str, kinds: Collection[str]) -> None:
    errors: dict[str, list[str]] = {}
    if set(kinds) - set(CODES):
        errors["kinds"] = [f"List any of: {', '.join(CODES)}"]
    try:
        target = target_of(url)
        LOOKING_UP.wait_for(lambda: addresses_of(target))
    except Forbidden as problem:
        errors["url"] = [str(problem)]
    except TimeoutError:
        errors["url"] = ["This name could not be looked up in time: check the address, or try again"]
    except (OSError, ValueError):
        errors["url"] = ["This host name was not found: check the address"]
    if errors:
        raise Invalid("The webhook was not saved", errors=errors)


def _in_order(kinds: Collection[str]) -> list[str]:
    return [code for code in CODES if code in kinds]


def _append(webhook: Webhook, step: str, *, by: Actor, at: datetime) -> None:
    facts = WebhookChanged(webhook=webhook.pk, step=step, kinds=webhook.kinds)
    append(Kind.WEBHOOK_CHANGED, by=by, at=at, facts=facts)
