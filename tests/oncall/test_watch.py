"""Who watches the watch: what was missed is found, repaired and alarmed, and nothing is alarmed for nothing."""

import re
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from kernel.time import now
from ledger.read import Search, entries
from oncall.delivery import deliver
from oncall.heartbeats import beat
from oncall.models import Clock, Page, Shift
from oncall.sweep import climb
from oncall.watch import READINGS, audit, dangers, look_ahead
from tests.builders import NOON, clock, submitted
from tests.doors.forms import signed_in
from tests.oncall.past import beat_ago

pytestmark = pytest.mark.usefixtures("scene")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def gap_alarms() -> int:
    return Page.objects.filter(alarm__startswith="gap:", channel="screen").count()


class TestAudit:
    def test_what_was_due_and_not_acted_on_is_repaired_and_alarmed(self) -> None:
        case = submitted("weakness")
        found = audit(at=NOON + HOUR)
        assert found.overdue >= 1
        assert found.oldest_seconds == 60 * 60  # since we were told, not since the suspicion
        assert Page.objects.filter(clock__case=case.pk).exists()
        assert Page.objects.filter(alarm__startswith="overdue:").exists()
        assert audit(at=NOON + HOUR).overdue == 0

    def test_a_referral_that_has_just_come_is_not_overdue(self) -> None:
        submitted("weakness")
        assert audit(at=NOON + timedelta(seconds=1)).overdue == 0

    @pytest.mark.parametrize("planned", [None, NOON + 100 * DAY])
    def test_a_clock_that_nobody_planned_to_look_at_is_found(self, planned: object) -> None:
        case = submitted("weakness")
        climb(at=NOON)
        Clock.objects.filter(case=case.pk, kind="mri").update(next_at=planned)
        assert audit(at=NOON + 30 * HOUR).overdue >= 1
        assert clock(case, "mri").breach_recorded_at is not None
        assert clock(case, "mri").climbed == 6

    def test_what_is_only_measured_is_never_overdue(self) -> None:
        case = submitted("weakness")
        climb(at=NOON + 60 * DAY)
        assert audit(at=NOON + 60 * DAY + MINUTE).overdue == 0
        assert clock(case, "total_pathway").breach_recorded_at is None


