"""Real servers for a measurement: durable PostgreSQL, Valkey, the web server, as ./run starts them."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mscc.local.place import STATE, socket_folder
from mscc.local.postgres import OWNER, WEB, Postgres
from mscc.local.process import Child
from mscc.local.valkey import Valkey
from tests.load.stepped import BACK, FORWARD

DISK = 640  # MB


def _free_port() -> int:
    """Whatever is free, so that measurements and tests do not meet."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


PORT = _free_port()
ADDRESS = f"http://127.0.0.1:{PORT}"


def with_children(pid: int) -> list[int]:
    """A process and all that it started."""
    pids = [pid]
    for parent in pids:
        with contextlib.suppress(OSError):  # it has ended meanwhile
            for children in Path(f"/proc/{parent}/task").glob("*/children"):
                pids += [int(child) for child in children.read_text().split()]
    return pids


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """The servers of a measurement, to be killed and started again."""

    folder: Path
    database: Postgres
    broker: Valkey
    children: dict[str, Child]
    disk: Path | None = None  # the small disk of the database, if it has one

    def kill(self, name: str) -> None:
        """End a process and its group at once, as a crash does."""
        process = self.children[name].process
        assert process is not None  # it was started
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def freeze(self, name: str) -> None:
        """Stop a process and all that it started where they are, in the middle of whatever they do."""
        self._signal_all(name, signal.SIGSTOP)

    def thaw(self, name: str) -> None:
        """Let them go on, as if no time had passed."""
        self._signal_all(name, signal.SIGCONT)

    def _signal_all(self, name: str, number: int) -> None:
        """To each process by its number: the processes of PostgreSQL are not in its group."""
        process = self.children[name].process
        assert process is not None  # it was started
        for pid in with_children(process.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def step(self, name: str, *, forward: bool) -> None:
        """Put the wall clock of a process and its group three hours forward, or back."""
        process = self.children[name].process
        assert process is not None  # it was started
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, FORWARD if forward else BACK)

    def fill(self) -> None:
        """Leave no byte on the disk of the database."""
        assert self.disk is not None  # as its caller knows
        with (self.disk / "ballast").open("wb", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(b"x" * 65536)

    def drain(self) -> None:
        """Give the room back; a database that gave up is started again, as its supervisor would do."""
        assert self.disk is not None  # as its caller knows
        (self.disk / "ballast").unlink()
        self.revive("postgres")

    def revive(self, name: str) -> None:
        """Start it again if it has ended."""
        if not self.children[name].alive:
            self.kill(name)
            self.start(name)

    def start(self, name: str) -> None:
        """Start it again from what it left behind."""
        if name == "postgres":
            self.children[name] = self.database.start(self.folder / "postgres.log")
        elif name == "valkey":
            self.children[name] = self.broker.start(self.folder / "valkey.log")
        else:
            self.children[name].start()

    def add(self, name: str, *words: str) -> None:
        """Start another process of ours, whose clock can be stepped: a worker, a scheduler."""
        words = ("tests.load.stepped", *words)
        child = Child(name=name, command=[sys.executable, "-m", *words], log=self.folder / f"{name}.log")
        child.start()
        self.children[name] = child


@contextmanager
def servers(*, web: bool = True, small_disk: bool = False, **changes: str) -> Iterator[Running]:
    """Start everything in a fresh folder, set Django up in this process, stop everything at the end.

    `changes` are variables of the service's environment. The database gets a small disk of its own if asked, and if
    one can be mounted here.
    """
    (STATE / "load").mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=STATE / "load"))
    disk = _mounted(folder / "disk") if small_disk else None
    database, broker = (
        Postgres((disk or folder) / "postgres", name=folder.name),
        Valkey(folder / "valkey", name=folder.name),
    )
    children = {
        "postgres": database.start(folder / "postgres.log"),
        "valkey": broker.start(folder / "valkey.log"),
    }
    try:
        database.make_database("mscc")
        migrated = os.environ.get("MIGRATED_DATABASE")
        if migrated:
            database.copy_into("mscc", of=migrated)
        os.environ.update(
            DJANGO_SETTINGS_MODULE="tests.load.settings",
            DEMO="true",
            SECRET_KEY="for-measurements-only",
            BASE_URL=ADDRESS,
            ALLOWED_HOSTS="127.0.0.1,testserver",
            DATABASE_URL=database.url(WEB, "mscc"),
            DATABASE_OWNER_URL=database.url(OWNER, "mscc"),
            REDIS_URL=broker.url(),
            EMAIL_FOLDER=str(folder / "mailbox"),
            STATIC_ROOT=str(folder / "static"),
            LOG_LEVEL="ERROR",
        )
        os.environ.update(changes)
        if not migrated:  # a copy has its tables and rights
            _manage("prepare", "--without-static")
        if web:
            _manage("collectstatic", "--no-input", "--verbosity", "0")
            children["web"] = _web(folder)
        yield Running(folder=folder, database=database, broker=broker, children=children, disk=disk)
    finally:
        for child in reversed(list(children.values())):
            child.stop()
        if disk is not None:
            subprocess.run(["umount", "-l", str(disk)], check=True)
        shutil.rmtree(folder, ignore_errors=True)
        shutil.rmtree(socket_folder(folder.name), ignore_errors=True)


def _mounted(place: Path) -> Path | None:
    """A small disk in memory at this place; None where nothing can be mounted."""
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={DISK}m", "tmpfs", str(place)]
    with contextlib.suppress(FileNotFoundError):
        if subprocess.run(command, capture_output=True).returncode == 0:
            return place
    return None


def _manage(*words: str) -> None:
    subprocess.run([sys.executable, "manage.py", *words], check=True)


def _web(folder: Path) -> Child:
    words = ["-m", "tests.load.stepped", "django", "serve", "--port", str(PORT)]
    child = Child(name="web", command=[sys.executable, *words], log=folder / "web.log")
    child.start()
    for _ in range(1200):  # a busy machine takes its time
        try:
            with urllib.request.urlopen(f"{ADDRESS}/health/live", timeout=1):
                return child
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    raise SystemExit((folder / "web.log").read_text())
