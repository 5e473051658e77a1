"""The whole month, as `python -m tests.hospital` asks for it."""

import os
from collections import Counter
from time import monotonic

import pytest

from referrals.case.models import Event, Referral
from tests.doors.test_webhooks import receiver
from tests.hospital.month import Month


@pytest.mark.django_db
def test_at_the_end_of_the_month_both_sides_agree() -> None:
    patients, days, seed = os.environ.get("MSCC_HOSPITAL", "200 30 1").split()
    began = monotonic()
    with receiver() as inbox:
        month = Month(patients=int(patients), days=float(days), seed=int(seed), inbox=inbox)
        month.run()
        found = month.disagreements()
    statuses = Counter(Referral.objects.values_list("status", flat=True))
    print(
        f"\n{patients} patients in {days} days, seed {seed}: {dict(month.line.counts)}; {Event.objects.count()} facts, "
        f"{len(inbox.came)} webhooks came, {month.epr.cards} cards shown, {dict(statuses)}; {monotonic() - began:.0f} s"
    )
    assert found == []
