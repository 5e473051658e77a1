"""The real lanes, the real worker and the real scheduler keep the promise, and go on after a kill, a freeze and a step."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connections

from kernel.time import now
from oncall.models import Clock, Heartbeat, Page
from tests.builders import set_the_scene, submitted
from tests.oncall.processes import Start, end, lane, processes_on_this_database, until
from tests.owner import as_owner

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    with processes_on_this_database(tmp_path) as start:
        yield start


def pages(case: object, channel: str) -> int:
    of_case = Page.objects.filter(clock__case=case.pk, clock__kind="acknowledge", channel=channel)  # type: ignore[attr-defined]
    return of_case.exclude(sent_at=None).count()


def sessions(state: str) -> int:
    """How many connections to this database are in a state, beside those that do nothing but hold a lane's lock."""
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
            f"AND query NOT LIKE '%pg_try_advisory_xact_lock%' AND {state}"
        )
        (number,) = cursor.fetchone()
    return int(number)


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


def test_a_sweep_that_freezes_loses_its_locks_and_the_one_beside_it_pages_within_seconds(
    start: Start,
) -> None:
    """The frozen one holds the clock's row and its chain; nobody ends it while this test runs."""
    set_the_scene(at=now())
    lanes = start("patient_lanes")
    assert until(lambda: Heartbeat.objects.filter(name="sweep", beats__gt=8).exists())
    for place in (0, -1):
        os.kill(lane(lanes, place), signal.SIGSTOP)
    case = submitted("weakness", at=now())
    with as_owner() as owner:
        owner.execute("LOCK TABLE ledger_line IN SHARE MODE")  # its line comes after its locks
        os.kill(lane(lanes), signal.SIGCONT)
        assert until(lambda: sessions("wait_event = 'relation'") == 1, 20)
        os.kill(lane(lanes), signal.SIGSTOP)
    assert until(lambda: sessions("state = 'idle in transaction'") == 1, 0.9)
    os.kill(lane(lanes, -1), signal.SIGCONT)
    began = time.monotonic()
    assert until(lambda: pages(case, "email") >= 1, 20)
    assert (
        time.monotonic() - began < 8
    )  # the locks for two seconds, a look each half second, and a loaded machine
    assert until(lambda: sessions("state LIKE 'idle in transaction%'") == 0, 5)


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
