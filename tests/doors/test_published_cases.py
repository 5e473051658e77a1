"""Presentations of published case reports and audits: facts only, each with its citation.

They run through the web form and REST to their stream, clocks and advice. What a source does not say
is not assessed. The names of patients are invented.
"""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from kernel.time import now, rfc3339
from oncall import clocks
from referrals.case.models import Referral
from tests.builders import again, body, report, running, set_the_scene
from tests.doors.forms import WebForm, problems_on
from tests.doors.machines import Machine
from triage.assess import latest

CASES = json.loads((Path(__file__).parent.parent / "guideline" / "published_cases.json").read_text())
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def scene() -> None:
    set_the_scene(at=now())


def sent(case: dict[str, Any]) -> dict[str, Any]:
    at = now().replace(second=0, microsecond=0)
    suspected = at - timedelta(days=case.get("suspected_days_ago", 0), minutes=2)
    return body(
        case["presentation"],
        at=at,
        referrer__organisation_ods="RXX01",
        clinician_suspected_at=rfc3339(suspected),
    )


def by_rest(case: dict[str, Any]) -> Referral:
    answer = Machine().post("referrals/", sent(case), key="k")
    assert answer.status_code == 201, answer.content
    return Referral.objects.get()


def by_form(case: dict[str, Any]) -> Referral:
    answer = WebForm().fill(sent(case))
    assert answer.status_code == 302, problems_on(answer)
    return Referral.objects.get()


@pytest.mark.parametrize("door", [by_rest, by_form])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_a_published_case(case: dict[str, Any], door: Any) -> None:
    referral, expected = door(case), case["expected"]
    result = latest(referral.pk).result
    advice = {line["code"] for line in result["advice"]}
    assert (referral.stream, referral.provisional) == (expected["stream"], expected["provisional"])
    promised = [(clock.kind, clock.limit_hours) for clock in clocks.of_case(referral.pk)]
    assert sorted(promised) == sorted((kind, limit) for kind, limit in expected["clocks"])
    assert set(expected["advice"]) <= advice
    assert not set(expected["not_advice"]) & advice
    assert {warning["code"] for warning in result["warnings"]} == set(expected["warnings"])
    if "then" in case:
        worse = case["then"]
        report(
            referral,
            "neurology_changed",
            at=now(),
            by="client" if door is by_rest else "ward",
            neurology=worse["neurology"],
        )
        assert again(referral).stream == worse["stream"]
        assert set(worse["starts"]) <= running(referral)


def test_each_case_says_where_it_comes_from_and_what_it_stands_for() -> None:
    assert len(CASES) >= 15
    for case in CASES:
        assert case["citation"]
        assert case["url"].startswith("http")
        assert case["facts"]
        assert case["covers"]
    covered = {topic for case in CASES for topic in case["covers"]}
    assert {
        "first presentation of an unknown cancer",
        "pain only that later loses power",
        "radicular pain alone",
        "cauda equina signs",
        "suspected myeloma",
        "a pacemaker",
        "neurology not examined",
        "a suspicion six days old at referral",
    } <= covered
