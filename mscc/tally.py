"""Answers and their duration, counted in memory that the processes of the web server share. No address, no person."""

import mmap
import struct
import threading
import time
from bisect import bisect_left
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from mscc.beats import SLOTS

BOUNDS = (0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)  # seconds
STATUSES = ("1xx", "2xx", "3xx", "4xx", "5xx")
_FIELDS = len(STATUSES) + len(BOUNDS) + 1 + 1  # one bucket beyond the last bound, and the sum of all seconds
_ROW = struct.Struct(f"{_FIELDS}d")
Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """Answers by STATUSES; how many were there within each of BOUNDS, and in all; the sum of their seconds."""

    by_status: tuple[float, ...]
    within: tuple[float, ...]
    seconds: float


class Tally:
    """Made before the processes are forked. Each writes its own row; a process that follows another counts on."""

    def __init__(self) -> None:
        self.slot = 0
        self._rows = mmap.mmap(-1, SLOTS * _ROW.size)
        self._lock = threading.Lock()

    def add(self, status: int, seconds: float) -> None:
        """Count one answer."""
        place = self.slot * _ROW.size
        with self._lock:
            row = list(_ROW.unpack_from(self._rows, place))
            row[min(max(status // 100, 1), len(STATUSES)) - 1] += 1
            row[len(STATUSES) + bisect_left(BOUNDS, seconds)] += 1
            row[-1] += seconds
            _ROW.pack_into(self._rows, place, *row)

    def total(self) -> Count:
        """The sum of all processes."""
        rows = [_ROW.unpack_from(self._rows, slot * _ROW.size) for slot in range(SLOTS)]
        sums = [sum(column) for column in zip(*rows, strict=True)]
        first = len(STATUSES)
        return Count(
            by_status=tuple(sums[:first]), within=tuple(accumulate(sums[first:-1])), seconds=sums[-1]
        )


requests = Tally()


def counted(application: Application) -> Application:
    """The application with each answer counted, static files apart. An answer that breaks off is a 5xx."""

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ.get("PATH_INFO", "").startswith("/static/"):
            return application(environ, start_response)
        began, status = time.monotonic(), 500

        def start(line: str, *rest: Any, **more: Any) -> Any:
            nonlocal status
            status = int(line[:3])
            return start_response(line, *rest, **more)

        try:
            return application(environ, start)
        finally:
            requests.add(status, time.monotonic() - began)

    return answer
