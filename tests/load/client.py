"""Several callers at once over kept connections, and what they measured."""

import http.client
import statistics
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.load.servers import PORT


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Requests a second, and milliseconds at the median, the 95th percentile and at worst."""

    requests: int
    per_second: float
    median_ms: float
    p95_ms: float
    worst_ms: float

    def __str__(self) -> str:
        return f"{self.per_second:.0f}/s, median {self.median_ms:.1f} ms, p95 {self.p95_ms:.1f} ms ({self.requests} requests)"


Request = Callable[[int], tuple[str, str, bytes | None, dict[str, str]]]


def drive(make: Request, *, callers: int, seconds: float, expect: int) -> Measured:
    """Call as fast as `callers` can for so many seconds; any other status ends the measurement."""
    return _measured(*_times(make, callers=callers, seconds=seconds, expect=expect))


def by_turns(
    makes: Sequence[Request], *, callers: int, seconds: float, rounds: int, expect: int | Sequence[int]
) -> list[Measured]:
    """Measure several requests in turns of so many seconds, so that other work on the machine meets all alike."""
    took: list[list[float]] = [[] for _ in makes]
    elapsed = [0.0 for _ in makes]
    expected = [expect] * len(makes) if isinstance(expect, int) else list(expect)
    for make, status in zip(makes, expected, strict=True):
        _times(make, callers=callers, seconds=1, expect=status)  # warm
    for _ in range(rounds):
        for number, (make, status) in enumerate(zip(makes, expected, strict=True)):
            times, length = _times(make, callers=callers, seconds=seconds, expect=status)
            took[number] += times
            elapsed[number] += length
    return [_measured(times, length) for times, length in zip(took, elapsed, strict=True)]


def _times(make: Request, *, callers: int, seconds: float, expect: int) -> tuple[list[float], float]:
    """The seconds that each request took, and how long it was all together."""
    took: list[float] = []
    faults: list[str] = []
    stop_at = time.perf_counter() + seconds

    def call(caller: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=30)
        number = time.time_ns() + caller * 10**12  # never the same twice
        while time.perf_counter() < stop_at and not faults:
            number += 1
            method, path, body, headers = make(number)
            began = time.perf_counter()
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            content = answer.read()
            took.append(time.perf_counter() - began)
            if answer.status != expect:
                faults.append(f"{answer.status}: {content[:300]!r}")

    began = time.perf_counter()
    threads = [threading.Thread(target=call, args=(caller,)) for caller in range(callers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise SystemExit(faults[0])
    return took, time.perf_counter() - began


def _measured(took: list[float], elapsed: float) -> Measured:
    ordered = sorted(took)
    return Measured(
        requests=len(took),
        per_second=len(took) / elapsed,
        median_ms=statistics.median(ordered) * 1000,
        p95_ms=ordered[int(len(ordered) * 0.95)] * 1000,
        worst_ms=ordered[-1] * 1000,
    )
