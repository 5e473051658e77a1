"""A short seeded run of the fault harness: real servers killed with SIGKILL, every promise audited."""

import os
import subprocess
import sys

import pytest
from django.conf import settings

from tests.migrated import address_of_the_migrated

pytestmark = [pytest.mark.long, pytest.mark.usefixtures("django_db_setup")]


def chaos(*options: str) -> subprocess.CompletedProcess[str]:
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("DATABASE", "REDIS", "CELERY", "EMAIL", "DJANGO", "PYTEST"))
    }
    environment["MIGRATED_DATABASE"] = address_of_the_migrated()
    command = [sys.executable, "-m", "tests.load.chaos", *options]
    return subprocess.run(
        command, cwd=settings.ROOT, env=environment, capture_output=True, text=True, timeout=240
    )


def test_every_promise_is_kept_while_processes_are_killed() -> None:
    """The long run is a command of its own: `python -m tests.load.chaos --seconds 180 --cases 150`."""
    done = chaos("--seed", "7", "--seconds", "12", "--cases", "10")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Every promise was kept" in done.stdout


def test_the_audit_sees_a_broken_promise() -> None:
    done = chaos("--seed", "7", "--seconds", "2", "--cases", "1", "--idle")
    assert done.returncode == 1
    assert "nobody was paged" in done.stdout
