"""Real servers for a measurement: durable PostgreSQL, Valkey, granian, as ./run starts them."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mscc.local.place import STATE, socket_folder
from mscc.local.postgres import OWNER, WEB, Postgres
from mscc.local.process import Child
from mscc.local.valkey import Valkey

PORT = 8199
ADDRESS = f"http://127.0.0.1:{PORT}"


@contextmanager
def servers(*, web: bool = True) -> Iterator[None]:
    """Start everything in a fresh folder, set Django up in this process, stop everything at the end."""
    (STATE / "load").mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=STATE / "load"))
    database, broker = (
        Postgres(folder / "postgres", name=folder.name),
        Valkey(folder / "valkey", name=folder.name),
    )
    children = [database.start(folder / "postgres.log"), broker.start(folder / "valkey.log")]
    try:
        database.make_database("mscc")
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
        subprocess.run([sys.executable, "manage.py", "prepare"], check=True)
        if web:
            children.append(_web(folder))
        yield
    finally:
        for child in reversed(children):
            child.stop()
        shutil.rmtree(folder, ignore_errors=True)
        shutil.rmtree(socket_folder(folder.name), ignore_errors=True)


def _web(folder: Path) -> Child:
    words = ["granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(PORT), "--workers", "2",
             "--blocking-threads", "4", "--respawn-failed-workers", "--no-ws", "mscc.wsgi:application"]  # fmt: skip
    child = Child(name="web", command=[sys.executable, "-m", *words], log=folder / "web.log")
    child.start()
    for _ in range(200):
        try:
            with urllib.request.urlopen(f"{ADDRESS}/health/live", timeout=1):
                return child
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
    raise SystemExit((folder / "web.log").read_text())
