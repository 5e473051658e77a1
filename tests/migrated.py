"""One database that its owner migrates from zero in each run; every process of the run works on a copy."""

import fcntl
import os
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connections

from mscc.database import prepare

MIGRATED = "mscc_migrated"


def use_a_copy(name: str) -> None:
    """From here on this process uses a fresh database of this name, migrated, with the rights of the roles."""
    beside = connections["owner"].settings_dict["NAME"]
    with (Path(os.environ["MSCC_TEST_FOLDER"]) / "migrated").open("a+") as mark:
        fcntl.flock(mark, fcntl.LOCK_EX)  # the first process migrates, the others wait for it
        if mark.seek(0, os.SEEK_END) == 0:
            _create(MIGRATED, like="template1")
            _use(MIGRATED)
            prepare()
            connections.close_all()
            _use(beside)
            mark.write("by its owner, from zero\n")
        _create(name, like=MIGRATED)
    _use(name)


def address_of_the_migrated() -> str:
    """Where a server of somebody's own can copy the tables from, once there is a copy here."""
    given = os.environ.get("DATABASE_OWNER_URL") or os.environ["DATABASE_URL"]
    return urlsplit(given)._replace(path=f"/{MIGRATED}").geturl()


def _create(name: str, *, like: str) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        cursor.execute(f"CREATE DATABASE {name} TEMPLATE {like}")
    connections["owner"].close()


def _use(name: str) -> None:
    for alias in ("default", "owner"):
        settings.DATABASES[alias]["NAME"] = connections[alias].settings_dict["NAME"] = name
