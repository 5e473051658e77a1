"""The real worker and the real scheduler keep the promise, and go on after a kill."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db import connections

from kernel.time import now
from oncall.models import Clock, Heartbeat, Page
from tests.builders import set_the_scene, submitted

pytestmark = pytest.mark.django_db(transaction=True)


def until(holds: Callable[[], bool], seconds: float = 20) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if holds():
            return True
        time.sleep(0.1)
    return False


@pytest.fixture
def celery(tmp_path: Path) -> Iterator[Callable[[str], subprocess.Popen[bytes]]]:
    """Starts a worker or a scheduler on this test's database, and stops both."""
    given = connections["default"].settings_dict
    host = given["HOST"].replace("/", "%2F")
    environment = {
        **os.environ,
        "DATABASE_URL": f"postgresql://{given['USER']}@{host}/{given['NAME']}",
        "EMAIL_FOLDER": str(tmp_path / "mailbox"),
    }
    started: list[subprocess.Popen[bytes]] = []

    def start(what: str) -> subprocess.Popen[bytes]:
        queue = f"test-{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
        options = {
            "worker": ["worker", "--concurrency", "1", "--without-gossip", "--without-mingle", "-Q", queue],
            "beat": ["beat", "--schedule", str(tmp_path / "schedule"), "--pidfile="],
        }[what]
        process = subprocess.Popen(
            [sys.executable, "-m", "celery", "-A", "mscc.celery", *options],
            env={**environment, "CELERY_QUEUE": queue},
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def test_a_page_goes_out_by_itself_and_after_a_kill(celery: Callable[[str], subprocess.Popen[bytes]]) -> None:
    set_the_scene(at=now())
    worker = celery("worker")
    celery("beat")
    case = submitted("weakness", at=now())
    acknowledging = Page.objects.filter(clock__case=case.pk, clock__kind="acknowledge", channel="email")
    assert until(lambda: acknowledging.exclude(sent_at=None).exists())
    assert until(lambda: Heartbeat.objects.filter(name="sweep").exists())

    os.killpg(worker.pid, signal.SIGKILL)
    worker.wait()
    second = submitted("cauda_equina", at=now())
    celery("worker")
    assert until(
        lambda: Page.objects.filter(clock__case=second.pk, channel="email").exclude(sent_at=None).exists()
    )
    for clock in Clock.objects.all():
        rungs = list(clock.pages.filter(channel="screen").values_list("rung", flat=True))
        assert len(rungs) == len(set(rungs))
