"""Clocks in words, for every audience."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from kernel.time import duration_in_words, in_words, near, rfc3339
from oncall.clocks import is_breached, name_of, remaining_time
from oncall.kinds import KIND_AT, STOPPED_WORDS, Stopped
from oncall.models import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockLine:
    """One clock: what is promised, how much time is left or that it is over, and when it is due."""

    kind: str
    label: str
    next_step: str
    left: str
    elapsed: str
    due: str
    due_instant: str
    for_the_record: str
    overdue: bool
    running: bool
    formal: bool
    note: str


def clock_line(clock: Clock, *, at: datetime) -> ClockLine:
    """One clock in words."""
    kind = KIND_AT[clock.kind]
    running, overdue = clock.stopped_at is None, is_breached(clock, at=at)
    return ClockLine(
        kind=clock.kind,
        label=name_of(clock),
        next_step=kind.next_step,
        left=_left(clock, at=at),
        elapsed=f"{duration_in_words((clock.stopped_at or at) - clock.started_at)} since it began",
        due=f"due {near(clock.due_at, at=at)}",
        due_instant=rfc3339(clock.due_at),
        for_the_record=_for_the_record(clock),
        overdue=overdue,
        running=running,
        formal=clock.formal,
        note="Overtaken by the 24-hour clock; it still counts" if clock.upgraded_at and running else "",
    )


def _for_the_record(clock: Clock) -> str:
    """What stays true on paper: no `left`, no `tomorrow`."""
    due = f"due {in_words(clock.due_at)}"
    if clock.stopped_at is None:
        return due
    return f"{due}; {STOPPED_WORDS[Stopped(clock.stopped_because)]} {in_words(clock.stopped_at)}"


def _left(clock: Clock, *, at: datetime) -> str:
    if clock.stopped_at is None:
        words = remaining_time(clock, at=at)
        return words[0].upper() + words[1:]
    words = STOPPED_WORDS[Stopped(clock.stopped_because)]
    late = clock.stopped_at > clock.due_at
    verdict = f", {duration_in_words(clock.stopped_at - clock.due_at)} late" if late else ""
    return f"{words.capitalize()} {near(clock.stopped_at, at=at)}{verdict}"


def clock_lines(clocks: Iterable[Clock], *, at: datetime) -> tuple[ClockLine, ...]:
    """The running ones first, each by its deadline."""
    ordered = sorted(clocks, key=lambda clock: (clock.stopped_at is not None, clock.due_at))
    return tuple(clock_line(clock, at=at) for clock in ordered)
