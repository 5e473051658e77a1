"""Sending pages at least once: claimed with a lease, sent under a stable client reference, recorded.

A page that says that somebody is needed is tried until it is delivered or its clock has moved on; an alarm,
which no ladder repeats, is tried for ever.
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
STOPPED = "clock stopped"  # why a page was not sent that nobody needs any more
CHANNELS = {"email": email, "sms": sms, "pager": pager, "push": push, "loopback": loopback}  # each has `send`
log = structlog.get_logger(__name__)


def deliver(*, at: datetime) -> int:
    """Send every page that waits; how many were delivered."""
    delivered = 0
    while (sent := deliver_next(at=at)) is not None:
        delivered += sent
    return delivered


def deliver_next(channel: str = "", *, at: datetime) -> bool | None:
    """Send the page that waits longest, of one channel or of any; whether it was delivered, None when none waits."""
    page = _claim(channel, at=at)
    if page is None:
        return None
    if page.clock is not None and page.clock.stopped_at is not None:
        _close(page, at=at)
        return False
    try:
        delivered = CHANNELS[page.channel].send(page, at=at)
    except Exception as fault:  # noqa: BLE001  # one page that cannot be sent stalls no other
        _not_sent(page, _name_of(fault), at=at)
        return False
    if delivered:
        _sent(page, at=at)
    else:
        _on_its_way(page, at=at)
    return delivered


def alone(channel: str) -> AbstractContextManager[bool]:
    """Whether nobody else delivers by this channel: a slow mail server holds one worker up, and no text message."""
    return locks.alone(locks.DELIVERING, list(CHANNELS).index(channel))


@transaction.atomic
def _claim(channel: str, *, at: datetime) -> Page | None:
    waiting = Page.objects.filter(sent_at=None, failed_at=None, next_attempt_at__lte=at)
    page = (
        (waiting.filter(channel=channel) if channel else waiting)
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
def _sent(page: Page, *, at: datetime) -> None:
    page.sent_at, page.next_attempt_at = at, None
    page.save(update_fields=["sent_at", "next_attempt_at"])
    append(Kind.PAGE_SENT, by=SERVICE, at=at, case=_case_of(page), facts=_facts(page))


@transaction.atomic
def _close(page: Page, *, at: datetime) -> None:
    """Somebody has answered meanwhile: nobody is woken for it."""
    page.failed_at, page.failure, page.next_attempt_at = at, STOPPED, None
    page.save(update_fields=["failed_at", "failure", "next_attempt_at"])


def _on_its_way(page: Page, *, at: datetime) -> None:
    """The network has it and cannot say yet; asked again soon, and late is as good as lost."""
    if page.attempts >= ATTEMPTS or at - page.written_at >= UNDELIVERED:
        _not_sent(page, "no receipt", at=at)
    else:
        page.next_attempt_at = at + _pause(page)
        page.save(update_fields=["next_attempt_at"])


@transaction.atomic
def _not_sent(page: Page, fault: str, *, at: datetime) -> None:
    """Try again with a growing pause; after the last attempt the page has failed, and says so."""
    clock = Clock.objects.select_for_update().get(pk=page.clock_id) if page.clock_id else None
    log.warning("page_not_sent", page=page.pk, channel=page.channel, attempt=page.attempts, fault=fault)
    page.failure = fault[:200]
    repeated = clock is not None or kind_of(page.alarm) == TEST  # by its ladder, or by whoever asked for it
    if page.attempts >= ATTEMPTS and repeated:
        page.failed_at, page.next_attempt_at = at, None
    else:
        page.next_attempt_at = at + _pause(page)
    if not repeated and fault.startswith(
        sms.LOST_WORDS
    ):  # under its old reference it would only be found again
        page.client_reference = uuid.uuid4()
    page.save(update_fields=["failure", "failed_at", "next_attempt_at", "client_reference"])
    facts = {**_facts(page), "attempt": page.attempts, "fault": fault, "final": page.failed_at is not None}
    append(Kind.PAGE_FAILED, by=SERVICE, at=at, case=_case_of(page), facts=facts)
    if clock is not None and (page.failed_at is not None or at - page.written_at >= UNDELIVERED):
        _pass_on(clock, page.rung, at=at)


def _pause(page: Page) -> timedelta:
    return min(timedelta(seconds=5 * 2 ** min(page.attempts, 8)), LONGEST_PAUSE)


def _name_of(fault: Exception) -> str:
    """What went wrong, without an address or a text of ours."""
    return str(fault) if type(fault) is ConnectionError else type(fault).__name__


def _pass_on(clock: Clock, rung: int, *, at: datetime) -> None:
    """A rung that reached nobody is not waited out: the next one is climbed by the next sweep.

    The last rung keeps its own repetition: there is nobody further to hurry to.
    """
    if rung >= len(clock.ladder) - 1:
        return
    reached = clock.pages.filter(rung=rung).exclude(channel="screen").exclude(sent_at=None)
    if not reached.exists():
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
