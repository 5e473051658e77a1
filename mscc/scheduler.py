"""The scheduler's plan, on the time since it started: no step of the machine's clock holds a task back or repeats it.

Celery's own plan holds instants of the wall clock, and stands still for as long as that clock was put back.
"""

import time
from typing import Any

from celery.beat import ScheduleEntry, Scheduler


class SteadyScheduler(Scheduler):
    """Sends every task at the start, then again after its interval, measured by the monotonic clock."""

    def __init__(self, *args: Any, **options: Any) -> None:
        self.turns: dict[str, float] = {}
        super().__init__(*args, **options)

    def tick(self, *args: Any, **options: Any) -> float:
        """Send what is due; the seconds until the next task. A broker that is away costs one turn."""
        for name, entry in self.schedule.items():
            if self.turns.get(name, 0.0) <= time.monotonic():
                self.turns[name] = time.monotonic() + _seconds_of(entry)
                self.apply_entry(entry, producer=self.producer)
        return max(min(self.turns.values()) - time.monotonic(), 0.01)


def _seconds_of(entry: ScheduleEntry) -> float:
    return float(entry.schedule.run_every.total_seconds())
