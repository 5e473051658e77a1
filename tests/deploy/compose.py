"""docker-compose.yml as an engine reads it: its services as containers, from the image and Debian's own servers."""

import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from mscc.local.place import CHECKOUT
from tests.deploy.containers import NETWORK, OUTSIDE, Container
from tests.deploy.roots import run

ORDER = (
    "database",
    "broker",
    "clamd",
    "prepare",
    "web",
    "lanes",
    "worker",
    "scheduler",
    "watchdog",
    "proxy",
    "backup",
)
_VARIABLE = re.compile(r"\$(?:\$|\{(\w+)(?:(:[-?])([^}]*))?\})")
# What PostgreSQL's image does with an empty volume before it runs its command.
FIRST = """
data=/var/lib/postgresql/data; bin=/usr/lib/postgresql/15/bin
if [ ! -s $data/PG_VERSION ]; then
    $bin/initdb -D $data -U "$POSTGRES_USER" --pwfile="$POSTGRES_PASSWORD_FILE" --auth-local=trust --auth-host=scram-sha-256 -E UTF8 --locale=C
    echo "host all all all scram-sha-256" >> $data/pg_hba.conf
    $bin/pg_ctl -D $data -w -o "-c listen_addresses='' -c unix_socket_directories=/var/run/postgresql" start
    psql -U "$POSTGRES_USER" -d postgres -c "CREATE DATABASE $POSTGRES_DB"
    sh /docker-entrypoint-initdb.d/roles.sh
    $bin/pg_ctl -D $data -w -m fast stop
fi
shift; exec $bin/postgres -D $data -c listen_addresses='*' "$@"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """The files of an image, and what it says about itself."""

    root: Path
    config: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A compose file with its variables, the folder of its volumes and secrets, and what stands in for its images."""

    services: Mapping[str, Any]
    folder: Path
    images: Mapping[str, Image]  # by target of the Dockerfile
    servers: Path

    def container(self, name: str) -> Container:
        """A service of the file, as it is written there."""
        service = self.services[name]
        own = self.images[service["build"]["target"]] if "build" in service else None
        environment = {
            key: "" if value is None else str(value) for key, value in service.get("environment", {}).items()
        }
        words = service.get("command") or (own.config["Cmd"] if own else ())
        if own:
            defaults = dict(pair.split("=", 1) for pair in own.config["Env"])
            environment = {**defaults, **environment}
        else:
            environment = {"PATH": "/usr/lib/postgresql/15/bin:/usr/sbin:/usr/bin:/sbin:/bin", **environment}
        mounts, readable = self._volumes(service, own)
        return Container(
            name=name,
            number=10 + ORDER.index(name),
            root=own.root if own else self.servers,
            words=words,
            log=self.folder / f"{name}.log",
            hosts={other: f"{NETWORK}.{10 + place}" for place, other in enumerate(ORDER)} | {"mail": OUTSIDE},
            environment=environment,
            user=own.config["User"] if own else "0",
            folder=own.config["WorkingDir"] if own else "/",
            read_only=bool(service.get("read_only")),
            tmpfs=service.get("tmpfs", ()),
            mounts=mounts,
            readable={
                f"/run/secrets/{secret}": self.folder / "secrets" / secret
                for secret in service.get("secrets", ())
            }
            | readable,
        )

    def _volumes(
        self, service: Mapping[str, Any], own: Image | None
    ) -> tuple[dict[str, Path], dict[str, Path]]:
        """A volume by name is a folder with the owner that the image gave to its place."""
        mounts, readable = {}, {}
        for volume in service.get("volumes", ()):
            source, place, *mode = volume.split(":")
            if source.startswith(("/", "./")):
                path = Path(source) if source.startswith("/") else CHECKOUT / source
            else:
                path = self.folder / "volumes" / source
                if not path.exists():
                    path.mkdir(parents=True)
                    inside = (own.root if own else self.servers) / place.lstrip("/")
                    if inside.is_dir():
                        shutil.chown(path, inside.stat().st_uid, inside.stat().st_gid)
                        path.chmod(inside.stat().st_mode & 0o777)
            (readable if mode == ["ro"] else mounts)[place] = path
        return mounts, readable

    def servers_of(self, name: str) -> Container:
        """Database, broker, clamd or proxy: Debian's program, as the image of the file would start it."""
        container = self.container(name)
        if name == "database":
            container.user = "postgres"
            run("chroot", str(self.servers), "chown", "postgres", "/var/run/postgresql")
            container.words = ["bash", "-euc", FIRST, "database", *container.words]
            uid = int(run("chroot", str(self.servers), "id", "-u", "postgres"))
            os.chown(container.mounts["/var/lib/postgresql/data"], uid, uid)
            container.mounts["/var/lib/postgresql/data"].chmod(0o700)
        return container


def read(variables: Mapping[str, str]) -> Mapping[str, Any]:
    """The services of the file with these variables. SystemExit with its own words when one is missing."""

    def value(found: "re.Match[str]") -> str:
        name, how, default = found.groups()
        if name is None:
            return "$"
        given = variables.get(name, "")
        if not given and how == ":?":
            raise SystemExit(default)
        return given or default or ""

    text = (CHECKOUT / "docker-compose.yml").read_text()
    lines = (
        line if line.lstrip().startswith("#") else _VARIABLE.sub(value, line) for line in text.splitlines()
    )
    return dict(yaml.safe_load("\n".join(lines))["services"])
