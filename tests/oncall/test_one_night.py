"""The story of one night on call, from the first page to the hand-over in the morning."""

from datetime import time, timedelta

import pytest
import time_machine

from demo.night import Night, morning_report
from kernel.time import from_london, london_date
from ledger.check import verify
from oncall.alarms import kind_of
from oncall.models import Clock, Page
from oncall.rota import holder_of
from oncall.sweep import sweep
from tests.builders import NOON
from tests.stored_json import misfits

EVENING = from_london(london_date(NOON), time(20))


@pytest.mark.django_db
@time_machine.travel(EVENING, tick=False)
def test_a_night_in_which_every_page_is_answered_and_the_morning_takes_over() -> None:
    said: list[str] = []
    night = Night(seed=7, begins=EVENING, report=said.append)
    night.prepare()
    at = EVENING
    while at < night.ends:
        night.step(at)
        sweep(at=at)
        at += timedelta(seconds=60)
    report = morning_report(EVENING)

    # Nine people were referred, and somebody slept through a page; the ladder found somebody else.
    assert report.referrals == 9
    assert any("sleeps through a page" in line for line in said)
    assert report.open_cases == 0
    assert report.first_page_seconds[1] <= 30
    # Twice she slept through the first page of an emergency: the second woke her, and the deputy was paged too.
    assert report.acknowledged_minutes == (17, 19)
    # Twenty-three pages woke somebody, nine of them for the four reports of MSCC. All could be acted on when they came;
    # fifteen were the last that was needed.
    loud = Page.objects.filter(channel="email", clock__isnull=False)
    assert all(page.clock.stopped_at is None or page.clock.stopped_at >= page.written_at for page in loud)
    assert (report.loud, report.led_to_the_act) == (23, 15)
    # No alarm of the service itself, and no promise left behind a clock that nobody watches.
    assert {kind_of(page.alarm) for page in Page.objects.exclude(alarm="")} == set()
    assert not Clock.objects.filter(stopped_at=None, next_at__lt=at).exists()
    # In the morning the duty changed hands.
    holder = holder_of("coordinator", at=night.ends)
    assert report.handed_over
    assert holder is not None
    assert holder.username == "registrar"
    assert verify()[1] is None
    assert misfits() == []
