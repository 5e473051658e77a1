"""The line between the hospital and the service: away at times, and at times the answer is lost on its way back."""

import random
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from kernel.time import now

Outages = Sequence[tuple[datetime, datetime]]


class Away(Exception):
    """Nothing came back: the sender cannot know whether its message arrived."""


def is_in(outages: Outages) -> bool:
    """Whether one of these outages holds now."""
    return any(begins <= now() < ends for begins, ends in outages)


@dataclass(kw_only=True)
class Line:
    """Carries one message at a time. Its own outages are those of the service."""

    dice: random.Random
    outages: Outages = ()
    lost: float = 0.03  # of all answers
    counts: Counter[str] = field(default_factory=Counter)

    def carry(self, send: Callable[[], Any]) -> Any:
        """What the service answers; Away when it is down, or when its answer is lost."""
        if is_in(self.outages):
            self.counts["service away"] += 1
            raise Away
        answer = send()
        self.counts["messages"] += 1
        if self.dice.random() < self.lost:
            self.counts["answers lost"] += 1
            raise Away
        return answer


@dataclass(kw_only=True)
class Outbox:
    """What a system of the hospital has to send, in order: the first again until its answer came back."""

    line: Line
    outages: Outages = ()
    waiting: deque[Callable[[], None]] = field(default_factory=deque)

    def flush(self) -> None:
        """Send what waits, unless this system or the line is down."""
        while self.waiting and not is_in(self.outages):
            try:
                self.line.carry(self.waiting[0])
            except Away:
                return
            self.waiting.popleft()
