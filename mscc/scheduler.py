"""The scheduler's plan, on the time since it started: no step of the machine's clock holds a task back or repeats it.

Celery's own plan holds instants of the wall clock, and stands still for as long as that clock was put back.
"""

import time
from typing import Any

import structlog
from celery.beat import ScheduleEntry, Scheduler
from django.db import DatabaseError

from kernel.time import now
from ledger.outside import send_out
from ledger.seal import StillWriting, make_seal

log = structlog.get_logger()


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

    def close(self) -> None:
        """Seal the ledger once more, so that no line waits for its seal while the service is down."""
        try:
            make_seal(at=now(), patience=1.0)
            send_out()
        except (StillWriting, DatabaseError, OSError) as fault:
            log.warning("not_sealed_at_the_end", fault=type(fault).__name__)
        super().close()


def _seconds_of(entry: ScheduleEntry) -> float:
    return float(entry.schedule.run_every.total_seconds())
