"""Two versions of the rules for clocks: the older one climbs nothing once the newer one is prepared, and says so."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.test import Client

from kernel.time import now
from oncall import engine
from oncall.heartbeats import beat
from oncall.models import Clock, Heartbeat, Page
from oncall.sweep import climb
from oncall.watch import audit, dangers
from tests.builders import NOON, submitted
from tests.doors.forms import signed_in
from tests.oncall.past import beat_ago

pytestmark = pytest.mark.usefixtures("scene")
MINUTE = timedelta(minutes=1)


@pytest.fixture
def updated(scene: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """A newer version was prepared; this process is of the older one."""
    with monkeypatch.context() as newer:
        newer.setattr(engine, "VERSION", engine.VERSION + 1)
        engine.raise_version(at=NOON)


@pytest.mark.usefixtures("updated")
class TestAnOlderSweeper:
    def test_climbs_nothing_and_leaves_no_sign_of_a_sweep(self) -> None:
        submitted("weakness")
        assert climb(at=NOON) == 0
        assert not Page.objects.filter(clock__isnull=False).exists()
        assert not Heartbeat.objects.filter(name="sweep").exists()

    def test_the_newer_one_climbs_what_it_left(self, monkeypatch: pytest.MonkeyPatch) -> None:
        submitted("weakness")
        climb(at=NOON)
        monkeypatch.setattr(engine, "VERSION", engine.VERSION + 1)
        assert climb(at=NOON) >= 1
        assert Page.objects.filter(clock__kind="acknowledge", channel="email").exists()

    def test_an_audit_of_the_older_version_keeps_the_dead_mans_switch_silent(self) -> None:
        submitted("weakness")
        assert not audit(at=NOON + MINUTE).clean
        assert not audit(at=NOON + 2 * MINUTE).clean

    def test_when_nobody_else_climbs_readiness_and_coordinators_hear_of_it(self) -> None:
        climb(at=now())
        words = "nobody is paged: the processes that climb the clocks are of version 1, and the database asks for version 2"
        assert dangers(at=now())["engine"] == words
        assert Client().get("/health/ready").json()["faults"]["engine"] == words
        assert words.lower() in signed_in("coordinator").get("/pages/").content.decode().lower()

    def test_beside_a_newer_one_it_is_named_and_frightens_no_coordinator(self) -> None:
        climb(at=now())
        beat("sweep", at=now())
        faults = dangers(at=now())
        assert "Update or end it" in faults["old_engine"]
        assert "engine" not in faults
        assert "climbs no clocks" not in signed_in("coordinator").get("/pages/").content.decode()

    def test_once_it_is_gone_nothing_is_said(self) -> None:
        climb(at=now())
        beat_ago(engine.REFUSED, 2 * MINUTE)
        assert not {"engine", "old_engine"} & set(dangers(at=now()))

    def test_after_the_update_is_taken_back_it_climbs_again(self, capsys: pytest.CaptureFixture[str]) -> None:
        submitted("weakness")
        climb(at=NOON)
        call_command("engine", "--take-back")
        assert climb(at=NOON) >= 1
        assert not {"engine", "old_engine"} & set(dangers(at=now()))
        call_command("engine")
        assert "This code is version 1. The database asks for 1." in capsys.readouterr().out

    def test_its_own_prepare_does_not_let_it_climb_again(self) -> None:
        engine.raise_version(at=NOON)
        assert engine.is_superseded()


def test_an_update_that_begins_in_the_middle_of_a_sweep_stops_the_next_batch(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    submitted("weakness")

    def update() -> None:
        beat(engine.ROW, note=str(engine.VERSION + 1), at=NOON)

    assert climb(at=NOON, mark=update) == 0
    assert Clock.objects.filter(kind="acknowledge", climbed=0).exists()


@pytest.mark.parametrize("note", ["", "1", "not a number"])
def test_without_a_newer_version_on_record_everybody_climbs(note: str) -> None:
    submitted("weakness")
    beat(engine.ROW, note=note, at=NOON)
    assert climb(at=NOON) >= 1


def test_a_newer_sweeper_climbs_before_its_prepare(monkeypatch: pytest.MonkeyPatch) -> None:
    engine.raise_version(at=NOON)
    monkeypatch.setattr(engine, "VERSION", engine.VERSION + 1)
    submitted("weakness")
    assert climb(at=NOON) >= 1
