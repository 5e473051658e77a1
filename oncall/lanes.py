"""Lanes: one process for each kind of work that keeps promises, watched by a process that does nothing else.

A lane that dies is started again, and one that hangs is ended and started again, so that no lane can hold another: the
clocks are climbed while a mail server hangs, and text messages go out. Nothing here needs the broker. Everything that
waits is a row, so a lane that is killed loses nothing.
"""

import ctypes
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from multiprocessing.sharedctypes import Synchronized
from types import FrameType
from typing import Any

import structlog
from django.db import DatabaseError, InterfaceError, connection

PR_SET_PDEATHSIG = 1
PAUSE = 0.5  # seconds between two looks of an idle lane
TO_FINISH = 5.0  # seconds that a lane has for its last page when the service stops
log = structlog.get_logger(__name__)
_fork = multiprocessing.get_context("fork")
_stops = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """One kind of work. `turn` does what is due; it calls `mark` at each step, and is ended after `patience` seconds
    without one.
    """

    turn: Callable[[Callable[[], None]], None]
    patience: float
    pause: float = PAUSE


class Driver:
    """The process of one lane, as its supervisor sees it."""

    def __init__(self, name: str, lane: Lane) -> None:
        self.name, self.lane = name, lane
        self.marked: Synchronized[float] = _fork.Value("d", 0.0, lock=False)
        self.process: Any = None
        self.started, self.restarts = 0.0, 0

    def start(self) -> None:
        self.marked.value = self.started = time.monotonic()
        self.process = _fork.Process(target=_drive, args=(self.name, self.lane, self.marked), name=self.name)
        self.process.start()

    def look(self) -> None:
        """End the process if it hangs, and start it again if it has ended, after a pause that grows."""
        silent = time.monotonic() - self.marked.value
        if self.process.is_alive() and silent > self.lane.patience:
            log.error("lane_hangs", lane=self.name, seconds=round(silent))
            self.process.kill()
            self.process.join()
        lived = time.monotonic() - self.started
        if self.process.is_alive() or lived < min(2**self.restarts * 0.1, 5):
            return
        self.restarts = 0 if lived > 30 else min(self.restarts + 1, 10)
        log.error("lane_started_again", lane=self.name, ended=self.process.exitcode)
        self.start()

    def stop(self) -> None:
        if self.process.is_alive():
            self.process.terminate()

    def end(self, *, until: float) -> None:
        self.process.join(max(until - time.monotonic(), 0))
        self.process.kill()
        self.process.join()


def run(lanes: Mapping[str, Lane]) -> None:
    """Run every lane until this process is asked to stop. No connection to the database may be open yet."""
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGINT, _stop)
    drivers = [Driver(name, lane) for name, lane in lanes.items()]
    for driver in drivers:
        driver.start()
    while not _stops:
        time.sleep(0.1)
        for driver in drivers:
            driver.look()
    for driver in drivers:
        driver.stop()
    until = time.monotonic() + TO_FINISH
    for driver in drivers:
        driver.end(until=until)


def stopping() -> bool:
    """Whether this process was asked to stop."""
    return _stops


def _stop(signum: int, frame: FrameType | None) -> None:
    global _stops
    _stops = True


def _drive(name: str, lane: Lane, marked: "Synchronized[float]") -> None:
    """The life of a lane's process. It ends with its supervisor."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the supervisor, which asks us
    parent = os.getppid()

    def mark() -> None:
        marked.value = time.monotonic()

    while not _stops and os.getppid() == parent:
        mark()
        try:
            lane.turn(mark)
        except (DatabaseError, InterfaceError) as fault:
            log.warning("lane_lost_the_database", lane=name, fault=type(fault).__name__)
            connection.close()
        except Exception:  # the next turn comes sooner than a new process
            log.exception("lane_failed", lane=name)
            connection.close()
        time.sleep(lane.pause)
