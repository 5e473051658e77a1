"""The demonstration, played once for all that is asked of it."""

import pytest
from django.core.management import call_command
from django.test import TestCase

from oncall.models import Clock
from referrals.case.models import Referral
from referrals.case.states import Status
from tests.truths.sender import page_of
from triage.guideline.rule import Stream

pytestmark = pytest.mark.long


class TestDemo(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        call_command("seed_demo")
        call_command("seed_demo")

    def test_it_plays_through_every_stream_and_status(self) -> None:
        cases = Referral.objects.all()
        assert 38 <= cases.count() <= 50
        assert set(cases.values_list("stream", flat=True)) == {stream.value for stream in Stream}
        assert set(cases.values_list("status", flat=True)) == {status.value for status in Status}
        clocks = Clock.objects.all()
        assert clocks.filter(stopped_at=None).exists()
        assert clocks.filter(stopped_because="met").exists()
        assert clocks.exclude(breach_recorded_at=None).exists()

    def test_D11_a_case_of_the_demo_says_one_thing_of_its_treatment(self) -> None:
        met = Clock.objects.filter(kind="radiotherapy", stopped_because="met").values("case")
        treated = Referral.objects.filter(pk__in=met)
        assert treated
        for case in treated:
            page = page_of(case, name="mdt_treatment")
            assert "No treatment has been decided yet" not in page, case.reference
