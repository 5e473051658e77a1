"""./run --night: one seeded night on call at 60 times speed, with a worker killed on the way."""

import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from datetime import time as wall_time
from pathlib import Path

from kernel.time import from_london, london_date, now, rfc3339
from mscc.local.place import STATE
from mscc.local.postgres import OWNER, WEB, Postgres
from mscc.local.process import Child
from mscc.local.valkey import Valkey

PACE = 60
HOURS = 12.25


def play(seed: int) -> None:
    """Start database, broker, worker and scheduler on an empty folder, play the night, kill the worker in it."""
    folder = STATE / "night"
    shutil.rmtree(folder, ignore_errors=True)
    database, broker = Postgres(folder / "postgres", name="night"), Valkey(folder / "valkey", name="night")
    children = [database.start(folder / "postgres.log"), broker.start(folder / "valkey.log")]
    try:
        database.make_database("mscc")
        os.environ.update(_environment(folder, database, broker))
        _manage("prepare", "--without-static")
        os.environ["DEMO_CLOCK"] = _clock()
        worker, *others = _processes(folder)
        children += [worker, *others]
        for child in (worker, *others):
            child.start()
        with subprocess.Popen([sys.executable, "manage.py", "night", "--seed", str(seed)]) as night:
            _kill_on_the_way(worker, night, random.Random(seed))  # chance, not secrecy
            if night.wait():
                raise SystemExit(1)
    finally:
        for child in reversed(children):
            child.stop()


def _environment(folder: Path, database: Postgres, broker: Valkey) -> dict[str, str]:
    return {
        "DEMO": "true",
        "SECRET_KEY": "for one night only",
        "BASE_URL": "http://127.0.0.1",
        "ALLOWED_HOSTS": "127.0.0.1",
        "DATABASE_URL": database.url(WEB, "mscc"),
        "DATABASE_OWNER_URL": database.url(OWNER, "mscc"),
        "REDIS_URL": broker.url(),
        "EMAIL_FOLDER": str(folder / "mailbox"),
        "STATIC_ROOT": str(folder / "static"),
        "LOG_LEVEL": "ERROR",
    }


def _clock() -> str:
    """The demo clock: from now on, every process starts at eight in the evening in London, 60 times as fast."""
    real = now()
    evening = from_london(london_date(real), wall_time(20))
    return f"{rfc3339(real)} {rfc3339(evening)} {PACE}"


def _processes(folder: Path) -> tuple[Child, ...]:
    celery = [sys.executable, "-m", "celery", "-A", "mscc.celery"]
    worker = ["worker", "--concurrency", "2", "--loglevel", "error", "--without-gossip", "--without-mingle"]
    beat = ["beat", "--loglevel", "error", "--pidfile="]
    return (
        Child(name="worker", command=[*celery, *worker], log=folder / "worker.log"),
        Child(name="scheduler", command=[*celery, *beat], log=folder / "scheduler.log"),
        Child(name="lanes", command=[sys.executable, "manage.py", "lanes"], log=folder / "lanes.log"),
    )


def _kill_on_the_way(worker: Child, night: subprocess.Popen[bytes], chance: random.Random) -> None:
    """Kill the worker near the middle and restart it two seconds later, which are two minutes of the night."""
    at = time.monotonic() + chance.uniform(0.3, 0.7) * HOURS * 3600 / PACE
    while night.poll() is None and time.monotonic() < at:
        time.sleep(0.2)
    if night.poll() is not None or worker.process is None:
        return
    print("       The worker is killed.", flush=True)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(worker.process.pid, signal.SIGKILL)
    worker.process.wait()
    time.sleep(2)
    worker.start()
    print("       The worker runs again, two minutes later.", flush=True)


def _manage(*words: str) -> None:
    subprocess.run([sys.executable, "manage.py", *words], check=True)
