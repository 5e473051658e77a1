"""Somebody's pages, newest first."""

from dataclasses import dataclass
from datetime import datetime

from accounts.people import DUTY_WORDS
from kernel.time import near
from oncall.alarms import TEST, runbook_of, words_of
from oncall.clocks import time_left, wanted
from oncall.kinds import OBLIGATIONS
from oncall.models import Page

SHOWN = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class PageLine:
    """One page on the screen: the case by its reference, what to do, and how it stands now."""

    reference: str
    what: str
    stream: str
    duty: str
    written: str
    time_left: str


def pages_of(user_id: int, *, before: int = 0, at: datetime) -> tuple[tuple[PageLine, ...], int]:
    """Pages of one person, newest first, and where the older ones begin (0 when there are none): one query.

    `before` is such a beginning.
    """
    pages = Page.objects.select_related("clock").filter(
        recipient=user_id, channel="screen", clock__isnull=False
    )
    if before:
        pages = pages.filter(pk__lt=before)
    found = list(pages.order_by("-id")[: SHOWN + 1])
    older = found[SHOWN - 1].pk if len(found) > SHOWN else 0
    return tuple(_line(page, at=at) for page in found[:SHOWN]), older


def _line(page: Page, *, at: datetime) -> PageLine:
    assert page.clock is not None  # as filtered
    return PageLine(
        reference=page.clock.reference,
        what=". ".join(part for part in (page.clock.about, wanted(page.clock)) if part)
        if page.clock.kind not in OBLIGATIONS
        else wanted(page.clock),
        stream=page.clock.stream,
        duty=DUTY_WORDS[page.duty],  # type: ignore[index]  # duties are their own keys
        written=near(page.written_at, at=at),
        time_left="done" if page.clock.stopped_at else time_left(page.clock, at=at),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmLine:
    """An alarm of the service itself, with its runbook."""

    words: str
    runbook: str
    written: str


def alarms_of(user_id: int, *, at: datetime) -> tuple[AlarmLine, ...]:
    """The newest alarms that were raised with one person: one query."""
    pages = (
        Page.objects.filter(recipient=user_id, channel="screen")
        .exclude(alarm="")
        .exclude(alarm__startswith=f"{TEST}:")
    )
    pages = pages.order_by("-id")[:10]
    return tuple(
        AlarmLine(
            words=words_of(page.alarm), runbook=runbook_of(page.alarm), written=near(page.written_at, at=at)
        )
        for page in pages
    )
