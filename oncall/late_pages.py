"""Pages that wait in the outbox whatever the senders do: of a channel that was removed, or too long for their clock.

The sweep looks after them, so that a sender that hangs, is closed or is gone holds back no rung.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from kernel.actors import SERVICE
from ledger.append import append
from ledger.kinds import Kind
from oncall.alarms import TEST
from oncall.delivery import REMOVED, UNDELIVERED, facts_of, pass_on
from oncall.ladder import LOOPBACK, SCREEN
from oncall.line_facts import PageFailed
from oncall.models import Clock, Page

FOR_A_TEST = timedelta(minutes=15)


def look_after_late_pages(*, at: datetime) -> None:
    """Close what no channel can send any more, and pass on every rung that has reached nobody for a minute: three queries."""
    channels = (*settings.CHANNELS, LOOPBACK, SCREEN)
    waiting = Page.objects.filter(sent_at=None, failed_at=None)
    removed = list(waiting.exclude(channel__in=channels).values_list("pk", flat=True))
    if removed:
        _close(removed, at=at)
    # A test page says soon whether somebody can be reached, or not at all.
    tests = waiting.filter(alarm__startswith=f"{TEST}:", written_at__lte=at - FOR_A_TEST)
    tests.update(failed_at=at, next_attempt_at=None)
    late = waiting.filter(
        written_at__lte=at - UNDELIVERED, clock__stopped_at=None, channel__in=settings.CHANNELS
    )
    rungs = set(late.values_list("clock", "rung"))
    if rungs:
        _pass_on(rungs, at=at)


@transaction.atomic
def _close(numbers: list[int], *, at: datetime) -> None:
    """Close the pages of a channel whose settings were removed, and let the climb go on without it."""
    running = Clock.objects.filter(pages__in=numbers, stopped_at=None).order_by("pk")
    clocks = {clock.pk: clock for clock in running.select_for_update(skip_locked=True)}
    pages = Page.objects.select_for_update(skip_locked=True, of=("self",)).select_related("clock")
    for page in pages.filter(pk__in=numbers, sent_at=None, failed_at=None).order_by("pk"):
        page.failed_at, page.failure, page.next_attempt_at = at, REMOVED, None
        page.save(update_fields=["failed_at", "failure", "next_attempt_at"])
        facts = PageFailed(**facts_of(page), attempt=page.attempts, fault=REMOVED, final=True)
        case = page.clock.case if page.clock else None
        append(Kind.PAGE_FAILED, by=SERVICE, at=at, case=case, facts=facts)
        if page.clock_id in clocks:
            pass_on(clocks[page.clock_id], page.rung, at=at)


@transaction.atomic
def _pass_on(rungs: set[tuple[int, int]], *, at: datetime) -> None:
    clocks = Clock.objects.select_for_update(skip_locked=True).filter(
        pk__in={clock for clock, _ in rungs}, stopped_at=None, pass_on_at=None
    )
    for clock in clocks.order_by("pk"):
        if (clock.pk, clock.climbed - 1) in rungs:
            pass_on(clock, clock.climbed - 1, at=at)
