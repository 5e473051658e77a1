"""A hospital's gateway acknowledges for the person who pressed a key on their pager."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from oncall.models import Page
from oncall.page_links import token_of
from oncall.sweep import climb
from referrals.case.models import Referral
from tests.builders import NOON, again, report, running, submitted
from tests.doors.machines import Machine, other_hospital

pytestmark = pytest.mark.usefixtures("scene")


def paged() -> tuple[Referral, str]:
    case = submitted("weakness")
    climb(at=NOON)
    return case, token_of(Page.objects.get(clock__kind="acknowledge", channel="email"))


@time_machine.travel(NOON, tick=False)
def test_the_pages_token_acknowledges_in_the_name_of_whoever_was_paged_and_once() -> None:
    case, token = paged()
    gateway = Machine()
    answer = gateway.post("on-call/acknowledge/", {"token": token})
    assert (answer.status_code, answer.json()["acknowledged_by"]) == (200, "Sister Grace Okoro")
    assert answer.json()["reference"] == case.reference
    assert "acknowledge" not in running(case)
    assert gateway.post("on-call/acknowledge/", {"token": token}).status_code == 409


@pytest.mark.parametrize(
    ("kind", "data", "news"),
    [
        ("mri_reported", {"result": "mscc"}, "Scan report: metastatic spinal cord compression"),
        ("neurology_changed", {"worse": ["limb_weakness"]}, "Neurology worse"),
    ],
)
def test_a_page_from_before_the_news_does_not_acknowledge_it(
    kind: str, data: dict[str, Any], news: str
) -> None:
    case, token = paged()
    later = NOON + timedelta(minutes=5)
    report(case, kind, at=later, **data)
    climb(at=later)
    newest = Page.objects.filter(clock__kind="acknowledge", channel="email").latest("id")
    assert newest.clock is not None
    assert newest.clock.about.startswith(news)
    with time_machine.travel(later, tick=False):
        gateway = Machine()
        answer = gateway.post("on-call/acknowledge/", {"token": token})
        assert answer.status_code == 409
        assert "more urgent since this page was sent" in answer.json()["detail"]
        assert "acknowledge" in running(case)
        assert gateway.post("on-call/acknowledge/", {"token": token_of(newest)}).status_code == 200
    assert "acknowledge" not in running(case)


@time_machine.travel(NOON, tick=False)
def test_somebody_else_is_named() -> None:
    case, token = paged()
    Machine().post("on-call/acknowledge/", {"token": token, "name": "Staff Nurse Bell"})
    assert again(case).acknowledged_by == "Staff Nurse Bell, for Sister Grace Okoro"


@time_machine.travel(NOON, tick=False)
@pytest.mark.parametrize(
    ("body", "status"),
    [({}, 422), ({"token": 7}, 422), ({"token": "x", "wish": 1}, 422), ({"token": "forged"}, 404), ([], 422)],
)
def test_what_is_no_answer_is_refused_and_changes_nothing(body: object, status: int) -> None:
    case, _ = paged()
    assert Machine().post("on-call/acknowledge/", body).status_code == status
    assert again(case).acknowledged_at is None


@time_machine.travel(NOON, tick=False)
def test_it_needs_its_scope() -> None:
    _, token = paged()
    reader = other_hospital(scopes=["referrals:read"])
    assert reader.post("on-call/acknowledge/", {"token": token}).status_code == 403
