"""Pages that come together: after an outage, or when many clocks fall due at once, a person gets one page about them.

A page is marked in the transaction of its climb, and sent together with others afterwards, so that a crash in between
loses none. Emergencies are paged one by one, each case once.
"""

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from django.db import transaction

from accounts.people import Duty
from kernel.actors import SERVICE
from ledger.append import append
from ledger.kinds import Kind
from oncall.alarms import CROWD, MISSED, WAS_DOWN, raise_alarm
from oncall.ladder import SCREEN
from oncall.line_facts import AlarmRaised
from oncall.models import Page
from oncall.outbox import page_to
from oncall.start import EMERGENCY

MANY = 10  # more pages than this to one person by one channel at once are sent together
FEW = 3  # up to this number are paged one by one even after an outage
MISSED_MARK, CROWD_MARK = "waits for its bundle: missed", "waits for its bundle: crowd"
TO_BUNDLE = (MISSED_MARK, CROWD_MARK)
BUNDLED = "told together with others"  # why such a page is not sent by itself
DOWN = timedelta(minutes=5)


def mark_for_bundle(pages: Iterable[Page], *, missed: Collection[int]) -> None:
    """Mark the pages of one climb that a person gets together. `missed` are the clocks that are climbed late.

    Of an emergency's late clocks the first is paged by itself, of clocks in time each.
    """
    loud = [(page, page.clock) for page in pages if page.channel != SCREEN and page.clock is not None]
    loud.sort(key=lambda pair: (pair[1].stream != EMERGENCY, pair[1].kind != "acknowledge"))
    can_wait = Counter(_way(page) for page, clock in loud if clock.stream != EMERGENCY)
    paged_cases = set()
    for page, clock in loud:
        case = (*_way(page), clock.case)
        is_missed = clock.pk in missed
        if clock.stream == EMERGENCY and (not is_missed or case not in paged_cases):
            paged_cases.add(case)
        elif is_missed:
            page.failure = MISSED_MARK
        elif can_wait[_way(page)] > MANY:
            page.failure = CROWD_MARK


@transaction.atomic
def bundle(*, at: datetime) -> None:
    """Send each person their marked pages in one page by each channel; a few are sent one by one. One query if none."""
    marked = Page.objects.select_for_update(skip_locked=True, of=("self",)).filter(
        failure__in=TO_BUNDLE, sent_at=None, failed_at=None
    )
    pages = list(marked.select_related("recipient").order_by("pk"))
    if not pages:
        return
    groups: dict[tuple[int, str, str], list[Page]] = {}
    for page in pages:
        groups.setdefault((*_way(page), page.failure), []).append(page)
    missed = 0
    for group in groups.values():
        if len(group) <= FEW:
            Page.objects.filter(pk__in=[page.pk for page in group]).update(failure="")
            continue
        kind = MISSED if group[0].failure == MISSED_MARK else CROWD
        missed = max(missed, len(group) if kind == MISSED else 0)
        _tell(group, kind, at=at)
    if missed:
        raise_alarm(WAS_DOWN, f"{at:%Y-%m-%d %H:%M} UTC", also=(Duty.COORDINATOR,), at=at)


def _tell(group: list[Page], kind: str, *, at: datetime) -> None:
    first = group[0]
    about = f"{len(group)} clocks, {at:%Y-%m-%d %H:%M} UTC"
    facts = AlarmRaised(alarm=kind, about=about, duty=first.duty, recipient=f"user:{first.recipient_id}")
    append(Kind.ALARM_RAISED, by=SERVICE, at=at, facts=facts)
    alarm = page_to(first.recipient, first.channel, duty=first.duty, alarm=f"{kind}:{about}"[:80], at=at)
    Page.objects.bulk_create([alarm], ignore_conflicts=True)
    Page.objects.filter(pk__in=[page.pk for page in group]).update(
        failed_at=at, failure=BUNDLED, next_attempt_at=None
    )


def _way(page: Page) -> tuple[int, str]:
    return page.recipient_id, page.channel
