"""Your pages: one line for each promise, what waits in sight, what is done folded."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from oncall.models import Page
from oncall.sweep import climb
from referrals.usecases.acknowledge_referral import acknowledge_referral
from tests.builders import NOON, act_by, submitted
from tests.doors.forms import signed_in
from tests.doors.markup import read

pytestmark = pytest.mark.usefixtures("scene")
MINUTE = timedelta(minutes=1)


def pages_at(at: object) -> str:
    with time_machine.travel(at, tick=False):  # type: ignore[arg-type]
        return signed_in("coordinator").get(reverse("inbox")).content.decode()


def test_whoever_is_paged_again_about_the_same_promise_reads_one_line() -> None:
    submitted("weakness", at=NOON)
    for minutes in (1, 11):
        climb(at=NOON + minutes * MINUTE)
    about = Page.objects.filter(
        recipient__username="coordinator", channel="screen", clock__kind="acknowledge"
    )
    assert about.count() == 2
    page = pages_at(NOON + 12 * MINUTE)
    assert page.count("<td>Acknowledge</td>") == 1
    assert "2 times, last at 12:11 GMT" in read(page).words


def test_what_is_done_is_folded_below_what_waits() -> None:
    case = submitted("weakness", at=NOON)
    climb(at=NOON + MINUTE)
    acknowledge_referral(case.reference, act=act_by("coordinator", NOON + 2 * MINUTE))
    waits, _, done = pages_at(NOON + 3 * MINUTE).partition("Done since (1)")
    assert "<td>Ring the referrer</td>" in waits
    assert "<td>Acknowledge</td>" not in waits
    assert "<td>Acknowledge</td>" in done


def test_whoever_was_never_paged_is_told_so() -> None:
    assert "Nobody has paged you yet." in read(pages_at(NOON)).words
