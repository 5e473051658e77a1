"""Somebody's pages, newest first."""

from dataclasses import dataclass
from datetime import datetime

from accounts.people import DUTY_WORDS
from kernel.time import near
from oncall.alarms import runbook_of, words_of
from oncall.clocks import time_left
from oncall.kinds import KIND_AT
from oncall.models import Page

SHOWN = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class PageLine:
    """One page on the screen: the case by its reference, what to do, and how it stands now."""

    reference: str
    what: str
    stream: str
    duty: str
    written: str
    time_left: str
    answered: bool


def pages_of(user_id: int, *, at: datetime) -> tuple[PageLine, ...]:
    """The newest pages of one person: one query."""
    pages = (
        Page.objects.select_related("clock")
        .filter(recipient=user_id, channel="screen", clock__isnull=False)
        .order_by("-written_at", "-id")[:SHOWN]
    )
    return tuple(
        PageLine(
            reference=page.clock.reference,
            what=KIND_AT[page.clock.kind].next_step,
            stream=page.clock.stream,
            duty=DUTY_WORDS[page.duty],  # type: ignore[index]  # duties are their own keys
            written=near(page.written_at, at=at),
            time_left="done" if page.clock.stopped_at else time_left(page.clock, at=at),
            answered=page.clock.stopped_at is not None,
        )
        for page in pages
        if page.clock is not None
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmLine:
    """An alarm of the service itself, with its runbook."""

    words: str
    runbook: str
    written: str


def alarms_of(user_id: int, *, at: datetime) -> tuple[AlarmLine, ...]:
    """The newest alarms that were raised with one person: one query."""
    pages = Page.objects.filter(recipient=user_id, channel="screen").exclude(alarm="").order_by("-id")[:10]
    return tuple(
        AlarmLine(
            words=words_of(page.alarm), runbook=runbook_of(page.alarm), written=near(page.written_at, at=at)
        )
        for page in pages
    )
