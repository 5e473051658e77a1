"""The service tests itself: through everything that a referral goes through, and onto no list."""

from collections import Counter
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from ledger.check import verify
from ledger.read import Search, entries
from oncall.delivery import deliver
from oncall.models import Clock, Heartbeat, Page, Shift
from oncall.sweep import climb
from referrals.case.models import Referral
from referrals.usecases.run_self_test import run_self_test
from tests.builders import NOON
from tests.doors.forms import signed_in
from tests.doors.machines import Machine

pytestmark = pytest.mark.usefixtures("scene")
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


def the_test() -> Referral:
    return Referral.every.get(source="self_test")


def test_it_goes_out_comes_back_and_says_how_long_it_took() -> None:
    run_self_test(at=NOON)
    climb(at=NOON + SECOND)
    deliver(at=NOON + 2 * SECOND)
    run_self_test(at=NOON + 15 * SECOND)
    assert Heartbeat.objects.get(name="self_test").note == "came back after 2.0 seconds"
    assert (the_test().status, Clock.objects.filter(stopped_at=None).count()) == ("closed", 0)
    assert verify()[1] is None


def test_it_pages_nobody() -> None:
    run_self_test(at=NOON)
    for minute in range(120):
        climb(at=NOON + minute * MINUTE)
    assert {page.channel for page in Page.objects.all()} == {"loopback"}


def test_what_does_not_come_back_is_alarmed_once_and_ended() -> None:
    run_self_test(at=NOON)
    for seconds in range(15, 200, 15):  # nothing sweeps and nothing is sent
        run_self_test(at=NOON + seconds * SECOND)
    assert Heartbeat.objects.get(name="self_test").note.startswith("failed: ")
    assert Page.objects.filter(alarm__startswith="self_test:", channel="screen").count() == 1
    assert the_test().status == "closed"
    assert "self_test" in Client().get("/health/ready").json()["faults"]


def test_without_anybody_on_duty_the_service_is_ready_and_says_that_it_was_not_tested() -> None:
    """A fresh installation has no rota yet."""
    Shift.objects.all().delete()
    for seconds in range(0, 180, 15):
        run_self_test(at=NOON + seconds * SECOND)
        climb(at=NOON + seconds * SECOND)
        deliver(at=NOON + seconds * SECOND)
    assert Heartbeat.objects.get(name="self_test").note.startswith("not tested: nobody is on duty")
    assert not Page.objects.filter(alarm__startswith="self_test:").exists()
    assert the_test().status == "closed"
    assert "self_test" not in Client().get("/health/ready").json()["faults"]


def go_through(*, since: int = 0, minutes: int) -> None:
    """The service as it runs, with a look every 15 seconds."""
    for seconds in range(since * 60, (since + minutes) * 60, 15):
        at = NOON + seconds * SECOND
        run_self_test(at=at)
        climb(at=at)
        deliver(at=at)


def pages() -> int:
    return Page.objects.filter(channel="loopback", clock__kind="acknowledge").exclude(sent_at=None).count()


def test_every_ten_minutes_and_not_more_often() -> None:
    go_through(minutes=25)
    assert pages() == 3
    assert Clock.objects.filter(stopped_at=None).count() == 0
    assert Heartbeat.objects.get(name="self_test").note == "came back after 0.0 seconds"


def test_a_whole_referral_every_six_hours_and_in_between_the_way_of_its_page_in_four_lines() -> None:
    go_through(minutes=1)
    kinds = Counter(line.kind for line in entries(Search(case=the_test().pk)))
    assert sum(kinds.values()) == 22
    go_through(since=10, minutes=1)
    more = Counter(line.kind for line in entries(Search(case=the_test().pk))) - kinds
    assert more == {"clock_started": 1, "page_written": 1, "page_sent": 1, "clock_stopped": 1}
    assert the_test().status == "closed"
    go_through(since=359, minutes=1)
    assert Referral.every.filter(source="self_test").count() == 1
    go_through(since=370, minutes=1)
    assert Referral.every.filter(source="self_test").count() == 2
    assert verify()[1] is None


@pytest.mark.parametrize("stands_still", ["sweep", "delivery"])
def test_a_page_that_is_not_written_or_not_sent_in_between_is_alarmed_once(stands_still: str) -> None:
    go_through(minutes=1)
    for seconds in range(600, 800, 15):
        at = NOON + seconds * SECOND
        run_self_test(at=at)
        if stands_still == "delivery":
            climb(at=at)
    assert Heartbeat.objects.get(name="self_test").note.startswith("failed: ")
    assert Page.objects.filter(alarm__startswith="self_test:", channel="screen").count() == 1
    assert Clock.objects.filter(stopped_at=None).count() == 0
    go_through(since=20, minutes=1)
    assert Heartbeat.objects.get(name="self_test").note.startswith("came back")


def test_in_between_a_promise_from_before_the_time_was_put_back_does_not_hold_back_the_next() -> None:
    go_through(minutes=1)
    run_self_test(at=NOON + 90 * MINUTE)
    go_through(since=10, minutes=1)
    assert pages() == 2
    assert Heartbeat.objects.get(name="self_test").at < NOON + 11 * MINUTE
    assert Clock.objects.filter(stopped_at=None).count() == 0


def test_in_between_a_gap_in_the_rota_is_no_fault() -> None:
    go_through(minutes=1)
    Shift.objects.all().delete()
    go_through(since=10, minutes=3)
    assert Heartbeat.objects.get(name="self_test").note.startswith("not tested: nobody is on duty")
    assert not Page.objects.filter(alarm__startswith="self_test:").exists()


def test_it_stands_on_no_list_in_no_search_and_nobody_can_open_it() -> None:
    run_self_test(at=NOON)
    case = the_test()
    assert not Referral.objects.exists()
    browser = signed_in("coordinator")
    for page in ("worklist", "hand_over", "mdt"):
        assert case.reference not in browser.get(reverse(page)).content.decode()
    assert browser.get(reverse("case", args=[case.reference])).status_code == 404
    assert Machine().get("referrals/").json()["results"] == []
    assert Machine().get(f"referrals/{case.reference}/").status_code == 404
