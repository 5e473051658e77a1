"""The form “systemd”: a bare Debian, the commands of docs/deployment.md as they stand there, and the units as they are written."""

import re
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from aiosmtpd.controller import Controller

from mscc.local.place import CHECKOUT
from tests.deploy import certificates, roots, units
from tests.deploy.by_containers import SITE, name_the_site
from tests.deploy.containers import OUTSIDE, Container, open_network, until
from tests.deploy.image import OF_THE_INDEX
from tests.deploy.walk import Walk, first_address
from tests.oncall.counterparts import Letters

NAME, NUMBER, PYTHON = "bare", 71, "/opt/mscc/venv/bin/python"
NETWORKED = ("apt-get", "pip install")  # the first block of the section, and it alone, needs a network
LEFT_OUT = ("demo", "tests", ".git", ".local", "__pycache__")
SERVICES = ("mscc-web", "mscc-lanes", "mscc-worker", "mscc-scheduler", "mscc-watchdog")
# What the documents leave to the reader, and what this run changes for it.
OWN = {
    "EMAIL_URL=smtp+tls://mscc@mail.example.nhs.uk:587": f"EMAIL_URL=smtp://{OUTSIDE}:2525",
    "@127.0.0.1/mscc": "@127.0.0.1/mscc?sslmode=verify-full&sslrootcert=/etc/mscc/ca.pem",
    "redis://127.0.0.1:6379/0": "rediss://127.0.0.1:6380/0?ssl_ca_certs=/etc/mscc/ca.pem",
}
POSTGRES = (
    "/usr/lib/postgresql/15/bin/postgres",
    "-D",
    "/var/lib/postgresql/15/main",
    "-c",
    "config_file=/etc/postgresql/15/main/postgresql.conf",
    "-c",
    "ssl_cert_file=/etc/mscc-tls/127.0.0.1.pem",
    "-c",
    "ssl_key_file=/etc/mscc-tls/127.0.0.1.key",
)
TLS_OF_REDIS = """
tls-port 6380
tls-cert-file /etc/mscc-tls/127.0.0.1.pem
tls-key-file /etc/mscc-tls/redis.key
tls-ca-cert-file /etc/mscc-tls/ca.pem
tls-auth-clients no
daemonize no
logfile ""
"""
SIGNATURE = "44d88612fea8a8f36de82e1278abb02f:68:Test-File\n"  # clamd starts with any signature


def blocks() -> list[str]:
    """The commands of the section “systemd”, block after block."""
    text = (CHECKOUT / "docs" / "deployment.md").read_text()
    section = text.partition("\n## systemd\n")[2].partition("\n## ")[0]
    found = re.findall(r"(?:^    .*\n)+", section, re.M)
    return ["\n".join(line.removeprefix("    ") for line in block.splitlines()) for block in found]


def prepare() -> Path:
    """A bare Debian with the repository and the first block of commands, for which it needs a network."""
    root = roots.copy_of(roots.base(), NAME)
    (root / "complete").unlink()
    shutil.copytree(CHECKOUT, root / "opt" / "mscc" / "app", ignore=shutil.ignore_patterns(*LEFT_OUT))
    (root / "usr" / "sbin" / "policy-rc.d").write_text(roots.NO_START)
    (root / "usr" / "sbin" / "policy-rc.d").chmod(0o755)
    shutil.copy("/etc/resolv.conf", root / "etc" / "resolv.conf")
    (root / "etc" / "systemd" / "system").mkdir(parents=True, exist_ok=True)  # systemd itself is not here
    mounts = [f"mount -t proc proc {root}/proc"]
    for path in OF_THE_INDEX:
        if Path(path).exists():
            make = (
                f"mkdir -p {root}{path}"
                if Path(path).is_dir()
                else f"mkdir -p {root}{Path(path).parent}; touch {root}{path}"
            )
            mounts.append(f"{make}; mount --bind {path} {root}{path}")
    first = f"export DEBIAN_FRONTEND=noninteractive; apt-get update -qq; cd /opt/mscc/app; {blocks()[0]}"
    began = time.monotonic()
    roots.run(
        "unshare", "--mount", "sh", "-ec", "\n".join([*mounts, f'exec chroot {root} sh -ec "$0"']), first
    )
    print(f"  packages of Debian and of Python installed: {time.monotonic() - began:.0f} s", flush=True)
    return root


