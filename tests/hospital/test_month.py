"""A few days of a simulated hospital, so that its long form is never out of date: see `tests/hospital/__main__.py`."""

import pytest

from tests.doors.test_webhooks import receiver
from tests.hospital.month import Month


@pytest.mark.django_db
def test_a_hospital_that_speaks_the_standards_and_the_service_agree() -> None:
    with receiver() as inbox:
        month = Month(patients=2, seed=7, inbox=inbox, days=3, step=24)
        month.run()
        assert month.disagreements() == []
    assert month.line.counts["messages"] > 8
