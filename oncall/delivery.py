"""Sending pages at least once: claimed with a lease, sent under a stable client reference, recorded.

A page is due while its clock runs: it is tried until it is delivered, refused for good, or replaced by a later page of
its clock to the same person. An alarm has no ladder to repeat it, so it is tried until it is delivered.
"""

import uuid
from contextlib import AbstractContextManager
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import Case, QuerySet, When

from kernel import spans
from kernel.actors import SERVICE
from ledger.append import append
from ledger.kinds import Kind
from oncall import locks, ways
from oncall.alarms import TEST, kind_of
from oncall.bundle import BUNDLED, TO_BUNDLE
from oncall.channels import email, loopback, pager, push, sms
from oncall.channels.faults import Refused, name_of
from oncall.line_facts import PageFailed, PageSent
from oncall.models import Clock, Page
from oncall.reach import NoAddress
from oncall.start import EMERGENCY

LEASE = timedelta(seconds=60)
UNDELIVERED = timedelta(seconds=60)  # after this the next rung is climbed at once; attempts go on
ATTEMPTS = 5  # up to here each is in the ledger, then every tenth
MOST_ATTEMPTS = 1000  # counted no further
# Emergencies before other cases, cases before alarms, and alarms before tests.
TURN = Case(
    When(clock__stream=EMERGENCY, then=0),
    When(clock__isnull=False, then=1),
    When(alarm__startswith=f"{TEST}:", then=3),
    default=2,
)
LONGEST_PAUSE = timedelta(minutes=1)
CLOCK_STOPPED, SUPERSEDED = "clock stopped", "a later page replaced it"  # of pages that nobody needs any more
REMOVED = "the channel was removed"
AWAITED, NO_RECEIPT = "waiting for its receipt", "no receipt"
NOT_NEEDED = (CLOCK_STOPPED, SUPERSEDED, BUNDLED)
UNFINISHED = "the attempt did not end"  # the failure of a page while it is being sent
CHANNELS = {"email": email, "sms": sms, "pager": pager, "push": push, "loopback": loopback}  # each has `send`
log = structlog.get_logger(__name__)


def deliver(*, at: datetime) -> int:
    """Send every waiting page; how many were delivered."""
    count = 0
    while (delivered := deliver_next(at=at)) is not None:
        count += delivered
    return count


def deliver_next(channel: str = "", *, at: datetime) -> bool | None:
    """Send the most urgent page of a channel, or of any; whether it was delivered, None when no page waits."""
    page = _claim(channel, at=at)
    if page is None:
        return None
    if page.clock is not None and (reason := _not_needed(page)):
        _close(page, reason, at=at)
        return False
    with spans.span(f"page by {page.channel}", usecase="deliver_page"):
        return _deliver(page, at=at)


def _deliver(page: Page, *, at: datetime) -> bool:
    try:
        is_delivered = CHANNELS[page.channel].send(page, at=at)
    except Exception as fault:  # noqa: BLE001  # one page that fails must not stop the others
        _record_failure(page, fault, at=at)
        return False
    if not is_delivered:
        _wait_for_receipt(page, at=at)
        return False
    _record_delivery(page, at=at)
    if ways.works(page.channel, at=at):  # back: what waited for its next attempt goes out now
        _waiting(page.channel).filter(next_attempt_at__gt=at).exclude(failure=UNFINISHED).update(
            next_attempt_at=at
        )
    return True


def alone(channel: str) -> AbstractContextManager[bool]:
    """Whether this process alone delivers by this channel."""
    return locks.alone(locks.DELIVERING, list(CHANNELS).index(channel))


def take_up(channel: str, *, at: datetime) -> None:
    """Try at once what another process was sending when it ended. Only for the process that is `alone`."""
    _waiting(channel).filter(failure=UNFINISHED).update(next_attempt_at=at)


def _waiting(channel: str) -> QuerySet[Page]:
    return Page.objects.filter(channel=channel, sent_at=None, failed_at=None)


@transaction.atomic
def _claim(channel: str, *, at: datetime) -> Page | None:
    pages = Page.objects.filter(sent_at=None, failed_at=None, next_attempt_at__lte=at)
    page = (
        (pages.filter(channel=channel) if channel else pages)
        .exclude(failure__in=TO_BUNDLE)
        .exclude(channel__in=ways.shut(at=at))
        .select_for_update(skip_locked=True, of=("self",))
        .select_related("clock", "recipient")
        .order_by(TURN, "next_attempt_at", "id")
        .first()
    )
    if page is None:
        return None
    page.was_awaited = page.failure in (AWAITED, NO_RECEIPT)
    if page.failure == UNFINISHED:
        _append_failure(page, UNFINISHED, at=at)
    page.attempts, page.failure = min(page.attempts + 1, MOST_ATTEMPTS), UNFINISHED
    page.next_attempt_at = at + LEASE
    page.save(update_fields=["attempts", "failure", "next_attempt_at"])
    return page