def run(folder: Path) -> None:
    """Follow the rest of the section, start every unit, walk through it, back up and restore."""
    root = roots.FOLDER / NAME
    folder.mkdir()
    folder.chmod(0o755)
    open_network()
    name_the_site(folder, NUMBER)
    letters = Letters()
    mail = Controller(letters, hostname=OUTSIDE, port=2525)
    mail.start()
    running: list[Container] = []

    def start(container: Container) -> Container:
        running.append(container)
        container.start()
        return container

    try:
        _follow(root, folder, start)
        prepared = _unit(root, "mscc-prepare", folder, start)[0]
        for name in SERVICES:
            _unit(root, name, folder, start)
        web = next(container for container in running if container.name == "mscc-web")
        until(
            lambda: web.execute("python3", "-c", LIVE).returncode == 0, seconds=120, says="It does not serve."
        )
        walk = Walk(
            site=f"https://{SITE}",
            authority=str(root / "etc" / "mscc" / "ca.pem"),
            letters=letters,
            manage=lambda *words: _manage(web, *words),
        )
        walk.through(first_address(prepared.log.read_text()))
        began = time.monotonic()
        until(
            lambda: web.execute("python3", "-c", READY).returncode == 0,
            seconds=120,
            says="It does not become ready.",
        )
        walk.step("/health/ready is clean", began)
        began = time.monotonic()
        for container in _unit(root, "mscc-backup", folder, start):
            print(f"  {container.log.read_text().strip()}")
        walk.step("mscc-backup: backup, restored into a scratch server and verified line by line", began)
    except BaseException:
        shutil.copytree(
            folder,
            roots.FOLDER / "last-logs",
            dirs_exist_ok=True,
            ignore=shutil.ignore_patterns("credentials"),
        )
        raise
    finally:
        for container in reversed(running):
            container.stop()
        mail.stop()


LIVE = "import urllib.request as u; u.urlopen('http://127.0.0.1:8001/health/live')"
READY = "import urllib.request as u; u.urlopen('http://127.0.0.1:8001/health/ready')"


def _follow(root: Path, folder: Path, start: Callable[[Container], Container]) -> None:
    """The blocks after the first, with the files that the reader brings, and the servers that Debian would have started."""
    _, folders, roles, _ = blocks()
    _in(root, folders)
    for name in ("environment", "owner"):
        place = root / "etc" / "mscc" / name
        text = place.read_text()
        for old, new in OWN.items():
            text = text.replace(old, new)
        place.write_text(text)
        if "sslmode=verify-full" not in text or (name == "environment" and "rediss://" not in text):
            raise SystemExit(f"{name} has no address that this run could change to TLS.")
    certificates.make(root / "etc" / "mscc-tls", "127.0.0.1", SITE)
    _in(
        root,
        "cp /etc/mscc-tls/ca.pem /etc/mscc/ca.pem; cp -p /etc/mscc-tls/127.0.0.1.key /etc/mscc-tls/redis.key"
        " && chown postgres /etc/mscc-tls/127.0.0.1.key && chown redis /etc/mscc-tls/redis.key && chmod 600 /etc/mscc-tls/*.key"
        f" && install -d /etc/ssl/mscc && cp /etc/mscc-tls/{SITE}.pem /etc/ssl/mscc/site.pem"
        f" && cp /etc/mscc-tls/{SITE}.key /etc/ssl/mscc/site.key && chown postgres /run/postgresql",
    )
    start(_server(root, folder, "postgres", POSTGRES, user="postgres"))
    until(
        lambda: _is_in(root, "su postgres -c 'psql -c \"SELECT 1\"'"),
        seconds=60,
        says="PostgreSQL does not start.",
    )
    _in(root, roles)
    with (root / "etc" / "redis" / "redis.conf").open("a") as file:
        file.write(TLS_OF_REDIS)
    _in(root, "install -d -o redis /run/redis; install -d -o clamav /run/clamav")
    (root / "var" / "lib" / "clamav" / "test.hdb").write_text(SIGNATURE)
    start(_server(root, folder, "redis", ("redis-server", "/etc/redis/redis.conf"), user="redis"))
    start(_server(root, folder, "nginx", ("nginx", "-g", "daemon off;")))
    start(_server(root, folder, "clamd", ("clamd", "--foreground"), user="clamav"))


def _server(root: Path, folder: Path, name: str, words: tuple[str, ...], *, user: str = "0") -> Container:
    return Container(
        name=name,
        number=NUMBER,
        network=NAME,
        root=root,
        words=words,
        log=folder / f"{name}.log",
        hosts={},
        environment={"PATH": units.PATH},
        user=user,
        persistent=True,
    )


def _unit(root: Path, name: str, folder: Path, start: Callable[[Container], Container]) -> list[Container]:
    """Start a unit; one of the type oneshot has run through, command after command, when this returns."""
    unit, done = units.read(root, name), []
    for command in unit.commands:
        container = start(units.container(root, unit, command, folder=folder, network=NAME, number=NUMBER))
        if unit.first("Type") == "oneshot" and container.wait():
            raise SystemExit(f"{name}: {container.log.read_text()[-3000:]}")
        done.append(container)
    print(f"  {name} started", flush=True)
    return done[-1:]


def _manage(web: Container, *words: str) -> str:
    done = web.execute(PYTHON, "manage.py", *words)
    if done.returncode:
        raise SystemExit(f"manage.py {' '.join(words)}: {done.stderr[-1500:]}")
    return done.stdout


def _in(root: Path, words: str) -> None:
    roots.run(
        "unshare",
        "--mount",
        "sh",
        "-ec",
        f'mount -t proc proc {root}/proc; exec chroot {root} sh -ec "$0"',
        f"cd /opt/mscc/app; {words}",
    )


def _is_in(root: Path, words: str) -> bool:
    return subprocess.run(["chroot", str(root), "sh", "-ec", words], capture_output=True).returncode == 0
