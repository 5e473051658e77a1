"""Inputs that once failed, each by its id: measures and the demo."""

import html
import re
from typing import Any

import pytest
from django.urls import reverse

from demo.cases import play_all
from kernel.time import now
from oncall.models import Clock
from referrals.case.models import Referral
from tests.doors.forms import signed_in
from tests.doors.machines import Machine
from tests.truths.sender import EMERGENCY, PAIN_ONLY, Sender, page_of


class TestMeasures:
    @pytest.mark.parametrize(("presentation", "name"), [(EMERGENCY, "3"), (PAIN_ONLY, "2a")], ids=["3", "2a"])
    def test_M05_a_limit_that_still_runs_is_shown_apart(
        self, hospital: Machine, presentation: dict[str, Any], name: str
    ) -> None:
        of = Sender(hospital, presentation, suspected=600)
        of.acknowledge()
        lead = signed_in("lead")
        page = lead.get(reverse("governance")).content.decode()
        line = re.search(rf'<tr data-measure="{name}">.*?</tr>', page, re.S)
        assert line is not None
        assert "0 of 0" in line.group()
        assert re.search(r"still runn|not passed yet", line.group())
        lists = [html.unescape(address) for address in re.findall(r'href="([^"]+)"', line.group())]
        assert any(of.reference in lead.get(address).content.decode() for address in lists)


class TestDemo:
    @pytest.mark.long
    def test_D11_a_case_of_the_demo_says_one_thing_of_its_treatment(self) -> None:
        play_all(at=now())
        met = Clock.objects.filter(kind="radiotherapy", stopped_because="met").values("case")
        treated = Referral.objects.filter(pk__in=met)
        assert treated
        for case in treated:
            page = page_of(case, name="mdt_treatment")
            assert "No treatment has been decided yet" not in page, case.reference
