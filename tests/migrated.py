"""One database that its owner migrates from zero; every process of a run works on a copy.

What the migrations made is kept in .local by the hash of all that makes it, so that the next run only loads it.
"""

import fcntl
import hashlib
import os
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connections

from mscc.database import grant, prepare
from mscc.local.place import CHECKOUT, STATE
from mscc.local.postgres import dump, fill

MIGRATED = "mscc_migrated"
OURS = ("accounts", "api", "ledger", "mdt", "oncall", "referrals", "triage", "webkit")


def use_a_copy(name: str) -> None:
    """From here on this process uses a fresh database of this name, migrated, with the rights of the roles."""
    beside = connections["owner"].settings_dict["NAME"]
    with (Path(os.environ["MSCC_TEST_FOLDER"]) / "migrated").open("a+") as mark:
        fcntl.flock(mark, fcntl.LOCK_EX)  # the first process migrates, the others wait for it
        if mark.seek(0, os.SEEK_END) == 0:
            _create(MIGRATED, like="template1")
            _migrate(beside)
            mark.write("by its owner, from zero\n")
        _create(name, like=MIGRATED)
    _use(name)
    grant(connections["default"].settings_dict["USER"])  # rights on the database itself are not copied
    connections["owner"].close()


def _migrate(beside: str) -> None:
    """Fill the migrated database: from what an earlier run kept, else by its migrations."""
    kept = STATE / f"migrated-{_fingerprint()}.sql"
    if kept.exists():
        fill(address_of_the_migrated(), kept.read_bytes())
        return
    _use(MIGRATED)
    prepare()
    connections.close_all()
    _use(beside)
    for stale in STATE.glob("migrated-*.sql"):
        stale.unlink()
    part = kept.with_suffix(".part")
    part.write_bytes(dump(address_of_the_migrated()))
    part.rename(kept)


def _fingerprint() -> str:
    """Of everything that a migrated database depends on: migrations, models, grants and packages."""
    sources = [
        *(path for app in OURS for path in sorted((CHECKOUT / app).rglob("migrations/*.py"))),
        CHECKOUT / "mscc" / "database.py",
        CHECKOUT / "requirements-dev.lock",
    ]
    seal = hashlib.sha256(os.environ["DATABASE_URL"].split("@")[0].encode())
    for source in sources:
        seal.update(source.read_bytes())
    return seal.hexdigest()[:16]


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
