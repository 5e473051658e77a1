"""The real lanes, the real worker and the real scheduler keep the promise, and go on after a kill, a freeze and a step."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from kernel.time import now
from oncall.models import Clock, Heartbeat, Page
from tests.builders import set_the_scene, submitted
from tests.oncall.processes import Start, end, lane, processes_on_this_database, until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    with processes_on_this_database(tmp_path) as start:
        yield start


def pages(case: object, channel: str) -> int:
    of_case = Page.objects.filter(clock__case=case.pk, clock__kind="acknowledge", channel=channel)  # type: ignore[attr-defined]
    return of_case.exclude(sent_at=None).count()


def test_pages_go_out_by_the_lanes_alone_and_after_a_kill_and_a_freeze(start: Start) -> None:
    set_the_scene(at=now())
    lanes = start("lanes")
    first = submitted("weakness", at=now())
    assert until(lambda: pages(first, "email") >= 1, 150)
    assert Heartbeat.objects.filter(name="sweep").exists()

    os.kill(lane(lanes), signal.SIGSTOP)  # the clocks: ended and started again by their supervisor
    second = submitted("cauda_equina", at=now())
    assert until(lambda: pages(second, "email") >= 1)

    end(lanes)
    third = submitted("weakness", at=now())
    start("lanes")
    assert until(lambda: pages(third, "email") >= 1, 150)
    for clock in Clock.objects.all():
        rungs = list(clock.pages.filter(channel="screen").values_list("rung", flat=True))
        assert len(rungs) == len(set(rungs))


def test_the_sweep_of_the_worker_stands_by_after_a_step_back_of_its_machines_clock(start: Start) -> None:
    set_the_scene(at=now())
    start("worker", stepped=(0, -3))
    start("scheduler", stepped=(4, -3))
    case = submitted("weakness", at=now())
    assert until(lambda: pages(case, "screen") == 1)
    assert until(lambda: Heartbeat.objects.filter(name="sweep", drift_seconds__lt=-3600).exists())
    before = Heartbeat.objects.get(name="sweep").beats
    assert until(
        lambda: Heartbeat.objects.get(name="sweep").beats >= before + 8
    )  # long after the scheduler's step
    second = submitted("cauda_equina", at=now())
    assert until(lambda: pages(second, "screen") == 1)
