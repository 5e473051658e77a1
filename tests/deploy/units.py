"""systemd's units as they are written, run without systemd: their user, files, folders, credentials and commands."""

import os
import re
import shlex
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.deploy.containers import Container
from tests.deploy.roots import run

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"  # what systemd gives a service
# What the runner heeds; it refuses a unit that says something else, so that nothing is believed untried.
HEEDED = {
    "User",
    "Group",
    "WorkingDirectory",
    "EnvironmentFile",
    "Environment",
    "LoadCredential",
    "ExecStart",
    "Type",
    "RuntimeDirectory",
    "ReadWritePaths",
    "ProtectSystem",
    "PrivateTmp",
    "NoNewPrivileges",
    "CapabilityBoundingSet",
    "UMask",
}
# Of the kernel or of systemd itself: parsed and left alone.
LEFT = {
    "Restart",
    "RestartSec",
    "TimeoutStopSec",
    "RemainAfterExit",
    "ProtectHome",
    "PrivateDevices",
    "ProtectKernelTunables",
    "ProtectKernelModules",
    "ProtectControlGroups",
    "RestrictSUIDSGID",
    "RestrictAddressFamilies",
    "LimitNOFILE",
    "MemoryMax",
    "TasksMax",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """The section [Service] of one unit; a setting may be given several times."""

    name: str
    service: Mapping[str, Sequence[str]]

    @property
    def commands(self) -> list[list[str]]:
        return [shlex.split(words) for words in self.service["ExecStart"]]

    def first(self, setting: str, default: str = "") -> str:
        return self.service.get(setting, [default])[0]


def read(root: Path, name: str) -> Unit:
    """The unit that was installed on this machine. SystemExit when it says what this runner does not know."""
    sections: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    section = ""
    for line in (root / "etc" / "systemd" / "system" / f"{name}.service").read_text().splitlines():
        if found := re.fullmatch(r"\[(\w+)\]", line):
            section = found.group(1)
        elif line and not line.startswith(("#", ";")):
            setting, _, value = line.partition("=")
            sections[section][setting].append(value)
    if unknown := set(sections["Service"]) - HEEDED - LEFT:
        raise SystemExit(f"{name}: {', '.join(sorted(unknown))} is not known to the runner.")
    return Unit(name=name, service=sections["Service"])


def container(
    root: Path, unit: Unit, command: Sequence[str], *, folder: Path, network: str, number: int
) -> Container:
    """One command of a unit, as systemd would run it on that machine."""
    credentials = _credentials(root, unit, folder)
    environment = {"PATH": PATH, "LANG": "C.UTF-8", **_environment(root, unit)}
    for pair in unit.service.get("Environment", ()):
        name, _, value = pair.partition("=")
        environment[name] = value.replace("%d", f"/run/credentials/{unit.name}.service")
    writable = {}
    for path in " ".join(unit.service.get("ReadWritePaths", ())).split():
        if (root / path.lstrip("-/")).exists() or not path.startswith("-"):
            writable[path.lstrip("-")] = root / path.lstrip("-/")
    if runtime := unit.first("RuntimeDirectory"):
        place = root / "run" / runtime
        place.mkdir(exist_ok=True)
        run("chroot", str(root), "chown", f"{unit.first('User')}:{unit.first('Group')}", f"/run/{runtime}")
        writable[f"/run/{runtime}"] = place
    umask = unit.first("UMask", "0022")
    return Container(
        name=unit.name,
        number=number,
        network=network,
        root=root,
        log=folder / f"{unit.name}.log",
        hosts={},
        words=["sh", "-c", f'umask {umask}; exec "$@"', "sh", *command],
        environment=environment,
        user=unit.first("User"),
        folder=unit.first("WorkingDirectory", "/"),
        persistent=True,
        read_only=unit.first("ProtectSystem") == "strict",
        tmpfs=["/tmp"] if unit.first("PrivateTmp") == "true" else [],
        mounts=writable,
        readable=credentials,
    )


def _credentials(root: Path, unit: Unit, folder: Path) -> dict[str, Path]:
    """Files of root's, given to this unit alone."""
    own = folder / "credentials" / unit.name
    for entry in unit.service.get("LoadCredential", ()):
        name, _, path = entry.partition(":")
        own.mkdir(parents=True, exist_ok=True)
        copy = own / name
        copy.write_bytes((root / path.lstrip("/")).read_bytes())
        uid, gid = run(
            "chroot", str(root), "sh", "-c", f"id -u {unit.first('User')}; id -g {unit.first('User')}"
        ).split()
        for place in (own, copy):
            os.chown(place, int(uid), int(gid))
            place.chmod(0o500 if place is own else 0o400)
    return {f"/run/credentials/{unit.name}.service": own} if own.exists() else {}


def _environment(root: Path, unit: Unit) -> dict[str, str]:
    """The files of variables, as systemd reads them."""
    found = {}
    for path in unit.service.get("EnvironmentFile", ()):
        place = root / path.lstrip("-/")
        if path.startswith("-") and not place.exists():
            continue
        for line in place.read_text().splitlines():
            if line.strip() and not line.lstrip().startswith(("#", ";")):
                name, _, value = line.partition("=")
                found[name.strip()] = value.strip().strip('"')
    return found