class TestGapAlarms:
    def test_a_gap_that_grows_is_a_new_alarm(self) -> None:
        shifts = Shift.objects.filter(duty="coordinator")
        shifts.filter(starts_at__gte=NOON + 3 * DAY, starts_at__lt=NOON + 4 * DAY).delete()
        look_ahead(at=NOON)
        assert gap_alarms() == 1
        shifts.filter(starts_at__gte=NOON + 4 * DAY, starts_at__lt=NOON + 6 * DAY).delete()
        look_ahead(at=NOON + MINUTE)
        assert gap_alarms() == 2

    def test_each_gap_that_runs_is_alarmed_once(self) -> None:
        for day in (0, 5):
            held = Shift.objects.get(
                duty="coordinator", starts_at__lte=NOON + day * DAY, ends_at__gt=NOON + day * DAY
            )
            Shift.objects.filter(pk=held.pk).update(starts_at=NOON + day * DAY + HOUR)
            for minute in range(3):
                look_ahead(at=NOON + day * DAY + minute * MINUTE)
        assert Page.objects.filter(alarm__startswith="gap:2026-11-20 08:00 to 2026-11-20 13:00").exists()
        assert Page.objects.filter(alarm__startswith="gap:2026-11-25 08:00 to 2026-11-25 13:00").exists()

    def test_with_nobody_to_tell_it_is_told_as_soon_as_there_is_somebody_and_written_once(self) -> None:
        shifts = list(Shift.objects.filter(duty="manager"))
        Shift.objects.all().delete()
        for minute in range(5):
            look_ahead(at=NOON + minute * MINUTE)
        assert entries(Search(kind="alarm_raised")) == []
        Shift.objects.bulk_create(shifts)
        for minute in range(5, 8):
            look_ahead(at=NOON + minute * MINUTE)
        assert len(entries(Search(kind="alarm_raised"))) == 1

    def test_an_alarm_is_tried_until_it_is_delivered(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def refused(page: Page, *, at: object) -> bool:
            raise ConnectionRefusedError

        Shift.objects.filter(duty="coordinator").delete()
        look_ahead(at=NOON)
        with monkeypatch.context() as patched:
            patched.setattr("oncall.channels.email.send", refused)
            for minute in range(60):
                deliver(at=NOON + minute * MINUTE)
        deliver(at=NOON + 70 * MINUTE)
        assert Page.objects.get(alarm__startswith="gap:", channel="email").sent_at is not None


class TestDangers:
    def test_silence_is_danger(self) -> None:
        assert set(dangers(at=now())) == {"sweep", "worker", "audit", "self_test"}
        with pytest.raises(
            CommandError,
            match="nothing has been heard of the sweep yet; nothing has been heard of the worker yet",
        ):
            call_command("watchdog")

    def test_what_has_stopped_is_told_apart_from_what_never_began(self) -> None:
        beat_ago("sweep", 2 * MINUTE)
        assert dangers(at=now())["sweep"] == "clocks were not swept for a minute"

    def test_all_is_well(self, capsys: pytest.CaptureFixture[str]) -> None:
        for name in ("sweep", "worker", "audit", "self_test"):
            beat(name, at=now())
        assert dangers(at=now()) == {}

    def test_a_worker_that_takes_nothing_and_an_outbox_that_stands_still_are_named(self) -> None:
        at = now()
        for name, age in (("worker", 3 * MINUTE), ("audit", MINUTE), ("self_test", MINUTE)):
            beat_ago(name, age)
        submitted("weakness", at=at - 5 * MINUTE)
        climb(at=at - 4 * MINUTE)
        beat("sweep", at=at)
        found = dangers(at=at)
        assert set(found) == {"worker", "delivery"}
        assert found["delivery"].endswith("pages wait to be sent")

    def test_a_clock_that_differs_from_the_databases_is_named(self) -> None:
        assert "differ by" in dangers(at=now() + HOUR)["time"]

    def test_a_look_at_them_reads_what_is_wrong_and_not_every_clock_that_runs(self) -> None:
        submitted("weakness")
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO oncall_clock SELECT (jsonb_populate_record(NULL::oncall_clock, to_jsonb(clock) "
                "|| jsonb_build_object('id', -number, 'case', 1000000 + number))).* "
                "FROM (SELECT * FROM oncall_clock LIMIT 1) clock, generate_series(1, 5000) number"
            )
            cursor.execute(
                "SET LOCAL enable_seqscan = off"
            )  # no statistics are kept of rows of this transaction
            cursor.execute("SET LOCAL enable_bitmapscan = off")
            cursor.execute("EXPLAIN " + READINGS, [now()])
            plan = "\n".join(row for (row,) in cursor.fetchall())
        assert {"clock_quarantined", "clock_recorded"} <= set(re.findall(r"using (\w+)", plan)), plan

    def test_readiness_names_every_danger(self) -> None:
        answer = Client().get("/health/ready")
        assert answer.status_code == 503
        assert {"sweep", "worker", "audit", "self_test"} <= set(answer.json()["faults"])


def test_a_coordinator_sees_on_the_page_that_pages_wait() -> None:
    at = now()
    submitted("weakness", at=at - 5 * MINUTE)
    climb(at=at - 4 * MINUTE)
    shown = signed_in("coordinator").get("/pages/").content.decode()
    assert "The service has a problem" in shown
    assert "pages wait to be sent" in shown.lower()
    deliver(at=at)
    assert "The service has a problem" not in signed_in("coordinator").get("/pages/").content.decode()