def _not_needed(page: Page) -> str:
    """Why nobody needs a page about a clock any more; empty while somebody does."""
    assert page.clock is not None  # as its caller knows
    if page.clock.stopped_at is not None:
        return CLOCK_STOPPED
    later = page.clock.pages.filter(recipient=page.recipient_id, channel=page.channel, rung__gt=page.rung)
    return SUPERSEDED if later.exists() else ""


@transaction.atomic
def _record_delivery(page: Page, *, at: datetime) -> None:
    page.sent_at, page.failure, page.next_attempt_at = at, "", None
    page.save(update_fields=["sent_at", "failure", "next_attempt_at"])
    append(Kind.PAGE_SENT, by=SERVICE, at=at, case=_case_of(page), facts=facts_of(page))


@transaction.atomic
def _close(page: Page, reason: str, *, at: datetime) -> None:
    """Close a page that nobody needs any more: nobody is woken for it."""
    page.failed_at, page.failure, page.next_attempt_at = at, reason, None
    page.attempts -= 1  # it was claimed and not tried
    page.save(update_fields=["failed_at", "failure", "next_attempt_at", "attempts"])


def _wait_for_receipt(page: Page, *, at: datetime) -> None:
    """The network has the page and no receipt yet: ask again soon. Without one for a minute it has failed so far."""
    if page.was_awaited and at - page.written_at >= UNDELIVERED:
        _record_failure(page, ConnectionError(NO_RECEIPT), at=at)
    else:
        page.failure, page.next_attempt_at = AWAITED, at + _pause(page)
        page.save(update_fields=["failure", "next_attempt_at"])


@transaction.atomic
def _record_failure(page: Page, fault: Exception, *, at: datetime) -> None:
    """Plan the next attempt after a growing pause, or record that the page was refused for good."""
    clock = Clock.objects.select_for_update().get(pk=page.clock_id) if page.clock_id else None
    name = name_of(fault)
    log.warning("page_not_sent", page=page.pk, channel=page.channel, attempt=page.attempts, fault=name)
    page.failure = name[:200]
    is_test = kind_of(page.alarm) == TEST
    # A refused alarm is tried again: no ladder repeats it.
    is_refused = isinstance(fault, Refused) and (clock is not None or is_test)
    if is_refused or (is_test and page.attempts >= ATTEMPTS):
        page.failed_at, page.next_attempt_at = at, None
    else:
        page.next_attempt_at = at + _pause(page)
    if page.failed_at is None and name.startswith(sms.LOST_WORDS):
        page.client_reference = uuid.uuid4()  # a look-up by the old one would find the lost message again
    page.save(update_fields=["failure", "failed_at", "next_attempt_at", "client_reference"])
    _append_failure(page, name, at=at)
    is_of_address = isinstance(fault, NoAddress) or name.startswith((NO_RECEIPT, sms.LOST_WORDS))
    ways.fails(page.channel, fault, is_shut=not is_of_address, at=at)  # it does take messages
    if clock is not None and (page.failed_at is not None or at - page.written_at >= UNDELIVERED):
        pass_on(clock, page.rung, at=at)


def _append_failure(page: Page, fault: str, *, at: datetime) -> None:
    is_final = page.failed_at is not None
    if page.attempts <= ATTEMPTS or page.attempts % 10 == 0 or is_final:
        facts = PageFailed(**facts_of(page), attempt=page.attempts, fault=fault, final=is_final)
        append(Kind.PAGE_FAILED, by=SERVICE, at=at, case=_case_of(page), facts=facts)


def _pause(page: Page) -> timedelta:
    return min(timedelta(seconds=5 * 2 ** min(page.attempts, 8)), LONGEST_PAUSE)


def pass_on(clock: Clock, rung: int, *, at: datetime) -> None:
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


def facts_of(page: Page) -> PageSent:
    """The facts of a page for the ledger."""
    facts = PageSent(
        rung=page.rung,
        recipient=f"user:{page.recipient_id}",
        channel=page.channel,
        client_reference=str(page.client_reference),
    )
    if page.clock:
        facts["clock"] = page.clock.kind
    else:
        facts["alarm"] = page.alarm
    return facts
