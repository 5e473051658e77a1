"""Who climbs the clocks while others are dead, frozen, or hold what a clock needs."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import OperationalError, connection, connections

from kernel.time import now
from ledger.models import Line
from oncall import locks, sweep
from oncall.locks import DELIVERING, alone
from oncall.models import Heartbeat, Page
from oncall.sweep import climb
from tests.builders import NOON, clock, set_the_scene, submitted
from tests.oncall.processes import processes_on_this_database, until

SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)


def pages(case: Any) -> int:
    return Page.objects.filter(clock__case=case.pk, channel="screen").count()


@pytest.mark.django_db(transaction=True)
def test_the_watchdog_climbs_the_clocks_without_lanes_scheduler_and_worker(tmp_path: Path) -> None:
    set_the_scene(at=now())
    with processes_on_this_database(tmp_path) as start:
        start("watchdog")
        assert until(lambda: Heartbeat.objects.filter(name="sweep", beats__gt=3).exists())
        case = submitted("weakness", at=now())
        assert until(lambda: pages(case) > 0, 20)  # its audit alone would find it after 30 seconds or more


FAILS_ONCE = """
import os
from oncall import lanes
turns = []
def turn(mark):
    turns.append(os.getpid())
    if len(turns) == 1:
        raise ValueError("a row that makes no sense")
    print(turns[0], turns[1], flush=True)
    os.kill(os.getppid(), 15)
lanes.run({"clocks": lanes.Lane(turn=turn, patience=10, pause=0.01)})
"""


def test_a_turn_that_fails_costs_its_lane_no_new_process() -> None:
    done = subprocess.run(
        [sys.executable, "-c", FAILS_ONCE], cwd=settings.ROOT, capture_output=True, text=True, timeout=60
    )
    first, second = done.stdout.split()[-2:]
    assert first == second
    assert "a row that makes no sense" in done.stdout + done.stderr


@contextmanager
def another() -> Iterator[psycopg.Connection[Any]]:
    """A connection of another process of the service."""
    given = connections["default"].settings_dict
    other = psycopg.connect(host=given["HOST"], user=given["USER"], dbname=given["NAME"])
    try:
        yield other
    finally:
        other.close()


@pytest.mark.django_db(transaction=True)
def test_what_somebody_holds_delays_its_own_case_alone_and_the_silent_are_cut_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    set_the_scene()
    first, second, third = (submitted("weakness") for _ in range(3))
    with another() as chain, another() as row, another() as reader:
        chain.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"case:{first.pk}"])
        row.execute('SELECT FROM oncall_clock WHERE "case" = %s FOR UPDATE', [second.pk])
        reader.execute("SELECT count(*) FROM oncall_clock")
        climb(at=NOON)
        assert (pages(first), pages(second), pages(third) > 0) == (0, 0, True)
        for other in (chain, row):
            other.execute("SELECT 1")  # neither has been silent for long

        monkeypatch.setattr(locks, "SILENT", 0.0)
        with alone(DELIVERING, 7) as mine:
            climb(at=NOON)
            assert until(lambda: sessions_of(chain, row) == 0, 5)
            with alone(DELIVERING, 7) as also_mine:
                assert (mine, also_mine) == (True, False)  # whoever keeps a lane keeps it
        reader.execute("SELECT 1")  # whoever only reads goes on
        climb(at=NOON + SECOND)
        assert pages(first) > 0
        assert pages(second) > 0
        chains = Line.objects.filter(case=first.pk, kind="page_written").values_list("chain", flat=True)
        assert set(chains) == {f"case:{first.pk}"}  # the very chain that was held


def sessions_of(*others: psycopg.Connection[Any]) -> int:
    pids = [other.info.backend_pid for other in others]
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE pid = ANY(%s)", [pids])
        (number,) = cursor.fetchone()
    return int(number)


@pytest.mark.usefixtures("scene")
class TestTheClimbItself:
    def test_what_stands_beside_it_cannot_hold_it_up(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name, fault in (
            ("follow_step_back", OperationalError("canceling statement due to lock timeout")),
            ("look_after_late_pages", ValueError("a page that makes no sense")),
            ("bundle", OperationalError("canceling statement due to lock timeout")),
        ):

            def fails(*, at: Any, fault: Exception = fault) -> None:
                raise fault

            case = submitted("weakness")
            with monkeypatch.context() as patched:
                patched.setattr(sweep, name, fails)
                with pytest.raises(type(fault)):
                    climb(at=NOON)
            assert pages(case) > 0
        assert not Heartbeat.objects.filter(name="sweep").exists()  # it has not ended well
        climb(at=NOON + SECOND)
        assert Heartbeat.objects.filter(name="sweep").exists()

    def test_emergencies_are_climbed_first_however_long_others_have_been_due(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sweep, "TOGETHER", 1)
        for kind in ("pain_only", "no_cancer"):
            submitted(kind)
        emergency = submitted("weakness", at=NOON + HOUR)
        climb(at=NOON + HOUR)
        urgent = clock(emergency, "acknowledge").pages.earliest("pk").pk
        others = Page.objects.exclude(clock__case=emergency.pk).exclude(clock=None)
        assert urgent < others.earliest("pk").pk
