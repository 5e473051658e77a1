"""A pytest plugin, loaded with -p before Django reads its settings: fresh real servers for one test run."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest

from mscc.local.place import STATE, socket_folder
from mscc.local.postgres import OWNER, WEB, Postgres
from mscc.local.process import Child
from mscc.local.valkey import Valkey

_children: list[Child] = []
_folder: Path | None = None


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests() -> None:
    """Before pytest-django reads the settings."""
    global _folder
    if "MSCC_TEST_FOLDER" in os.environ:  # a worker of pytest-xdist: its controller has started the servers
        return
    (STATE / "tests").mkdir(parents=True, exist_ok=True)
    _folder = Path(tempfile.mkdtemp(dir=STATE / "tests"))
    environment = {"MSCC_TEST_FOLDER": str(_folder), "SECRET_KEY": "for-tests-only", "DEMO": "true"}
    if "DATABASE_URL" not in os.environ:
        database = Postgres(_folder / "postgres", name=_folder.name, durable=False)
        _children.append(database.start(_folder / "postgres.log"))
        broker = Valkey(_folder / "valkey", name=_folder.name)
        _children.append(broker.start(_folder / "valkey.log"))
        environment |= {
            "DATABASE_URL": database.url(WEB, "mscc"),
            "DATABASE_OWNER_URL": database.url(OWNER, "postgres"),
            "REDIS_URL": broker.url(),
        }
    environment |= {
        "ALLOWED_HOSTS": "127.0.0.1,localhost,testserver",
        "BASE_URL": "http://testserver",
        "EMAIL_FOLDER": str(_folder / "mailbox"),
        "STATIC_ROOT": str(_folder / "static"),
        "LOG_LEVEL": "CRITICAL",
    }
    os.environ.update(environment)


def pytest_unconfigure() -> None:
    """Stop the servers of this run, the newest first, and delete their folders."""
    for child in reversed(_children):
        child.stop()
    if _folder is not None:
        shutil.rmtree(_folder, ignore_errors=True)
        shutil.rmtree(socket_folder(_folder.name), ignore_errors=True)
