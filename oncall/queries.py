"""Reads of shifts, hand-overs, addresses, clocks and pages, for pages on screen."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import QuerySet

from accounts.models import User
from oncall.kinds import ClockKind
from oncall.models import Clock, ContactMethod, HandOver, Page, Shift


def shift_at(number: int) -> Shift | None:
    """The shift with this number, with its holder."""
    return Shift.objects.select_related("holder").filter(pk=number).first()


def shifts_of(person: User, *, since: datetime) -> QuerySet[Shift]:
    """The shifts of a person that end after `since`, the first first."""
    return Shift.objects.filter(holder=person, ends_at__gt=since).order_by("starts_at")


def shifts_between(since: datetime, until: datetime) -> dict[str, list[tuple[datetime, datetime]]]:
    """The times of every shift of a period by the key of its holder: one query."""
    times: dict[str, list[tuple[datetime, datetime]]] = {}
    rows = Shift.objects.filter(ends_at__gt=since, starts_at__lt=until)
    for holder, starts_at, ends_at in rows.values_list("holder", "starts_at", "ends_at"):
        times.setdefault(f"user:{holder}", []).append((starts_at, ends_at))
    return times


def handover_into(shift: Shift) -> HandOver | None:
    """The hand-over into a shift, with its writer."""
    return HandOver.objects.select_related("told_by").filter(shift=shift).first()


def accepted_handovers(*, most: int) -> QuerySet[HandOver]:
    """The hand-overs that were accepted, the newest first."""
    accepted = HandOver.objects.select_related("shift__holder").filter(accepted_at__isnull=False)
    return accepted.order_by("-accepted_at")[:most]


def contact_methods_of(person: User) -> dict[str, ContactMethod]:
    """The addresses of a person by channel."""
    return {method.channel: method for method in ContactMethod.objects.filter(person=person)}


def running_clocks(kind: ClockKind, *, due_before: datetime | None = None) -> QuerySet[Clock]:
    """The running clocks of a kind, the first due first."""
    running = Clock.objects.filter(kind=kind.value, stopped_at=None).order_by("due_at", "id")
    return running if due_before is None else running.filter(due_at__lt=due_before)


def pages_of(clocks: Collection[int]) -> QuerySet[Page]:
    """The pages of these clocks with their recipients, the first first."""
    return Page.objects.filter(clock__in=clocks).select_related("recipient").order_by("id")


def names_of_paged(case: int) -> list[str]:
    """Everybody to whom a page about a case was sent, by name; a page on screen alone does not count."""
    pages = Page.objects.filter(clock__case=case, sent_at__isnull=False).exclude(channel="screen")
    return sorted(set(pages.values_list("recipient__name", flat=True)))
