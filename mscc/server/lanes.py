"""Threads in lanes: health checks never wait for pages, pages never for the long lists of governance."""

import time
from collections.abc import Sequence
from typing import Any, Protocol

from waitress.task import ThreadedTaskDispatcher

from mscc.postgresql import limits


class Work(Protocol):
    """A connection whose request is whole."""

    requests: list[Any]

    def service(self) -> None: ...
    def cancel(self) -> None: ...


class Lane(ThreadedTaskDispatcher):
    """Threads for some addresses, and the seconds after which a request there counts as stuck."""

    def __init__(
        self, *prefixes: str, threads: int, limit: float, database: limits.Limits = limits.WEB
    ) -> None:
        super().__init__()
        self.prefixes, self.limit, self.database = prefixes, limit, database
        self.began: dict[int, float] = {}  # by thread
        self.set_thread_count(threads)

    def handler_thread(self, thread_no: int) -> None:
        limits.of_the_thread.set(self.database)
        super().handler_thread(thread_no)

    def add_task(self, task: Work) -> None:
        super().add_task(_Turn(task, self))

    @property
    def is_stuck(self) -> bool:
        """Whether a request has been running for longer than the limit."""
        oldest = min(list(self.began.values()), default=None)
        return oldest is not None and time.monotonic() - oldest > self.limit


class _Turn:
    """One request on one thread."""

    def __init__(self, work: Work, lane: Lane) -> None:
        self.work, self.lane = work, lane

    def service(self) -> None:
        self.lane.began[id(self)] = time.monotonic()
        try:
            self.work.service()
        finally:
            del self.lane.began[id(self)]

    def cancel(self) -> None:
        self.work.cancel()


class Lanes:
    """Sends each request to the first lane with its address."""

    def __init__(self, lanes: Sequence[Lane]) -> None:
        self.lanes = lanes

    def add_task(self, task: Work) -> None:
        path = getattr(task.requests[0], "path", "")  # a request that could not be read has none
        next(lane for lane in self.lanes if path.startswith(lane.prefixes)).add_task(task)

    @property
    def is_stuck(self) -> bool:
        """Whether a request in any lane is stuck."""
        return any(lane.is_stuck for lane in self.lanes)

    @property
    def is_idle(self) -> bool:
        """Whether no request runs or waits."""
        return not any(lane.began or lane.queue for lane in self.lanes)


def of_pages(threads: int) -> Lanes:
    """The lanes of a process that serves everything."""
    return Lanes(
        [
            Lane("/health/", "/metrics", threads=2, limit=10),
            Lane("/governance/", threads=1, limit=60, database=limits.READING),
            Lane("", threads=threads, limit=12),
        ]
    )


def of_health() -> Lanes:
    """The lane of a process that serves health checks alone."""
    return Lanes([Lane("", threads=2, limit=10)])
