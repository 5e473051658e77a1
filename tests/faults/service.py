"""The running service of the fault tests: real processes that can be frozen, starved, held and filled up."""

import contextlib
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings

from mscc.local.place import CHECKOUT, STATE, socket_folder
from mscc.local.postgres import OWNER, WEB, Postgres
from mscc.local.process import Child
from mscc.local.valkey import Valkey

LISTENS = "0A"  # as /proc/net/tcp writes it
WORKERS = 2
DISK, UPLOADS = 320, 30  # MB of the disks of the database and of uploads


def _may_mount() -> bool:
    """Whether a small disk can be mounted here, to be filled: as root, and not in every container."""
    with tempfile.TemporaryDirectory() as place:
        tried = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", place], capture_output=True)
        return tried.returncode == 0 and subprocess.run(["umount", "-l", place]).returncode == 0


MAY_MOUNT = os.geteuid() == 0 and shutil.which("mount") is not None and _may_mount()
SEED = """
import django; django.setup()
from demo.people import add_people, add_rota
from kernel.time import now
add_people(at=now()); add_rota(at=now())
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, and how long it took."""

    status: int
    text: str
    seconds: float
    headers: dict[str, str] = field(default_factory=dict)

    def json(self) -> Any:
        return json.loads(self.text)


@dataclass(slots=True)
class Service:
    """Database, broker and web server, each a process of its own."""

    folder: Path
    database: Postgres
    children: dict[str, Child]
    port: int
    health_port: int

    def get(self, path: str, *, port: int = 0, within: float = 15, **headers: str) -> Answer:
        return self.ask("GET", path, port=port, within=within, headers=headers)

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        *,
        port: int = 0,
        within: float = 15,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        began = time.monotonic()
        http_connection = http.client.HTTPConnection("127.0.0.1", port or self.port, timeout=within)
        try:
            http_connection.request(method, path, body, headers or {})
            answer = http_connection.getresponse()
            text = answer.read().decode(errors="replace")
            return Answer(answer.status, text, time.monotonic() - began, dict(answer.getheaders()))
        finally:
            http_connection.close()

    def connect(self) -> socket.socket:
        """A bare connection to the web server."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=15)

    def sql(self, query: str, *values: Any) -> list[Any]:
        """As the owner, beside the service."""
        with psycopg.connect(self.database.url(OWNER, "mscc"), autocommit=True) as connection:
            cursor = connection.execute(query, values)
            return cursor.fetchall() if cursor.description else []

    def pid(self, name: str) -> int:
        process = self.children[name].process
        assert process is not None
        return process.pid

    @property
    def workers(self) -> list[int]:
        """The processes that serve pages, the oldest first; the one for health alone is not among them."""
        return sorted(pid for pid in _children_of(self.pid("web")) if _listens(pid, self.port))

    @contextmanager
    def frozen(self, *pids: int) -> Iterator[None]:
        """Stopped as by SIGSTOP until the block ends."""
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in pids:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)

    def everything_of(self, name: str) -> list[int]:
        """A process and all that it started."""
        pids = [self.pid(name)]
        for pid in pids:
            pids += _children_of(pid)
        return pids

    @contextmanager
    def full_disk(self, name: str = "disk") -> Iterator[None]:
        """No byte is left on the disk of the database, or of uploads, until the block ends."""
        with filled(self.folder / name):
            yield


@contextmanager
def filled(place: Path) -> Iterator[None]:
    """No byte is left on the disk of a folder until the block ends."""
    ballast = place / "ballast"
    with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(b"x" * 65536)
    try:
        yield
    finally:
        ballast.unlink()


def until(holds: Callable[[], bool], *, within: float) -> float:
    """Wait until it holds; how many seconds that took."""
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < within, f"not within {within:g} seconds"
        time.sleep(0.1)
    return time.monotonic() - began


@contextmanager
def running(tables: str) -> Iterator[Service]:
    """Start everything on a small disk with the tables of the database at an address, and stop it at the end."""
    (STATE / "faults").mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=STATE / "faults"))
    disk = folder / "disk"
    small = {disk: DISK, folder / "uploads": UPLOADS}
    for place, size in small.items():
        place.mkdir()
        if MAY_MOUNT:
            subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}m", "tmpfs", str(place)], check=True)
    database = Postgres(disk / "postgres", name=folder.name, durable=False)
    broker = Valkey(folder / "valkey", name=folder.name)
    children = {}
    try:
        children["postgres"] = database.start(folder / "postgres.log")
        children["valkey"] = broker.start(folder / "valkey.log")
        database.make_database("mscc")
        database.copy_into("mscc", of=tables)
        service = Service(folder, database, children, _free_port(), _free_port())
        environment = _environment(folder, database, broker)
        subprocess.run([sys.executable, "-c", SEED], cwd=CHECKOUT, env=environment, check=True)
        children["web"] = Child(
            name="web",
            command=[
                sys.executable,
                "manage.py",
                "serve",
                "--port",
                str(service.port),
                "--health-port",
                str(service.health_port),
            ],
            log=folder / "web.log",
            environment=environment,
        )
        children["web"].start()
        until(lambda: _answers(service) and len(service.workers) == WORKERS, within=60)
        yield service
    finally:
        for child in reversed(list(children.values())):
            child.stop()
        if MAY_MOUNT:
            for place in small:
                subprocess.run(["umount", "-l", str(place)], check=True)
        shutil.rmtree(folder, ignore_errors=True)
        shutil.rmtree(socket_folder(folder.name), ignore_errors=True)


def _environment(folder: Path, database: Postgres, broker: Valkey) -> dict[str, str]:
    ours = ("DATABASE", "REDIS", "CELERY", "EMAIL", "DJANGO", "PYTEST")
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith(ours)},
        "DJANGO_SETTINGS_MODULE": "mscc.settings",
        "DEMO": "true",
        "SECRET_KEY": "for-tests-only",
        "BASE_URL": "http://127.0.0.1",
        "ALLOWED_HOSTS": "127.0.0.1",
        "DATABASE_URL": database.url(WEB, "mscc"),
        "DATABASE_OWNER_URL": database.url(OWNER, "mscc"),
        "REDIS_URL": broker.url(),
        "EMAIL_FOLDER": str(folder / "mailbox"),
        "STATIC_ROOT": str(settings.STATIC_ROOT),
        "LOG_LEVEL": "ERROR",
        "TMPDIR": str(folder / "uploads"),
    }


def _answers(service: Service) -> bool:
    try:
        return service.get("/health/live", within=1).status == 200
    except OSError:
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _children_of(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in tasks.read_text().split()] if tasks.exists() else []


def _listens(pid: int, port: int) -> bool:
    """Whether a process of the web server serves this port: each closes the listeners of the others."""
    try:
        lines = Path(f"/proc/{pid}/net/tcp").read_text().splitlines()[1:]
        held = {os.readlink(link) for link in Path(f"/proc/{pid}/fd").iterdir()}
    except OSError:  # it has ended meanwhile
        return False
    fields = [line.split() for line in lines]
    return any(
        place.endswith(f":{port:04X}") and state == LISTENS and f"socket:[{inode}]" in held
        for _, place, _, state, *_, inode in [field[:10] for field in fields]
    )
