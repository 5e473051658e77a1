"""Three members of etcd and two PostgreSQL hosts under Patroni, each with an address of its own, from deploy/ha/patroni.yml."""

import json
import secrets
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from mscc.local.place import CHECKOUT
from tests.deploy.containers import NETWORK, Container, until
from tests.deploy.roots import run

ETCD, SERVERS = ("etcd1", "etcd2", "etcd3"), ("pg1", "pg2")
NUMBERS = {
    **{name: 21 + place for place, name in enumerate(ETCD)},
    **{name: 31 + place for place, name in enumerate(SERVERS)},
}
ADDRESS = {name: f"{NETWORK}.{number}" for name, number in NUMBERS.items()}
QUICK = 1.5  # seconds for a question about the state


@dataclass(kw_only=True)
class Cluster:
    """The containers by name, and the passwords of PostgreSQL."""

    folder: Path
    root: Path
    patroni: str = "patroni"
    containers: dict[str, Container] = field(default_factory=dict)
    passwords: dict[str, str] = field(default_factory=dict)

    def start(self) -> None:
        """Start everything, and wait for a primary with its synchronous standby."""
        names = ("SUPERUSER", "REPLICATION", "REWIND", "OWNER", "WEB")
        self.passwords = {name: secrets.token_hex(16) for name in names}
        for name in ETCD:
            self.containers[name] = self._etcd(name)
            self.containers[name].start()
        for name in SERVERS:
            self.containers[name] = self._server(name)
            self.containers[name].start()
        until(self.is_whole, seconds=120, says=self.last_words())
        self._make_database()

    def url(self, role: str, password: str, database: str = "mscc") -> str:
        """The address that names both hosts."""
        hosts = ",".join(f"{ADDRESS[name]}:5432" for name in SERVERS)
        return f"postgresql://{role}:{self.passwords[password]}@{hosts}/{database}"

    def primary(self) -> str:
        """The server that says that it is the primary; empty when none does."""
        return next((name for name in SERVERS if _status(f"http://{ADDRESS[name]}:8008/primary") == 200), "")

    def is_whole(self) -> bool:
        """Whether there is a primary, and the other one is its synchronous standby."""
        primary = self.primary()
        others = [name for name in SERVERS if name != primary]
        return bool(primary) and all(
            _status(f"http://{ADDRESS[name]}:8008/synchronous") == 200 for name in others
        )

    def etcd_leader(self) -> str:
        """The member that leads; empty when none does."""
        for name in ETCD:
            body = _asked(f"http://{ADDRESS[name]}:2379/v3/maintenance/status", b"{}")
            if body and body["leader"] == body["header"]["member_id"]:
                return name
        return ""

    def last_words(self) -> str:
        """The end of every log, for whoever has to find out why it does not start."""
        logs = sorted(self.folder.glob("*.log"))
        return "\n".join(f"{log.name}: {log.read_text()[-1500:]}" for log in logs) or "It did not start."

    def _etcd(self, name: str) -> Container:
        own, data = ADDRESS[name], self._folder(name, "root")
        peers = ",".join(f"{other}=http://{ADDRESS[other]}:2380" for other in ETCD)
        words = [
            "etcd",
            "--name",
            name,
            "--data-dir",
            "/data",
            "--listen-client-urls",
            f"http://{own}:2379",
            "--advertise-client-urls",
            f"http://{own}:2379",
            "--listen-peer-urls",
            f"http://{own}:2380",
            "--initial-advertise-peer-urls",
            f"http://{own}:2380",
            "--initial-cluster",
            peers,
            "--log-level",
            "error",
            "--heartbeat-interval",
            "200",
            "--election-timeout",
            "2000",
        ]
        return self._container(name, words, mounts={"/data": data}, user="0")

    def _server(self, name: str) -> Container:
        text = (CHECKOUT / "deploy" / "ha" / "patroni.yml").read_text()
        changes = {
            "ONE": name,
            "ADDRESS": ADDRESS[name],
            "ETCD": ",".join(f"{ADDRESS[other]}:2379" for other in ETCD),
            **self.passwords,
        }
        for word, value in changes.items():
            text = text.replace(word, value)
        config = self.folder / f"{name}.yml"
        config.write_text(text)
        data = self._folder(name, "postgres")
        return self._container(
            name,
            [self.patroni, "/etc/patroni/config.yml"],
            user="postgres",
            mounts={"/var/lib/postgresql/15": data},
            readable={"/etc/patroni/config.yml": config},
        )

    def _container(self, name: str, words: list[str], **more: object) -> Container:
        return Container(
            name=name,
            number=NUMBERS[name],
            root=self.root,
            words=words,
            log=self.folder / f"{name}.log",
            hosts={},
            environment={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/tmp"},
            tmpfs=["/var/run/postgresql"],
            **more,
        )

    def _folder(self, name: str, user: str) -> Path:
        folder = self.folder / f"{name}.data"
        folder.mkdir(mode=0o700)
        if user != "root":
            ids = run("chroot", str(self.root), "sh", "-c", f"echo $(id -u {user}):$(id -g {user})").strip()
            run("chown", ids, str(folder))
        return folder

    def _make_database(self) -> None:
        """The roles and the database of docs/deployment.md."""
        with psycopg.connect(
            self.url("postgres", "SUPERUSER", "postgres"), target_session_attrs="primary", autocommit=True
        ) as connection:
            for role, options in (("mscc_owner", ""), ("mscc_web", "NOSUPERUSER NOCREATEDB NOCREATEROLE")):
                password = self.passwords["OWNER" if role == "mscc_owner" else "WEB"]
                connection.execute(f"CREATE ROLE {role} LOGIN {options} PASSWORD '{password}'")
            connection.execute("CREATE DATABASE mscc OWNER mscc_owner")


def _status(address: str) -> int:
    try:
        with urllib.request.urlopen(address, timeout=QUICK) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refusal:
        return refusal.code
    except OSError:
        return 0


def _asked(address: str, body: bytes) -> "dict[str, dict[str, str]] | None":
    try:
        with urllib.request.urlopen(address, data=body, timeout=QUICK) as answer:
            return dict(json.load(answer))
    except (OSError, ValueError):
        return None
