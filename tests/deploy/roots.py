"""Bare Debian systems in folders, made by debootstrap: the base of the image, and a machine with the servers around it."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from mscc.local.place import STATE

MIRROR = "http://deb.debian.org/debian"
FOLDER = STATE / "deploy"
PYTHON = ("ca-certificates", "python3", "python3-venv", "python-is-python3")
SERVERS = (
    "postgresql-15",
    "redis-server",
    "nginx",
    "caddy",
    "pgbouncer",
    "haproxy",
    "patroni",
    "etcd-server",
    "etcd-client",
    "clamav-daemon",
    "openssl",
    "curl",
    "iproute2",
    "procps",
)
NO_START = "#!/bin/sh\nexit 101\n"  # an installed service does not start by itself


def needs() -> list[str]:
    """What is missing on this machine, in words; empty when everything can run."""
    missing = [
        f"the program {name}"
        for name in ("debootstrap", "buildah", "unshare", "ip", "setpriv")
        if shutil.which(name) is None
    ]
    return missing + ([] if os.geteuid() == 0 else ["to be root"])


def base() -> Path:
    """A Debian with Python and nothing else, as the image is built on."""
    root = FOLDER / "base"
    if not (root / "complete").exists():
        shutil.rmtree(root, ignore_errors=True)
        root.parent.mkdir(parents=True, exist_ok=True)
        run(
            "debootstrap", "--variant=minbase", f"--include={','.join(PYTHON)}", "bookworm", str(root), MIRROR
        )
        run("chroot", str(root), "apt-get", "clean")
        (root / "complete").touch()
    return root


def machine() -> Path:
    """A Debian with PostgreSQL, Redis, the proxies, Patroni, etcd and clamd, none of them configured."""
    root = FOLDER / "machine"
    if not (root / "complete").exists():
        shutil.rmtree(root, ignore_errors=True)
        run("cp", "-a", str(base()), str(root))
        (root / "complete").unlink()
        install(root, SERVERS)
        (root / "complete").touch()
    return root


def database() -> Path:
    """A Debian with PostgreSQL and nothing else, as the image of backups is built on."""
    root = FOLDER / "database"
    if not (root / "complete").exists():
        shutil.rmtree(root, ignore_errors=True)
        run("cp", "-a", str(base()), str(root))
        (root / "complete").unlink()
        install(root, ("postgresql-15",))
        (root / "complete").touch()
    return root


def copy_of(root: Path, name: str) -> Path:
    """A machine of its own, to be spoiled."""
    place = FOLDER / name
    shutil.rmtree(place, ignore_errors=True)
    run("cp", "-a", "--reflink=auto", str(root), str(place))
    return place


def install(root: Path, packages: Sequence[str]) -> None:
    """Install packages of Debian, and start nothing."""
    policy = root / "usr" / "sbin" / "policy-rc.d"
    policy.write_text(NO_START)
    policy.chmod(0o755)
    shutil.copy("/etc/resolv.conf", root / "etc" / "resolv.conf")
    inside = f"mount -t proc proc {root}/proc && exec chroot {root} sh -ec"
    words = f"apt-get update -qq && apt-get install -y -qq --no-install-recommends {' '.join(packages)} && apt-get clean"
    run(
        "unshare", "--mount", "sh", "-ec", f'{inside} "$0"', f"export DEBIAN_FRONTEND=noninteractive; {words}"
    )


def run(*words: str) -> str:
    """Run a program and give back what it printed. SystemExit with its last words."""
    done = subprocess.run(words, capture_output=True, text=True)
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip()).splitlines()[-12:]
        raise SystemExit("\n".join([f"{' '.join(words)[:200]} failed:", *last]))
    return done.stdout
