"""A child process that ends with its parent and is restarted when it dies."""

import contextlib
import ctypes
import itertools
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

PR_SET_PDEATHSIG = 1
LONGEST_LOG = 5_000_000  # bytes
LOGS_KEPT = 3
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def _die_with_parent() -> None:
    if _libc is not None:
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


@dataclass(kw_only=True)
class Child:
    """One supervised process. `stop_signal` asks it to end; after `grace` seconds it is killed."""

    name: str
    command: Sequence[str]
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    stop_signal: int = signal.SIGTERM
    grace: float = 8
    user: str | None = None
    process: subprocess.Popen[bytes] | None = None
    started: float = 0
    restarts: int = 0

    def start(self) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                list(self.command),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, **self.environment},
                preexec_fn=_die_with_parent,
                start_new_session=True,
                user=self.user,
            )
        self.started = time.monotonic()

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def revive(self) -> bool:
        """Start it again if it died, with a pause that grows; True when it was started."""
        if self.alive or time.monotonic() - self.started < min(2**self.restarts * 0.25, 5):
            return False
        if time.monotonic() - self.started > 60:
            self.restarts = 0
        self.restarts += 1
        self.start()
        return True

    def turn_log(self) -> bool:
        """Keep a long log as name.log.1 and begin a new one; True when that was done.

        The process goes on writing to the same file, so it is copied and emptied. On a full disk it is only emptied.
        """
        if not self.log.exists() or self.log.stat().st_size < LONGEST_LOG:
            return False
        kept = [self.log.with_name(f"{self.log.name}.{number}") for number in range(LOGS_KEPT, 0, -1)]
        for older, newer in itertools.pairwise(kept):
            if newer.exists():
                newer.replace(older)
        try:
            shutil.copyfile(self.log, kept[-1])
        except OSError:
            kept[-1].unlink(missing_ok=True)
        os.truncate(self.log, 0)
        return True

    def ask_to_stop(self) -> None:
        if self.process is not None and self.alive:
            self.process.send_signal(self.stop_signal)

    def stop(self) -> None:
        """Ask, wait, then kill the whole process group, so that nothing is left."""
        if self.process is None:
            return
        self.ask_to_stop()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(self.grace)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
