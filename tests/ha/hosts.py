"""Two hosts that each run every process of the service, with a balancer in front of them and Redis beside."""

import os
import signal
import urllib.request
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from mscc.local.place import CHECKOUT
from tests.deploy.containers import NETWORK, Container, until
from tests.deploy.roots import run
from tests.ha.cluster import SERVERS
from tests.load.servers import with_children

HOSTS = {"app1": 41, "app2": 42}
REDIS, FRONT = 51, 61
BASE = f"http://{NETWORK}.{FRONT}:8000"
CELERY = ("celery", "-A", "mscc.celery")
PROCESSES: Mapping[str, tuple[str, ...]] = {
    "web": ("python", "manage.py", "serve", "--host", "0.0.0.0", "--port", "8000", "--health-port", "8001"),
    "lanes": ("python", "manage.py", "lanes"),
    "worker": (*CELERY, "worker", "--concurrency", "1", "--loglevel", "error"),
    "scheduler": (*CELERY, "beat", "--loglevel", "error", "--pidfile=", "--schedule=/tmp/mscc-beat"),
    "watchdog": ("python", "manage.py", "watchdog", "--forever"),
}
WORKING = tuple(name for name in PROCESSES if name != "web")


@dataclass(kw_only=True)
class Service:
    """Every process by “host-process”, from this checkout, and the balancer and Redis by name."""

    folder: Path
    servers: Path
    environment: Mapping[str, str]
    containers: dict[str, Container] = field(default_factory=dict)

    def start(self) -> None:
        """Start everything, and wait until both hosts answer through the balancer."""
        self._start(
            "redis", REDIS, ["redis-server", "--bind", "0.0.0.0", "--protected-mode", "no", "--save", ""]
        )
        for host, number in HOSTS.items():
            for name, words in PROCESSES.items():
                container = Container(
                    name=f"{host}-{name}",
                    number=number,
                    network=host,
                    root=Path("/"),
                    words=words,
                    log=self.folder / f"{host}-{name}.log",
                    hosts={},
                    environment=self.environment,
                    folder=str(CHECKOUT),
                )
                container.start()
                self.containers[container.name] = container
        text = (CHECKOUT / "deploy" / "ha" / "haproxy.cfg").read_text()
        changes = {
            "ONE": f"{NETWORK}.31",
            "TWO": f"{NETWORK}.32",
            "FIRST": f"{NETWORK}.41",
            "SECOND": f"{NETWORK}.42",
        }
        for word, address in changes.items():
            text = text.replace(word, address)
        config = self.folder / "haproxy.cfg"
        config.write_text(text)
        self._start("front", FRONT, ["haproxy", "-W", "-f", "/etc/haproxy/haproxy.cfg"], config)

    def _start(self, name: str, number: int, words: list[str], config: Path | None = None) -> None:
        container = self.containers[name] = Container(
            name=name,
            number=number,
            root=self.servers,
            words=words,
            log=self.folder / f"{name}.log",
            hosts={},
            environment={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"},
            readable={"/etc/haproxy/haproxy.cfg": config} if config else {},
        )
        container.start()


def kill(containers: Iterable[Container]) -> None:
    """End them at once, as when their machine loses its power."""
    for container in containers:
        container.stop()


def freeze(containers: Iterable[Container]) -> None:
    """Stop every process of these in the middle of whatever it does. SystemExit when one goes on."""
    for pid in _signal_all(containers, signal.SIGSTOP):
        until(lambda pid=pid: _state(pid) in "TtZX", seconds=5, says=f"Process {pid} was not stopped.")


def thaw(containers: Iterable[Container]) -> None:
    """Let them go on, as if no time had passed."""
    _signal_all(containers, signal.SIGCONT)


def _signal_all(containers: Iterable[Container], number: signal.Signals) -> list[int]:
    pids = [pid for container in containers for pid in with_children(container.pid)]
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)
    return pids


def _state(pid: int) -> str:
    """The letter of its state; X when it is gone."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    return "X"


def cut(network: str, *addresses: str) -> None:
    """Drop every packet from a host to these addresses."""
    for address in addresses:
        run("ip", "-n", network, "route", "add", "blackhole", f"{address}/32")


def join(network: str, *addresses: str) -> None:
    """The end of `cut`."""
    for address in addresses:
        run("ip", "-n", network, "route", "del", "blackhole", f"{address}/32")


def unplug(number: int, *, back: bool = False) -> None:
    """Pull the cable of a host, or put it back."""
    run("ip", "link", "set", f"v{number}", "up" if back else "down")


def answers(address: str, path: str = "/health/live") -> bool:
    """Whether a web server answers its check."""
    try:
        with urllib.request.urlopen(f"{address}{path}", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def wait_for_hosts() -> None:
    for number in HOSTS.values():
        until(
            lambda number=number: answers(f"http://{NETWORK}.{number}:8001"),
            seconds=120,
            says="A host does not serve.",
        )
    until(lambda: answers(BASE), seconds=30, says="The balancer finds no host.")


DATABASES = tuple(f"{NETWORK}.{31 + place}" for place, _ in enumerate(SERVERS))
