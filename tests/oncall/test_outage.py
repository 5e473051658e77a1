"""After an outage each clock stands where it stands, and each person is told once, the emergencies first."""

from collections import Counter
from datetime import timedelta

import pytest
from django.core import mail

from ledger.read import of_case
from oncall.bundle import BUNDLED
from oncall.delivery import deliver
from oncall.models import Clock, Page
from oncall.sweep import climb
from referrals.usecases.acknowledge_referral import acknowledge_referral
from tests.builders import NOON, act_by, submitted

pytestmark = pytest.mark.usefixtures("scene")
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
BACK = NOON + 2 * DAY


def test_each_person_is_told_once_the_emergencies_first_and_one_by_one() -> None:
    for kind in ("weakness", "cauda_equina", *["pain_only"] * 4):
        submitted(kind)
    climb(at=NOON)
    deliver(at=NOON)
    mail.outbox.clear()
    climb(at=BACK)
    deliver(at=BACK)
    subjects = [letter.subject for letter in mail.outbox]
    urgent = [subject for subject in subjects if " Emergency: " in subject]
    assert subjects[: len(urgent)] == urgent
    pairs = [(letter.subject.partition(" ")[0], letter.to[0]) for letter in mail.outbox[: len(urgent)]]
    assert len(pairs) == len(set(pairs))
    acknowledging = Clock.objects.filter(stream="Emergency", kind="acknowledge")
    assert {case for case, _ in pairs} == {clock.reference for clock in acknowledging}
    assert any("Clocks fell due while the service was down" in subject for subject in subjects)
    assert (
        sum("The service was down" in subject for subject in subjects) == 2
    )  # to the lead and the coordinator
    letters_to = Counter(letter.to[0] for letter in mail.outbox)
    assert max(letters_to.values()) <= 2 + 1 + 1  # emergencies, the bundle, the summary

    assert not Page.objects.filter(sent_at=None, failed_at=None).exists()
    assert Page.objects.filter(failure=BUNDLED).exists()
    for clock in acknowledging:
        lines = [
            line.facts["rung"]
            for line in of_case(clock.case)
            if line.kind in ("rung_passed_over", "page_written") and line.facts["clock"] == "acknowledge"
        ]
        assert sorted(set(lines)) == list(range(clock.climbed))

    mail.outbox.clear()
    climb(at=BACK + MINUTE)
    deliver(at=BACK + MINUTE)
    assert [letter.subject for letter in mail.outbox] == []


def test_what_is_no_longer_true_is_not_sent() -> None:
    case = submitted("weakness")
    climb(at=NOON)  # the page was written, and nothing was sent
    climb(at=BACK)
    mail.outbox.clear()
    acknowledge_referral(case.reference, act=act_by("coordinator", BACK))
    deliver(at=BACK + MINUTE)
    assert not [letter for letter in mail.outbox if "acknowledge" in letter.subject]


def test_a_clock_that_is_a_few_minutes_late_misses_no_rung() -> None:
    case = submitted("weakness")
    climb(at=NOON)
    climb(at=NOON + 16 * MINUTE)
    assert "rung_passed_over" not in {line.kind for line in of_case(case.pk)}
