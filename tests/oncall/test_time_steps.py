"""The clock of a machine is put forward or back: tasks go on, silence is seen, and pages come when they should."""

import time
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from celery import Celery
from django.core.management import call_command

from kernel.time import machine_time, now
from ledger.read import of_case
from mscc.scheduler import SteadyScheduler
from oncall import present as present_module
from oncall import watch
from oncall.heartbeats import beat, forget
from oncall.models import Heartbeat, Page
from oncall.present import present
from oncall.sweep import climb
from oncall.watch import dangers
from referrals.case.models import Referral
from referrals.usecases.run_self_test import run_self_test
from tests.builders import clock, set_the_scene, submitted
from tests.oncall.past import beat_ago

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


class Recorder(SteadyScheduler):
    """Counts what it would send."""

    producer = None

    def __init__(self, *args: Any, **options: Any) -> None:
        self.sent: list[str] = []
        super().__init__(*args, **options)

    def apply_entry(self, entry: Any, producer: Any = None) -> None:
        self.sent.append(entry.name)


class TestTheScheduler:
    @pytest.mark.parametrize("step", [-3 * HOUR, 3 * HOUR])
    def test_no_step_of_the_wall_clock_holds_it_back_or_repeats_a_task(self, step: timedelta) -> None:
        app = Celery("test", set_as_current=False)
        app.conf.beat_schedule = {
            "quick": {"task": "quick", "schedule": 0.05},
            "slow": {"task": "slow", "schedule": 3600.0},
        }
        scheduler = Recorder(app=app, lazy=True)
        scheduler.setup_schedule()
        assert scheduler.tick() <= 0.05
        with time_machine.travel(machine_time() + step, tick=True):
            for _ in range(3):
                time.sleep(0.06)
                assert scheduler.tick() <= 0.05
        assert scheduler.sent.count("quick") == 4
        assert scheduler.sent.count("slow") == 1


class TestTheWatch:
    @pytest.fixture(autouse=True)
    def all_well(self, scene: None) -> None:
        forget()
        for name in ("sweep", "worker", "audit", "self_test"):
            beat(name, at=now())
        assert dangers(at=now()) == {}

    def test_a_heartbeat_of_the_future_is_silence(self) -> None:
        beat_ago("sweep", -HOUR)
        assert dangers(at=now())["sweep"] == "clocks were not swept for a minute"

    def test_a_task_that_is_seen_to_go_on_is_alive_whatever_the_clock_says(self) -> None:
        beat("sweep", at=now())
        Heartbeat.objects.filter(name="sweep").update(witnessed_at=now() - HOUR)  # put forward since
        assert "sweep" not in dangers(at=now())

    def test_a_task_that_stands_still_is_silent_whatever_the_clock_says(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        later = time.monotonic() + 61
        monkeypatch.setattr("oncall.heartbeats.time.monotonic", lambda: later)
        assert "sweep" in dangers(at=now())

    def test_a_worker_with_a_wrong_clock_is_named(self) -> None:
        with time_machine.travel(machine_time() - 2 * HOUR, tick=True):
            beat("worker", at=now())
        found = dangers(at=now())
        assert set(found) == {"time"}
        assert found["time"].startswith("the machine of the worker and the database differ by 7")

    def test_a_long_wait_for_the_database_is_no_drift(self, monkeypatch: pytest.MonkeyPatch) -> None:
        readings = watch._readings

        def slowly(*, at: datetime) -> Any:
            monkeypatch.setattr("oncall.watch.monotonic", lambda: time.monotonic() + 20)
            return readings(at=at)

        monkeypatch.setattr("oncall.watch._readings", slowly)
        assert "time" not in dangers(at=now() - 20 * SECOND)


@pytest.mark.django_db
class TestThePresent:
    @pytest.fixture(autouse=True)
    def new_process(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(present_module, "_agreed", None)

    @pytest.mark.parametrize("wrong", [-5 * HOUR, 5 * HOUR])
    def test_the_clock_of_a_machine_that_is_wrong_is_not_believed(self, wrong: timedelta) -> None:
        true = machine_time()
        with time_machine.travel(true + wrong, tick=True):
            assert abs(present() - true) < 5 * SECOND

    def test_the_databases_clock_is_not_believed_against_the_time_that_has_passed(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        true = machine_time()
        monkeypatch.setattr(
            present_module, "_agreed", (true + 5 * HOUR, time.monotonic())
        )  # the database's went back
        with time_machine.travel(true + 5 * HOUR, tick=True):
            assert abs(present() - true - 5 * HOUR) < 5 * SECOND

    @pytest.mark.parametrize("wrong", [-5 * HOUR, 5 * HOUR])
    def test_a_worker_with_a_wrong_clock_pages_what_is_due_and_nothing_else(self, wrong: timedelta) -> None:
        set_the_scene(at=now())
        case = submitted("weakness", at=now())
        with time_machine.travel(machine_time() + wrong, tick=True):
            call_command("sweep")
        pages = Page.objects.filter(clock__case=case.pk, clock__kind="acknowledge", channel="email")
        assert [page.rung for page in pages.exclude(sent_at=None)] == [0]


@pytest.mark.django_db
class TestPutBackEverywhere:
    """The time of every machine at once, seen from the time after the step."""

    def test_a_clock_that_the_old_time_started_pages_when_it_would_have(self) -> None:
        old = now() + 2 * HOUR
        set_the_scene(at=old)
        case = submitted("weakness", at=old)
        climb(at=old)
        beat_ago("sweep", -2 * HOUR)
        assert "page late" in dangers(at=now())["time"]
        climb(at=now())
        moved = clock(case, "acknowledge")
        assert abs(moved.started_at - now()) < MINUTE
        assert (moved.climbed, moved.due_at - moved.started_at) == (1, 15 * MINUTE)
        assert "clock_started" in {line.kind for line in of_case(case.pk)}
        assert "time" not in dangers(at=now())
        for minute in range(16):
            climb(at=now() + minute * MINUTE)
        assert clock(case, "acknowledge").climbed >= 2
        waiting = Page.objects.filter(sent_at=None, failed_at=None)
        assert not waiting.filter(next_attempt_at__gt=now() + 16 * MINUTE).exists()

    def test_the_next_self_test_does_not_wait_for_the_old_time(self) -> None:
        set_the_scene(at=now())
        run_self_test(at=now() + 2 * HOUR)
        run_self_test(at=now())
        assert Referral.every.filter(source="self_test").count() == 2
