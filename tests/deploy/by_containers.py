"""The form “Containers on one machine”: docker-compose.yml with the image that was built, from secrets to a restored backup."""

import json
import secrets
import shutil
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

from aiosmtpd.controller import Controller

from mscc.local.place import CHECKOUT
from tests.deploy import certificates, compose, image, roots
from tests.deploy.containers import NETWORK, OUTSIDE, Container, open_network, until
from tests.deploy.roots import run as program
from tests.deploy.walk import Walk, first_address
from tests.oncall.counterparts import Letters

SITE = "mscc.example.nhs.uk"
EMPTY = ("email_password", "notify_api_key", "pager_secret", "push_key", "oidc_key", "oidc_secret")
NEEDS_A_NEWER_CADDY = "request_buffers"


def run(folder: Path, images: Mapping[str, Path]) -> None:
    """Start every service of the file in its order, walk through it, back up and restore."""
    folder.mkdir()
    _secrets(folder / "secrets")
    certificates.make(folder / "certificates", SITE)
    for kind in ("pem", "key"):
        (folder / "certificates" / f"{SITE}.{kind}").rename(folder / "certificates" / f"site.{kind}")
    variables = {
        "SITE": SITE,
        "ALLOWED_HOSTS": SITE,
        "BASE_URL": f"https://{SITE}",
        "TLS": "/certificates/site.pem /certificates/site.key",
        "CERTIFICATES": str(folder / "certificates"),
        "EMAIL_URL": "smtp://mail:2525",
        "EMAIL_FROM": "mscc@example.nhs.uk",
    }
    project = compose.Project(
        services=compose.read(variables),
        folder=folder,
        images={name: compose.Image(root=root, config=image.config(name)) for name, root in images.items()},
        servers=roots.machine(),
    )
    open_network()
    name_the_site(folder, 10 + compose.ORDER.index("proxy"))
    letters = Letters()
    mail = Controller(letters, hostname=OUTSIDE, port=2525)
    mail.start()
    running: dict[str, Container] = {}
    try:
        for name in compose.ORDER[:-1]:
            _start(project, name, running)
        web = running["web"]
        walk = Walk(
            site=f"https://{SITE}",
            authority=str(folder / "certificates" / "ca.pem"),
            manage=lambda *words: _manage(web, *words),
            letters=letters,
        )
        walk.through(first_address((folder / "prepare.log").read_text()))
        began = time.monotonic()
        until(lambda: _ready(web), seconds=90, says="It does not become ready.")
        walk.step("/health/ready is clean", began)
        _back_up(project, walk, running)
    except BaseException:
        shutil.copytree(
            folder,
            roots.FOLDER / "last-logs",
            dirs_exist_ok=True,
            ignore=shutil.ignore_patterns("volumes", "secrets"),
        )
        raise
    finally:
        for container in reversed(running.values()):
            container.stop()
        mail.stop()


def _start(project: compose.Project, name: str, running: dict[str, Container]) -> None:
    own = project.services[name].get("build") is not None
    container = project.container(name) if own else project.servers_of(name)
    if name == "proxy":
        container.words = ["caddy", "run", "--config", "/etc/caddy/Caddyfile", "--adapter", "caddyfile"]
        older = project.folder / "Caddyfile"
        lines = (CHECKOUT / "deploy" / "proxy" / "Caddyfile").read_text().splitlines(keepends=True)
        older.write_text("".join(line for line in lines if NEEDS_A_NEWER_CADDY not in line))
        container.readable = {**container.readable, "/etc/caddy/Caddyfile": older}
        container.environment = {
            **container.environment,
            "HOME": "/data",
            "XDG_DATA_HOME": "/data",
            "XDG_CONFIG_HOME": "/config",
        }
    if name == "clamd":
        return
    running[name] = container
    container.start()
    print(f"  {name} started", flush=True)
    if name == "prepare":
        if container.wait():
            raise SystemExit(container.log.read_text()[-3000:])
        return
    check = project.services[name].get("healthcheck", {}).get("test") or _check_of_the_image()
    if name == "proxy":
        check = ["CMD", "curl", "-sf", "-o", "/dev/null", "http://127.0.0.1:2019/config/"]
    words = ["sh", "-c", check[1]] if check[0] == "CMD-SHELL" else list(check[1:])
    until(
        lambda: container.execute(*words).returncode == 0,
        seconds=90,
        says=f"{name} is not healthy: {container.log.read_text()[-3000:]}",
    )


def _back_up(project: compose.Project, walk: Walk, running: dict[str, Container]) -> None:
    began = time.monotonic()
    container = running["backup"] = project.container("backup")
    container.start()
    code, printed = container.wait(), container.log.read_text()
    if code or "verified" not in printed:
        raise SystemExit(f"The backup or its drill failed: {printed[-3000:]}")
    print(printed.strip())
    walk.step("backup, restored into a scratch server and verified line by line", began)


def _check_of_the_image() -> list[str]:
    text = (CHECKOUT / "Dockerfile").read_text()
    return ["CMD", *json.loads(text.partition("HEALTHCHECK")[2].partition("CMD ")[2].splitlines()[0])]


def _ready(web: Container) -> bool:
    words = "import urllib.request as u; print(u.urlopen('http://127.0.0.1:8001/health/ready').read())"
    done = web.execute("python", "-c", words)
    return done.returncode == 0


def _manage(container: Container, *words: str) -> str:
    done = container.execute("python", "manage.py", *words)
    if done.returncode:
        raise SystemExit(f"manage.py {' '.join(words)}: {done.stderr[-1500:]}")
    return done.stdout


def _secrets(folder: Path) -> None:
    folder.mkdir()
    for name in ("secret_key", "owner_password", "web_password", "redis_password", "metrics_token"):
        (folder / name).write_text(secrets.token_hex(32) + "\n")
    program("openssl", "genpkey", "-algorithm", "ed25519", "-out", str(folder / "seal_key"))
    for name in EMPTY:
        (folder / name).touch()
    for path in folder.iterdir():
        path.chmod(0o444)


def name_the_site(folder: Path, place: int) -> None:
    """This process knows the site by its name, as a browser would."""
    hosts = folder / "hosts"
    hosts.write_text(f"127.0.0.1 localhost\n{NETWORK}.{place} {SITE}\n")
    subprocess.run(["mount", "--bind", str(hosts), "/etc/hosts"], check=True)
