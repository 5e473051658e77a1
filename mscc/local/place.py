"""The folders on this machine."""

import hashlib
import os
import pwd
import tempfile
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
STATE = CHECKOUT / ".local"


def socket_folder(name: str) -> Path:
    """A short folder for Unix sockets, whose paths end at about 100 bytes; only its owner enters."""
    key = hashlib.sha256(f"{CHECKOUT}|{os.getuid()}|{name}".encode()).hexdigest()[:12]
    folder = Path(tempfile.gettempdir()) / f"mscc-{key}"
    folder.mkdir(mode=0o700, exist_ok=True)
    owners = {os.getuid(), pwd.getpwnam("nobody").pw_uid} if os.getuid() == 0 else {os.getuid()}
    if folder.is_symlink() or folder.stat().st_uid not in owners:
        raise SystemExit(f"{folder} belongs to somebody else; remove it and try again.")
    return folder
