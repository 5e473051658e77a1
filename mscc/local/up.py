"""./run: the whole service on one machine. Starts everything, watches it, stops it on Ctrl-C."""

import argparse
import fcntl
import os
import secrets
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import FrameType
from typing import TextIO

from ledger.key import new_key
from mscc.local.night import play
from mscc.local.place import CHECKOUT, STATE
from mscc.local.postgres import OWNER, WEB, Postgres
from mscc.local.process import Child
from mscc.local.valkey import Valkey

LOGS = STATE / "logs"


def main() -> None:
    """Run the service until Ctrl-C, or play a night with `--night`; SystemExit when the port or the folder is in use."""
    options = _options()
    os.chdir(CHECKOUT)
    if options.night is not None:
        play(options.night)
        return
    port = _port()
    lock = _only_one()
    if options.fresh:
        _forget()
    _refuse_port_in_use(port)
    make_private(LOGS, STATE / "mailbox")
    for stop_signal in (signal.SIGINT, signal.SIGTERM):  # set even where a shell has switched them off
        signal.signal(stop_signal, _stop_asked)
    children: list[Child] = []
    try:
        _say("Starting the database and the broker")
        environment = _environment(port, children)
        os.environ.update(environment)
        _write_environment(environment)
        _say("Preparing tables, static files and demo data")
        _manage("prepare", "--demo")
        _say("Starting web, lanes, worker, scheduler and watchdog")
        children += _processes(port)
        for child in children:
            if not child.process:
                child.start()
        _wait_until_ready(port, children)
        _manage("sign_in_table", f"http://127.0.0.1:{port}/")
        _watch(children)
    except KeyboardInterrupt:
        print("\nStopping", flush=True)
    finally:
        _stop(children)
        lock.close()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="./run",
        description="Starts database, broker and every process of the service with demo data. Ctrl-C stops them all.",
        epilog="PORT=8123 ./run uses another port. State lives in .local/ and survives a restart.",
    )
    parser.add_argument("--fresh", action="store_true", help="delete the demo data and start over")
    parser.add_argument(
        "--night",
        type=int,
        nargs="?",
        const=7,
        metavar="SEED",
        help="play one night on call at 60 times speed (12 minutes) and print the morning report",
    )
    return parser.parse_args()


def _port() -> int:
    text = os.environ.get("PORT", "8000")
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise SystemExit(f"PORT is a number from 1 to 65535, not {text!r}.")
    return int(text)


def _only_one() -> TextIO:
    """The lock of this folder, held while the file is open; SystemExit when another ./run has it."""
    STATE.mkdir(exist_ok=True)
    lock = (STATE / "run.lock").open("w")
    for _ in range(20):
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return lock
        except BlockingIOError:
            time.sleep(0.1)
    raise SystemExit("./run is already running in this folder; stop it first with Ctrl-C.")


def _forget() -> None:
    for place in STATE.iterdir():
        if place.name.startswith(("postgres", "valkey", "mailbox", "static", "celerybeat-schedule", "seals")):
            shutil.rmtree(place) if place.is_dir() else place.unlink()


def make_private(*folders: Path) -> None:
    """Make folders that nobody else on this machine reads: e-mails and logs hold one-time links."""
    for folder in folders:
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)


