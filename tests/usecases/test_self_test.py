"""The service tests itself: through everything that a referral goes through, and onto no list."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from ledger.check import verify
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


def test_every_ten_minutes_and_not_more_often() -> None:
    for seconds in range(0, 25 * 60, 15):
        at = NOON + seconds * SECOND
        run_self_test(at=at)
        climb(at=at)
        deliver(at=at)
    assert Referral.every.filter(source="self_test").count() == 3


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
