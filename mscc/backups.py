"""Backups of the database, each a dump with a note of its content, and the proof that one can be restored."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.core.management import CommandError
from django.db import connections
from psycopg.conninfo import conninfo_to_dict

from kernel.time import from_rfc3339, rfc3339

READ = (
    "SELECT coalesce(max(id), 0), count(*), max(witnessed_at) FROM ledger_line",
    "SELECT id, last_line, root FROM ledger_seal ORDER BY id DESC LIMIT 1",
)
# Variables that would lead the check of the copy back to the live database.
OF_THE_LIVE_DATABASE = ("DATABASE_URL", "DATABASE_PASSWORD", "DATABASE_OWNER_URL", "DATABASE_OWNER_PASSWORD")
DEBIAN = Path("/usr/lib/postgresql")  # its server programs are on no path
VARIABLES = {
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "target_session_attrs": "PGTARGETSESSIONATTRS",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """What a database holds of the ledger: its newest line, how many, when the newest was written, the newest seal."""

    last_line: int
    lines: int
    written_at: str
    seal: int
    root: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """One dump in a folder. `holding` was read just before the dump, so a copy holds that much or more."""

    dump: Path
    made_at: datetime
    sha256: str
    holding: Holding


def back_up(folder: Path, *, at: datetime, programs: str, keep: int) -> Backup:
    """Dump the database as its owner into a folder that nobody else can read; delete all but the newest `keep`."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    given = connections["owner"].get_connection_params()
    with psycopg.connect(**plain(given)) as live:
        holding = holding_of(live)
    dump = folder / f"mscc-{at:%Y%m%dT%H%M%SZ}.dump"
    part = dump.with_suffix(".part")
    part.touch(mode=0o600)
    run(programs, "pg_dump", "--format=custom", f"--file={part}", at=given)
    backup = Backup(dump=dump, made_at=at, sha256=_sha256(part), holding=holding)
    note = dump.with_suffix(".json")
    note.touch(mode=0o600)
    note.write_text(
        json.dumps({"made_at": rfc3339(at), "sha256": backup.sha256, "holding": asdict(holding)}, indent=2)
    )
    part.rename(dump)  # a dump that has its name is whole and has its note
    for old in sorted(folder.glob("mscc-*.dump"))[:-keep]:
        old.unlink()
        old.with_suffix(".json").unlink(missing_ok=True)
    return backup


def newest(folder: Path) -> Backup:
    """The newest backup of a folder, its checksum verified. CommandError when there is none or it was changed."""
    dumps = sorted(folder.glob("mscc-*.dump"))
    if not dumps:
        raise CommandError(f"There is no backup in {folder}.")
    dump = dumps[-1]
    note = json.loads(dump.with_suffix(".json").read_text())
    if _sha256(dump) != note["sha256"]:
        raise CommandError(f"{dump.name} was changed after it was made: its checksum differs.")
    holding = Holding(**note["holding"])
    return Backup(dump=dump, made_at=from_rfc3339(note["made_at"]), sha256=note["sha256"], holding=holding)


def restore(backup: Backup, address: str, *, programs: str) -> Holding:
    """Fill an empty database with a backup; what it holds then. Rights are not restored: `prepare` gives them."""
    with psycopg.connect(address) as scratch:
        if scratch.execute("SELECT 1 FROM pg_tables WHERE schemaname = 'public'").fetchone():
            raise CommandError("The database to restore into is not empty; nothing was changed.")
    words: tuple[str, ...] = (
        "--no-owner",
        "--no-privileges",
        "--exit-on-error",
        "--dbname",
        str(conninfo_to_dict(address)["dbname"]),
        str(backup.dump),
    )
    run(programs, "pg_restore", *words, at=conninfo_to_dict(address))
    with psycopg.connect(address) as scratch:
        return holding_of(scratch)


def verify_copy(address: str) -> str:
    """Check every line, chain, seal and record of a restored database, in its own process; what it found."""
    names = {name for variable in OF_THE_LIVE_DATABASE for name in (variable, f"{variable}_FILE")}
    kept = {name: value for name, value in os.environ.items() if name not in names}
    done = subprocess.run(  # our own command
        [sys.executable, "manage.py", "verify_ledger"],
        cwd=settings.ROOT,
        env={**kept, "DATABASE_URL": address, "DATABASE_POOLER": "false"},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise CommandError(done.stderr.strip().splitlines()[-1])
    return done.stdout.strip()


def holding_of(database: psycopg.Connection[Any]) -> Holding:
    """What it holds of the ledger now."""
    last, lines, written_at = database.execute(READ[0]).fetchone() or (0, 0, None)
    seal = database.execute(READ[1]).fetchone()
    return Holding(
        last_line=last,
        lines=lines,
        written_at=rfc3339(written_at) if written_at else "",
        seal=seal[0] if seal else 0,
        root=seal[2] if seal else "",
    )


@contextmanager
def scratch_server(programs: str) -> Iterator[str]:
    """The address of an empty database on its own server, which is deleted afterwards."""
    if os.geteuid() == 0:
        raise CommandError(
            "PostgreSQL refuses root: run this as another user, or name a database with --into."
        )
    with tempfile.TemporaryDirectory(prefix="mscc-drill-") as place:
        data, log = f"{place}/data", f"{place}/log"
        run(programs, "initdb", "-D", data, "-U", "mscc_owner", "--auth=trust", "-E", "UTF8", "--locale=C")
        options = f"-k {place} -c listen_addresses='' -c fsync=off"
        run(programs, "pg_ctl", "-D", data, "-l", log, "-w", "-o", options, "start")
        try:
            yield f"postgresql://mscc_owner@{place.replace('/', '%2F')}/postgres"
        finally:
            run(programs, "pg_ctl", "-D", data, "-m", "immediate", "stop")


def run(programs: str, program: str, *words: str, at: Mapping[str, Any] | None = None) -> None:
    """Run a program of PostgreSQL. CommandError with its last words. No password is in a list of processes."""
    given = {VARIABLES[name]: str(value) for name, value in (at or {}).items() if name in VARIABLES and value}
    path = _path_of(program, programs)
    try:
        done = subprocess.run(  # noqa: S603  # as the caller names it
            [path, *words], env={**os.environ, **given}, capture_output=True, text=True
        )
    except FileNotFoundError:
        raise CommandError(
            f"{program} is not here; name the folder of PostgreSQL's programs with --programs."
        ) from None
    if done.returncode:
        raise CommandError(f"{program} failed: {(done.stderr.strip() or 'no reason given').splitlines()[-1]}")


def _path_of(program: str, programs: str) -> str:
    """Where a program is: in the folder that is named, on the path, else in the newest folder of Debian's packages."""
    if programs:
        return str(Path(programs) / program)
    versions = sorted(DEBIAN.glob("*/bin"), key=lambda folder: float(folder.parent.name))
    here = [str(folder / program) for folder in versions if (folder / program).exists()]
    return shutil.which(program) or (here[-1] if here else program)


def plain(given: Mapping[str, Any]) -> dict[str, Any]:
    """The address of a database, without the limits of this service: hosts, user, password, TLS, which of several hosts."""
    return {name: value for name, value in given.items() if name in VARIABLES}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
