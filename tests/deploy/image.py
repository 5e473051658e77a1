"""The image, built from the Dockerfile by buildah without an engine, on a base that debootstrap made."""

import json
import time
from pathlib import Path
from typing import Any

from mscc.local.place import CHECKOUT
from tests.deploy import roots
from tests.deploy.roots import FOLDER, run

TARGETS = {"service": "localhost/mscc-coordinator", "backup": "localhost/mscc-backup"}
PROGRAMS = "/usr/lib/postgresql/15/bin"
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
STORE = ("--storage-driver", "vfs", "--root", str(FOLDER / "store"), "--runroot", str(FOLDER / "store-run"))
# How this machine reaches a package index: its own configuration, mounted for the build and left out of the image.
OF_THE_INDEX = (
    "/etc/pip.conf",
    "/etc/xdg/pip",
    "/root/.config/pip",
    "/etc/ssl/certs",
    "/opt/pypi",
    "/opt/pypi-more",
    "/opt/wheels",
)


def build(target: str) -> Path:
    """Build one target of the Dockerfile; the folder of its files. Prints how long it took."""
    bases = {
        "PYTHON_IMAGE": _imported("localhost/mscc-base", roots.base(), PATH),
        "POSTGRES_IMAGE": _imported("localhost/mscc-postgres", roots.database(), f"{PROGRAMS}:{PATH}"),
    }
    began = time.monotonic()
    given = [f"--build-arg={name}={value}" for name, value in bases.items()]
    _buildah(
        "build",
        "--isolation",
        "chroot",
        "--network",
        "host",
        "--layers=false",
        "--pull-never",
        "--format",
        "docker",
        "--target",
        target,
        *given,
        *_index(),
        "--tag",
        TARGETS[target],
        str(CHECKOUT),
    )
    print(f"The image “{target}” was built in {time.monotonic() - began:.0f} s", flush=True)
    return folder(target)


def folder(target: str) -> Path:
    """The files of an image that was built; a copy of a former call is deleted."""
    name = f"mscc-{target}"
    for container in _buildah("containers", "--quiet", "--filter", f"name={name}").split():
        _buildah("rm", container)
    _buildah("from", "--pull-never", "--name", name, TARGETS[target])
    return Path(_buildah("mount", name).strip())


def config(target: str) -> dict[str, Any]:
    """User, command, folder, variables and check of an image, as an engine reads them."""
    described = json.loads(_buildah("inspect", "--type", "image", TARGETS[target]))
    return dict(described["Docker"]["config"])


def _imported(name: str, root: Path, path: str) -> str:
    """A base image from a folder, made once."""
    if not _buildah("images", "--quiet", "--filter", f"reference={name}").strip():
        container = _buildah("from", "scratch").strip()
        _buildah("add", "--quiet", container, str(root), "/")
        _buildah("config", "--env", f"PATH={path}", container)
        _buildah("commit", "--quiet", "--rm", container, name)
    return name


def _index() -> list[str]:
    return [f"--volume={path}:{path}:ro" for path in OF_THE_INDEX if Path(path).exists()]


def _buildah(*words: str) -> str:
    return run("buildah", *STORE, *words)
