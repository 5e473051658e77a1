"""Threads in pools: health checks never wait for pages, pages never for the long lists of governance."""

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


class Pool(ThreadedTaskDispatcher):
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

    def __init__(self, work: Work, pool: Pool) -> None:
        self.work, self.pool = work, pool

    def service(self) -> None:
        self.pool.began[id(self)] = time.monotonic()
        try:
            self.work.service()
        finally:
            del self.pool.began[id(self)]

    def cancel(self) -> None:
        self.work.cancel()


class Pools:
    """Sends each request to the first pool with its address."""

    def __init__(self, pools: Sequence[Pool]) -> None:
        self.pools = pools

    def add_task(self, task: Work) -> None:
        path = getattr(task.requests[0], "path", "")  # a request that could not be read has none
        next(pool for pool in self.pools if path.startswith(pool.prefixes)).add_task(task)

    @property
    def is_stuck(self) -> bool:
        """Whether a request in any pool is stuck."""
        return any(pool.is_stuck for pool in self.pools)

    @property
    def is_idle(self) -> bool:
        """Whether no request runs or waits."""
        return not any(pool.began or pool.queue for pool in self.pools)


def of_pages(threads: int) -> Pools:
    """The pools of a process that serves everything."""
    return Pools(
        [
            Pool("/health/", "/metrics", threads=2, limit=10),
            Pool("/governance/", threads=1, limit=60, database=limits.READING),
            Pool("", threads=threads, limit=12),
        ]
    )


def of_health() -> Pools:
    """The pool of a process that serves health checks alone."""
    return Pools([Pool("", threads=2, limit=10)])
