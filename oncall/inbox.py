"""The pages of a person, newest first."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from accounts.people import DUTY_WORDS, Duty
from kernel.time import near
from oncall.alarms import TEST, runbook_of, words_of
from oncall.clocks import next_step, time_left
from oncall.kinds import OBLIGATIONS
from oncall.models import Page

PER_PAGE = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class PageLine:
    """What somebody was paged about: the case by its reference, what to do, and how much time is left.

    `times` says how many of the pages shown were about it; `written` is when the newest was.
    """

    reference: str
    what: str
    stream: str
    duty: str
    written: str
    time_left: str
    times: int
    is_done: bool


def pages_of(user_id: int, *, before: int = 0, at: datetime) -> tuple[tuple[PageLine, ...], int]:
    """What one person was paged about, the newest page first, and the number to pass as `before` for older pages.

    The number is 0 when there are none. Pages about the same promise are one line. One query.
    """
    pages = Page.objects.select_related("clock").filter(
        recipient=user_id, channel="screen", clock__isnull=False
    )
    if before:
        pages = pages.filter(pk__lt=before)
    rows = list(pages.order_by("-id")[: PER_PAGE + 1])
    older = rows[PER_PAGE - 1].pk if len(rows) > PER_PAGE else 0
    times = Counter(page.clock_id for page in rows[:PER_PAGE])
    newest = {page.clock_id: page for page in reversed(rows[:PER_PAGE])}
    lines = (newest[clock] for clock in times)
    return tuple(_line(page, times=times[page.clock_id], at=at) for page in lines), older


def _line(page: Page, *, times: int, at: datetime) -> PageLine:
    assert page.clock is not None  # as filtered
    return PageLine(
        reference=page.clock.reference,
        what=". ".join(part for part in (page.clock.about, next_step(page.clock)) if part)
        if page.clock.kind not in OBLIGATIONS
        else next_step(page.clock),
        stream=page.clock.stream,
        duty=DUTY_WORDS[Duty(page.duty)],
        written=near(page.written_at, at=at),
        time_left="done" if page.clock.stopped_at else time_left(page.clock, at=at),
        times=times,
        is_done=page.clock.stopped_at is not None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmLine:
    """An alarm of the service itself, with its runbook."""

    words: str
    runbook: str
    written: str


def alarms_of(user_id: int, *, at: datetime) -> tuple[AlarmLine, ...]:
    """The newest alarms sent to one person: one query."""
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
