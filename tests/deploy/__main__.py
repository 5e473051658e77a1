"""Build the image and run the compose file and the systemd units for real, on this machine, without an engine.

    .local/venv/bin/python -m tests.deploy              # both forms
    .local/venv/bin/python -m tests.deploy containers   # the image and docker-compose.yml
    .local/venv/bin/python -m tests.deploy units        # a bare Debian, by the section “systemd” of docs/deployment.md

Needs root, debootstrap, buildah and a mirror of Debian; says what is missing. Everything runs in namespaces of its own.
"""

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

from tests.deploy import by_containers, by_units, image, roots

INSIDE = "MSCC_DEPLOY_INSIDE"
FORMS = ("containers", "units")


def main() -> None:
    options = argparse.ArgumentParser(prog="python -m tests.deploy", description=__doc__)
    options.add_argument("form", nargs="*", default=FORMS)
    options.add_argument("--built", action="store_true", help="take the images that were built before")
    asked = options.parse_args()
    if missing := roots.needs():
        raise SystemExit(f"This needs {', '.join(missing)}.")
    if INSIDE not in os.environ:
        roots.machine()
        if "containers" in asked.form and not asked.built:
            for target in image.TARGETS:
                image.build(target)
        if "units" in asked.form and not asked.built:
            by_units.prepare()
        _enter(asked.form)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="mscc-deploy-", ignore_cleanup_errors=True) as place:
        if "containers" in asked.form:
            images = {target: image.folder(target) for target in image.TARGETS}
            by_containers.run(Path(place) / "containers", images)
        if "units" in asked.form:
            Path(place).chmod(0o755)
            by_units.run(Path(place) / "units")
    print(f"Done in {time.monotonic() - began:.0f} s, load {os.getloadavg()[0]:.1f}")


def _enter(forms: list[str]) -> None:
    """Go on in namespaces of processes, mounts and network, which end with this process and all it started."""
    os.environ[INSIDE] = "1"
    words = [sys.executable, "-m", "tests.deploy", *forms]
    os.execvp(
        "unshare", ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc", *words]
    )


if __name__ == "__main__":
    main()