def _refuse_port_in_use(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except PermissionError:
            raise SystemExit(f"Port {port} is reserved; choose another: PORT=8123 ./run") from None
        except OSError:
            raise SystemExit(
                f"Port {port} is in use; stop what uses it or choose another: PORT=8123 ./run"
            ) from None


def _environment(port: int, children: list[Child]) -> dict[str, str]:
    """The variables that settings read. Uses the servers that the caller names, or starts its own."""
    environment = os.environ
    if "REDIS_URL" in environment or "DATABASE_URL" in environment:
        unset = [
            name for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL") if name not in environment
        ]
        if unset:
            raise SystemExit(f"With your own servers, set {' and '.join(unset)} too.")
        servers = {}
    else:
        servers = _embedded_servers(children)
    return {
        "DEMO": "true",
        "SECRET_KEY": _secret_key(),
        "BASE_URL": f"http://127.0.0.1:{port}",
        "ALLOWED_HOSTS": "127.0.0.1,localhost",
        "EMAIL_FOLDER": str(STATE / "mailbox"),
        "STATIC_ROOT": str(STATE / "static"),
        "PORT": str(port),
        "SEAL_KEY_FILE": _seal_key_file(),
        "SEAL_FILE": str(STATE / "seals.jsonl"),
        **servers,
    }


def _embedded_servers(children: list[Child]) -> dict[str, str]:
    database = Postgres(STATE / "postgres", name="run")
    children.append(database.start(LOGS / "postgres.log"))
    database.make_database("mscc")
    broker = Valkey(STATE / "valkey", name="run")
    children.append(broker.start(LOGS / "valkey.log"))
    return {
        "DATABASE_URL": database.url(WEB, "mscc"),
        "DATABASE_OWNER_URL": database.url(OWNER, "mscc"),
        "REDIS_URL": broker.url(),
    }


def _write_environment(environment: dict[str, str]) -> None:
    """For manage.py beside the running service: `. .local/run.env`."""
    place = STATE / "run.env"
    place.touch(mode=0o600)
    place.write_text("".join(f"export {name}={shlex.quote(value)}\n" for name, value in environment.items()))


def _seal_key_file() -> str:
    """The file of the key that signs seals; made once."""
    place = STATE / "seal_key.pem"
    if not place.exists():
        place.touch(mode=0o600)
        place.write_text(new_key())
    return str(place)


def _secret_key() -> str:
    place = STATE / "secret_key"
    if not place.exists():
        place.touch(mode=0o600)
        place.write_text(secrets.token_urlsafe(50))
    return place.read_text()


def _manage(*words: str) -> None:
    result = subprocess.run([sys.executable, "manage.py", *words])
    if result.returncode:
        raise SystemExit(f"manage.py {words[0]} failed; its message is above.")


def _processes(port: int) -> list[Child]:
    python, celery = sys.executable, ("-m", "celery", "--app", "mscc.celery")
    quiet = ("--loglevel", "warning")

    def child(name: str, *words: str) -> Child:
        return Child(name=name, command=[python, *words], log=LOGS / f"{name}.log")

    return [
        child("web", "manage.py", "serve", "--port", str(port)),
        child(
            "worker", *celery, "worker", "--concurrency", "4", *quiet, "--without-gossip", "--without-mingle"
        ),
        child("scheduler", *celery, "beat", *quiet, "--pidfile="),
        child("lanes", "manage.py", "lanes"),
        child("watchdog", "manage.py", "watchdog", "--forever"),
    ]


def _wait_until_ready(port: int, children: list[Child]) -> None:
    """Wait until the first page answers, or a process has died, however slow the machine is."""
    waits = 0
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/live", timeout=2):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
        for dead in (child for child in children if not child.alive):
            raise SystemExit(f"{dead.name} did not start; the reason is in {_short(dead.log)}.")
        waits += 1
        if waits % 200 == 0:
            _say(f"Still starting; the web server writes to {_short(LOGS / 'web.log')}")


def _say(phase: str) -> None:
    print(phase, flush=True)


def _short(path: Path) -> str:
    return str(path.relative_to(CHECKOUT))


def _watch(children: list[Child]) -> None:
    while True:
        for child in children:
            if child.revive():
                print(f"{child.name} had ended and was started again ({_short(child.log)})", flush=True)
            child.turn_log()
        time.sleep(0.2)


def _stop(children: list[Child]) -> None:
    """Stop the servers last, so that their users can finish."""
    servers = [child for child in children if child.name in ("postgres", "valkey")]
    users = [child for child in children if child not in servers]
    for child in users:
        child.ask_to_stop()
    for child in [*users, *servers]:
        child.stop()


def _stop_asked(signum: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
