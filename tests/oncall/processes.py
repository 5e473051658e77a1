"""Real processes on the database of a test: lanes, worker, scheduler, and how to wait for what they do."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connections

COMMANDS = {
    "lanes": ["django", "lanes", "--page-seconds", "1.5", "--clock-seconds", "4"],
    "patient_lanes": ["django", "lanes", "--page-seconds", "1.5", "--clock-seconds", "60"],
    "watchdog": ["django", "watchdog", "--forever"],
    "worker": [
        "celery",
        "-A",
        "mscc.celery",
        "worker",
        "--concurrency",
        "1",
        "--without-gossip",
        "--without-mingle",
    ],
    "scheduler": ["celery", "-A", "mscc.celery", "beat", "--pidfile="],
}
Start = Callable[..., "subprocess.Popen[bytes]"]


def until(holds: Callable[[], bool], seconds: float = 60) -> bool:
    """Whether it holds within so many seconds."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if holds():
            return True
        time.sleep(0.05)
    return False


@contextmanager
def processes_on_this_database(folder: Path) -> Iterator[Start]:
    """Starts a process by name on the database of this test, with changes of its environment; ends all at the end."""
    given = connections["default"].settings_dict
    host = given["HOST"].replace("/", "%2F")
    environment = {
        **os.environ,
        "DATABASE_URL": f"postgresql://{given['USER']}@{host}/{given['NAME']}",
        "EMAIL_FOLDER": str(folder / "mailbox"),
        "CELERY_QUEUE": f"test-{os.environ.get('PYTEST_XDIST_WORKER', 'main')}",
        "DJANGO_SETTINGS_MODULE": "mscc.settings",
        "LOG_LEVEL": "WARNING",
    }
    started: list[subprocess.Popen[bytes]] = []

    def start(
        name: str, *, stepped: tuple[float, float] | None = None, **changes: str
    ) -> "subprocess.Popen[bytes]":
        step = ["tests.oncall.stepped", *(str(number) for number in stepped)] if stepped else []
        with (folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", *step, *COMMANDS[name]],
                env={**environment, **changes},
                start_new_session=True,
                stdout=log,
                stderr=log,
            )
        started.append(process)
        return process

    try:
        yield start
    finally:
        for process in started:
            end(process)


def end(process: "subprocess.Popen[bytes]") -> None:
    """Kill a process and its children at once, as a crash does."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def lane(process: "subprocess.Popen[bytes]", place: int = 0) -> int:
    """The number of the process of a lane, in the order in which they were started: the clocks are the first."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    return sorted(int(child) for child in children)[place]
