"""Sending pages at least once: claimed with a lease, sent under a stable client reference, recorded.

A page about a clock is tried until it is delivered or the clock has moved on. An alarm has no ladder to repeat
it, so it is tried for ever.
"""

import uuid
from contextlib import AbstractContextManager
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import Case, When

from kernel.actors import SERVICE
from ledger.append import append
from ledger.kinds import Kind
from oncall import locks
from oncall.alarms import TEST, kind_of
from oncall.channels import email, loopback, pager, push, sms
from oncall.models import Clock, Page

LEASE = timedelta(seconds=60)
UNDELIVERED = timedelta(seconds=60)  # after this the next rung is climbed at once; attempts go on
ATTEMPTS = 5
MOST_ATTEMPTS = 1000  # counted no further
# Pages of cases before alarms, and alarms before tests.
TURN = Case(When(clock__isnull=False, then=0), When(alarm__startswith=f"{TEST}:", then=2), default=1)
LONGEST_PAUSE = timedelta(minutes=5)
CLOCK_STOPPED = "clock stopped"  # the failure of a page that nobody needs any more
CHANNELS = {"email": email, "sms": sms, "pager": pager, "push": push, "loopback": loopback}  # each has `send`
log = structlog.get_logger(__name__)


def deliver(*, at: datetime) -> int:
    """Send every waiting page; how many were delivered."""
    count = 0
    while (delivered := deliver_next(at=at)) is not None:
        count += delivered
    return count


def deliver_next(channel: str = "", *, at: datetime) -> bool | None:
    """Send the longest-waiting page of a channel, or of any; whether it was delivered, None when no page waits."""
    page = _claim(channel, at=at)
    if page is None:
        return None
    if page.clock is not None and page.clock.stopped_at is not None:
        _close(page, at=at)
        return False
    try:
        is_delivered = CHANNELS[page.channel].send(page, at=at)
    except Exception as fault:  # noqa: BLE001  # one page that fails must not stop the others
        _record_failure(page, _name_of(fault), at=at)
        return False
    if is_delivered:
        _record_delivery(page, at=at)
    else:
        _wait_for_receipt(page, at=at)
    return is_delivered


def alone(channel: str) -> AbstractContextManager[bool]:
    """Whether this process alone delivers by this channel: a slow mail server holds up one worker, not the text messages."""
    return locks.alone(locks.DELIVERING, list(CHANNELS).index(channel))


@transaction.atomic
def _claim(channel: str, *, at: datetime) -> Page | None:
    pages = Page.objects.filter(sent_at=None, failed_at=None, next_attempt_at__lte=at)
    page = (
        (pages.filter(channel=channel) if channel else pages)
        .select_for_update(skip_locked=True, of=("self",))
        .select_related("clock", "recipient")
        .order_by(TURN, "next_attempt_at", "id")
        .first()
    )
    if page is not None:
        page.attempts = min(page.attempts + 1, MOST_ATTEMPTS)
        page.next_attempt_at = at + LEASE
        page.save(update_fields=["attempts", "next_attempt_at"])
    return page


@transaction.atomic
def _record_delivery(page: Page, *, at: datetime) -> None:
    page.sent_at, page.next_attempt_at = at, None
    page.save(update_fields=["sent_at", "next_attempt_at"])
    append(Kind.PAGE_SENT, by=SERVICE, at=at, case=_case_of(page), facts=_facts(page))


@transaction.atomic
def _close(page: Page, *, at: datetime) -> None:
    """Close a page whose clock was stopped meanwhile: nobody is woken for it."""
    page.failed_at, page.failure, page.next_attempt_at = at, CLOCK_STOPPED, None
    page.save(update_fields=["failed_at", "failure", "next_attempt_at"])


def _wait_for_receipt(page: Page, *, at: datetime) -> None:
    """The network has the page and no receipt yet: ask again soon. A late receipt counts as lost."""
    if page.attempts >= ATTEMPTS or at - page.written_at >= UNDELIVERED:
        _record_failure(page, "no receipt", at=at)
    else:
        page.next_attempt_at = at + _pause(page)
        page.save(update_fields=["next_attempt_at"])


@transaction.atomic
def _record_failure(page: Page, fault: str, *, at: datetime) -> None:
    """Plan the next attempt after a growing pause; after the last attempt record that the page has failed."""
    clock = Clock.objects.select_for_update().get(pk=page.clock_id) if page.clock_id else None
    log.warning("page_not_sent", page=page.pk, channel=page.channel, attempt=page.attempts, fault=fault)
    page.failure = fault[:200]
    is_repeated = (
        clock is not None or kind_of(page.alarm) == TEST
    )  # by its ladder, or by the person who asked for it
    if page.attempts >= ATTEMPTS and is_repeated:
        page.failed_at, page.next_attempt_at = at, None
    else:
        page.next_attempt_at = at + _pause(page)
    if not is_repeated and fault.startswith(
        sms.LOST_WORDS
    ):  # a look-up by the old reference would find the lost message again
        page.client_reference = uuid.uuid4()
    page.save(update_fields=["failure", "failed_at", "next_attempt_at", "client_reference"])
    facts = {**_facts(page), "attempt": page.attempts, "fault": fault, "final": page.failed_at is not None}
    append(Kind.PAGE_FAILED, by=SERVICE, at=at, case=_case_of(page), facts=facts)
    if clock is not None and (page.failed_at is not None or at - page.written_at >= UNDELIVERED):
        _pass_on(clock, page.rung, at=at)


def _pause(page: Page) -> timedelta:
    return min(timedelta(seconds=5 * 2 ** min(page.attempts, 8)), LONGEST_PAUSE)


def _name_of(fault: Exception) -> str:
    """The name of a fault, without an address or the text of a page."""
    return str(fault) if type(fault) is ConnectionError else type(fault).__name__


def _pass_on(clock: Clock, rung: int, *, at: datetime) -> None:
    """Let the next sweep climb the next rung at once when a rung reached nobody.

    The last rung keeps its own repetition: there is no further rung.
    """
    if rung >= len(clock.ladder) - 1:
        return
    deliveries = clock.pages.filter(rung=rung).exclude(channel="screen").exclude(sent_at=None)
    if not deliveries.exists():
        Clock.objects.filter(pk=clock.pk, stopped_at=None, climbed=rung + 1).update(pass_on_at=at, next_at=at)


def _case_of(page: Page) -> int | None:
    return page.clock.case if page.clock else None


def _facts(page: Page) -> dict[str, object]:
    return {
        **({"clock": page.clock.kind} if page.clock else {"alarm": page.alarm}),
        "rung": page.rung,
        "recipient": f"user:{page.recipient_id}",
        "channel": page.channel,
        "client_reference": str(page.client_reference),
    }
