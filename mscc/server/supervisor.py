"""Keeps the processes of the web server: replaces what dies, what is silent and what is stuck.

A silent process has a stand-in after three seconds and is killed after ten. It never holds up new connections: it
does not accept while it is stopped, and the others do.
"""

import contextlib
import logging
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass

from mscc.beats import QUIET, SLOTS, Beats

DEAD = 10.0  # seconds of silence after which a process is killed
STEP = 0.25
LEAVE_WITHIN = 6.0
PAUSE = 1.0  # before the next process after one that died young
MOST_STAND_INS = 2
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """What `number` processes do. `work` gets the slot of the shared page and returns when it is asked to leave."""

    name: str
    number: int
    work: Callable[[int], None]


@dataclass(slots=True, kw_only=True)
class Process:
    """One of them."""

    pid: int
    slot: int
    post: Post
    began: float
    leaving_since: float = 0.0


class Supervisor:
    """Holds every post until SIGTERM or SIGINT."""

    def __init__(self, posts: list[Post], beats: Beats) -> None:
        self.posts, self.beats = posts, beats
        self.processes: dict[int, Process] = {}
        self.awake_since = self.looked_at = time.monotonic()
        self.not_before = 0.0
        self.stopping = False

    def run(self) -> None:
        """Return when all processes have ended."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        while not self.stopping:
            self.look()
            time.sleep(STEP)
        for process in self.processes.values():
            self._dismiss(process)
        ends = time.monotonic() + LEAVE_WITHIN
        while self.processes and time.monotonic() < ends:
            self._bury()
            time.sleep(0.05)
        for process in self.processes.values():
            _signal(process.pid, signal.SIGKILL)

    def look(self) -> None:
        """One round: clear away ended processes, check the others, fill the posts."""
        now = time.monotonic()
        if now - self.looked_at > QUIET:  # this process itself was stopped: everybody starts afresh
            self.awake_since = now
        self.looked_at = now
        self._bury()
        for process in list(self.processes.values()):
            self._judge(process, now)
        for post in self.posts:
            self._fill(post, now)

    def _silence(self, process: Process, now: float) -> float:
        return now - max(self.beats.last(process.slot), process.began, self.awake_since)

    def _judge(self, process: Process, now: float) -> None:
        if self._silence(process, now) > DEAD:
            self._kill(process, "gives no sign of life")
        elif process.leaving_since and now - process.leaving_since > LEAVE_WITHIN:
            self._kill(process, "does not leave")
        elif not process.leaving_since and self.beats.is_stuck(process.slot):
            log.error("web process %d is stuck and leaves", process.pid)
            self._dismiss(process)

    def _kill(self, process: Process, why: str) -> None:
        log.error("%s process %d %s and is killed", process.post.name, process.pid, why)
        _signal(process.pid, signal.SIGKILL)

    def _dismiss(self, process: Process) -> None:
        process.leaving_since = time.monotonic()
        _signal(process.pid, signal.SIGTERM)

    def _fill(self, post: Post, now: float) -> None:
        held = [process for process in self.processes.values() if process.post is post]
        sound = [p for p in held if not p.leaving_since and self._silence(p, now) < QUIET]
        if len(sound) > post.number:  # a silent one is back, and its stand-in is here
            self._dismiss(min(sound, key=lambda process: process.began))
        elif now > self.not_before:
            missing = post.number - len(sound)
            for _ in range(min(missing, post.number + MOST_STAND_INS - len(held))):
                self._start(post)

    def _start(self, post: Post) -> None:
        slot = min(set(range(SLOTS)) - {process.slot for process in self.processes.values()})
        self.beats.clear(slot)
        pid = os.fork()
        if pid == 0:
            _be(post, slot)
        self.processes[pid] = Process(pid=pid, slot=slot, post=post, began=time.monotonic())

    def _bury(self) -> None:
        for pid in list(self.processes):
            gone, status = os.waitpid(pid, os.WNOHANG)
            if not gone:
                continue
            process = self.processes.pop(pid)
            self.beats.clear(process.slot)
            if not process.leaving_since:
                log.error("%s process %d ended with status %d", process.post.name, pid, status)
            if time.monotonic() - process.began < PAUSE:
                self.not_before = time.monotonic() + PAUSE

    def _stop(self, *_: object) -> None:
        self.stopping = True


def _be(post: Post, slot: int) -> None:
    """In the new process: do the work, and end without anything of the supervisor's."""
    status = 1
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the supervisor, who asks us to leave
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        post.work(slot)
        status = 0
    except BaseException:  # noqa: BLE001  # whatever it was: say it, and end here
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)


def _signal(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)
