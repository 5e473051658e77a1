"""Containers without an engine: a process in namespaces of its own, on a root that only it can write."""

import os
import shlex
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.deploy.roots import run

NETWORK = "10.77.0"
OUTSIDE = f"{NETWORK}.1"  # the address of this process, which stands outside all containers
BRIDGE = "mscc0"


@dataclass(kw_only=True)
class Container:
    """One process as an engine would run it: without privileges, with the mounts that it is given and no others."""

    name: str
    number: int  # the last part of its address
    root: Path
    words: Sequence[str]
    log: Path
    hosts: Mapping[str, str]
    environment: Mapping[str, str] = field(default_factory=dict)
    user: str = "0"
    folder: str = "/"
    read_only: bool = False
    persistent: bool = (
        False  # it works on the root itself, as a service of that machine, not on a layer above it
    )
    tmpfs: Sequence[str] = ()
    mounts: Mapping[str, Path] = field(default_factory=dict)  # by the place inside
    readable: Mapping[str, Path] = field(default_factory=dict)  # the same, and nobody inside can write them
    network: str = ""  # of another container, with which it shares its address; its own if empty
    process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        """Start it again from nothing but its mounts."""
        network = self.network or self.name
        if not (Path("/run/netns") / network).exists():
            attach(network, self.number)
        hosts = self.log.with_suffix(".hosts")
        lines = {"localhost": "127.0.0.1", **self.hosts}
        hosts.write_text("".join(f"{address} {name}\n" for name, address in lines.items()))
        self.readable = {**self.readable, "/etc/hosts": hosts}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [
                    "ip",
                    "netns",
                    "exec",
                    network,
                    "unshare",
                    "--mount",
                    "--pid",
                    "--fork",
                    "--kill-child",
                    "sh",
                    "-ec",
                    self._script(),
                ],
                stdout=log,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """The first process inside, as this machine numbers it."""
        assert self.process is not None  # it was started
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        until(lambda: not self.alive or children.read_text(), seconds=10, says=f"{self.name} did not start.")
        if not self.alive:
            raise SystemExit(f"{self.name} has ended: {self.log.read_text()[-3000:]}")
        return int(children.read_text().split()[0])

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def execute(self, *words: str, typed: str = "") -> "subprocess.CompletedProcess[str]":
        """Run another program inside, as the same user."""
        command = [
            "nsenter",
            "--target",
            str(self.pid),
            "--mount",
            "--net",
            "--pid",
            "--root",
            *self._as_user(words),
        ]
        return subprocess.run(command, capture_output=True, text=True, input=typed, timeout=300)

    def wait(self) -> int:
        """Until it has ended; its exit code."""
        assert self.process is not None  # it was started
        return self.process.wait(timeout=300)

    def stop(self) -> None:
        """End all that is inside at once. SystemExit when something of it lives on."""
        if self.process is None or self.process.poll() is not None:
            return
        # The first process takes the others of its namespace with it. Killing what started it is not enough: whoever
        # changes their user is no longer told that their parent has died.
        first = self.pid
        with suppress(ProcessLookupError):
            os.kill(first, signal.SIGKILL)
        self.process.wait(timeout=30)
        until(lambda: not Path(f"/proc/{first}").exists(), seconds=30, says=f"{self.name} lives on.")

    def _as_user(self, words: Sequence[str]) -> list[str]:
        given = [f"{name}={value}" for name, value in self.environment.items()]
        privileges = ["--no-new-privs", "--bounding-set=-all", "--inh-caps=-all"] if self.user != "0" else []
        who = [f"--reuid={self.user}", f"--regid={self._group}", "--clear-groups"]
        return ["setpriv", *who, *privileges, "env", "-i", f"--chdir={self.folder}", *given, *words]

    @property
    def _group(self) -> str:
        """The group of the user, as an engine finds it; 0 for a number that has none."""
        for line in (self.root / "etc" / "passwd").read_text().splitlines():
            name, _, number, group, *_ = line.split(":")
            if self.user in (name, number):
                return group
        return "0"

    def _script(self) -> str:
        own = f"/tmp/mscc-{self.name}"
        new, quoted = f"{own}/root", shlex.quote(str(self.root))
        lines = [
            "mount --make-rprivate /",
            f"mkdir -p {own}",
            f"mount -t tmpfs tmpfs {own}",
            f"mkdir {own}/upper {own}/work {new}",
            f"mount --rbind {quoted} {new}"
            if self.persistent
            else f"mount -t overlay overlay -o lowerdir={quoted},upperdir={own}/upper,workdir={own}/work {new}",
        ]
        for place, source in {**self.mounts, **self.readable}.items():
            lines.append(_place_for(source, new + place))
        lines += [f"mkdir -p {new}{entry.partition(':')[0]}" for entry in self.tmpfs]
        if self.read_only:
            lines.append(f"mount -o remount,{'bind,' if self.persistent else ''}ro {new}")
        for place, source in {**self.mounts, **self.readable}.items():
            lines.append(f"mount --bind {shlex.quote(str(source))} {new}{place}")
        lines += [f"mount -o remount,bind,ro {new}{place}" for place in self.readable]
        for entry in self.tmpfs:
            place, _, options = entry.partition(":")
            lines.append(f"mount -t tmpfs -o {options or 'mode=1777'} tmpfs {new}{place}")
        lines += [f"mount -t proc proc {new}/proc", f"mount --rbind /dev {new}/dev"]
        lines.append(f"exec chroot {new} {shlex.join(self._as_user(self.words))}")
        return "\n".join(lines)


def _place_for(source: Path, place: str) -> str:
    if source.is_dir():
        return f"mkdir -p {place}"
    return f"mkdir -p {Path(place).parent} && touch {place}"


def open_network() -> None:
    """A bridge for the containers, with this process on it. Only inside a network namespace of one's own; safe to repeat."""
    if (Path("/sys/class/net") / BRIDGE).exists():
        return
    Path("/run/netns").mkdir(exist_ok=True)
    run(
        "mount", "-t", "tmpfs", "tmpfs", "/run/netns"
    )  # names that nobody else sees, and that end with this process
    run("ip", "link", "set", "lo", "up")
    run("ip", "link", "add", BRIDGE, "type", "bridge")
    run("ip", "address", "add", f"{OUTSIDE}/24", "dev", BRIDGE)
    run("ip", "link", "set", BRIDGE, "up")


def attach(name: str, number: int) -> None:
    """A network namespace with one address on the bridge."""
    run("ip", "netns", "add", name)
    run("ip", "link", "add", f"v{number}", "type", "veth", "peer", "name", "eth0", "netns", name)
    run("ip", "link", "set", f"v{number}", "master", BRIDGE, "up")
    run("ip", "-n", name, "link", "set", "lo", "up")
    run("ip", "-n", name, "address", "add", f"{NETWORK}.{number}/24", "dev", "eth0")
    run("ip", "-n", name, "link", "set", "eth0", "up")


def until(claim: "object", *, seconds: float = 60, says: str = "") -> None:
    """Wait for a claim, asked ten times a second; SystemExit with the words when it does not come true."""
    assert callable(claim)
    ends = time.monotonic() + seconds
    while not claim():
        if time.monotonic() > ends:
            raise SystemExit(says or "It did not come true.")
        time.sleep(0.1)
