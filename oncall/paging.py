"""Sending pages at least once: claimed with a lease, sent under a stable client reference, recorded."""

from datetime import datetime, timedelta

from django.db import transaction

from kernel.actors import SERVICE
from ledger.append import append
from ledger.kinds import Kind
from oncall.channels import email
from oncall.models import Clock, Page

LEASE = timedelta(seconds=60)
UNDELIVERED = timedelta(seconds=60)  # after this the next rung is climbed at once; attempts go on
ATTEMPTS = 5


def deliver(*, at: datetime) -> int:
    """Send every page that waits; how many were sent."""
    sent = 0
    while (page := _claim(at=at)) is not None:
        try:
            email.send(page, at=at)
        except OSError as fault:  # smtplib's errors are OSErrors too
            _not_sent(page, fault, at=at)
        else:
            _sent(page, at=at)
            sent += 1
    return sent


@transaction.atomic
def _claim(*, at: datetime) -> Page | None:
    page = (
        Page.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("clock", "recipient")
        .filter(sent_at=None, failed_at=None, next_attempt_at__lte=at)
        .order_by("next_attempt_at", "id")
        .first()
    )
    if page is not None:
        page.attempts += 1
        page.next_attempt_at = at + LEASE
        page.save(update_fields=["attempts", "next_attempt_at"])
    return page


@transaction.atomic
def _sent(page: Page, *, at: datetime) -> None:
    page.sent_at, page.next_attempt_at = at, None
    page.save(update_fields=["sent_at", "next_attempt_at"])
    append(Kind.PAGE_SENT, by=SERVICE, at=at, case=_case_of(page), facts=_facts(page))


@transaction.atomic
def _not_sent(page: Page, fault: OSError, *, at: datetime) -> None:
    """Try again with a growing pause; after the last attempt the page has failed, and says so."""
    page.failure = type(fault).__name__
    if page.attempts >= ATTEMPTS:
        page.failed_at, page.next_attempt_at = at, None
    else:
        page.next_attempt_at = at + timedelta(seconds=5 * 2**page.attempts)
    page.save(update_fields=["failure", "failed_at", "next_attempt_at"])
    facts = {
        **_facts(page),
        "attempt": page.attempts,
        "fault": page.failure,
        "final": page.failed_at is not None,
    }
    append(Kind.PAGE_FAILED, by=SERVICE, at=at, case=_case_of(page), facts=facts)
    if page.clock is not None and (page.failed_at is not None or at - page.written_at >= UNDELIVERED):
        _pass_on(page.clock, page.rung, at=at)


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
