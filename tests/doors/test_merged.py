"""A referral that was merged, and still used: what is told of it reaches the case that goes on."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from kernel.time import now
from ledger.read import of_case
from oncall.models import Page
from oncall.sweep import climb
from referrals.case.claims import holder_of
from referrals.case.models import Message, Referral
from referrals.correspondence.notices import SENTENCES, write_notice
from referrals.usecases.answer_hand_on import accept_hand_on
from referrals.usecases.claim_case import hand_on_case
from referrals.usecases.merge_cases import merge_cases
from tests.builders import NOON, ONE_PERSON, act_by, actor, again, running, set_the_scene, triaged
from tests.doors.forms import every_view, send_act, signed_in
from tests.doors.machines import Machine
from tests.doors.markup import read

pytestmark = pytest.mark.django_db
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture(autouse=True)
def scene(db: None) -> Any:
    with time_machine.travel(NOON + 4 * HOUR, tick=False):
        set_the_scene(at=now())
        yield


def merge(kept: Referral, other: Referral) -> None:
    merge_cases(
        kept.reference,
        other=other.reference,
        text="Same person",
        confirmed=True,
        act=act_by("coordinator", NOON + 2 * HOUR),
    )


def three(by: str = "gp") -> tuple[Referral, Referral, Referral]:
    """The first merged into the second, which was merged into the third."""
    first, second, third = (triaged("pain_only", by=by, **ONE_PERSON) for _ in range(3))
    merge(second, first)
    merge(third, second)
    return again(first), again(second), again(third)


def owned_by_registrar(case: Referral) -> None:
    at = NOON + 3 * HOUR
    hand_on_case(case.reference, to="registrar", text="I leave", act=act_by("coordinator", at))
    accept_hand_on(case.reference, act=act_by("registrar", at))
    assert holder_of(again(case), at=NOON + 3 * HOUR) == actor("registrar").key


def is_told_on(case: Referral, client: Client) -> None:
    """The one that goes on says it loudly, waits for a human, and pages whoever owns it."""
    assert "acknowledge" in running(case)
    page = client.get(reverse("case", args=[case.reference])).content.decode()
    assert "Neurology worse: " in page
    assert again(case).stream == "emergency"
    climb(at=now())
    paged = Page.objects.filter(clock__case=case.pk, clock__kind="acknowledge", written_at=now())
    assert "registrar" in {one.recipient.username for one in paged}


def test_a_referrer_who_tells_that_it_is_worse_by_the_old_reference_is_heard_on_the_case_that_goes_on() -> (
    None
):
    first, _, third = three()
    owned_by_registrar(third)
    gp = signed_in("gp")
    page = gp.get(reverse("worse", args=[first.reference])).content.decode()
    sent = {**read(page).all("form")[-1].fields(), "worse": "gait_disturbance"}
    answer = gp.post(reverse("worse", args=[first.reference]), sent, follow=True).content.decode()
    assert f"The coordinator is paged again for {third.reference}" in answer
    is_told_on(third, signed_in("coordinator"))


def test_a_coordinator_who_records_it_on_the_old_reference_is_not_refused_and_it_reaches_the_one_that_goes_on() -> (
    None
):
    first, _, third = three()
    owned_by_registrar(third)
    coordinator = signed_in("coordinator")
    answer = send_act(coordinator, first, "deterioration", worse="gait_disturbance")
    assert "Recorded: " in answer.content.decode()
    is_told_on(third, coordinator)


def test_what_is_not_told_as_a_fact_is_refused_with_a_link_and_keeps_what_was_typed() -> None:
    first, _, third = three()
    gp = signed_in("gp")
    answer = gp.post(reverse("write_message", args=[first.reference]), {"text": "She cannot stand"})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert f'href="{reverse("referral", args=[third.reference])}"' in page
    assert not Message.objects.exists()
    assert "She cannot stand" in gp.get(reverse("referral", args=[third.reference])).content.decode()


def test_a_hospital_system_is_told_the_reference_of_the_case_that_goes_on() -> None:
    first, _, third = three(by="client")
    answer = Machine().post(f"referrals/{first.reference}/withdraw/", {"reason": "Sent twice"}, key=None)
    assert (answer.status_code, answer.json()["merged_into"]) == (409, third.reference)
    assert third.reference in answer.json()["detail"]
    assert not [line for line in of_case(first.pk) if "withdraw" in str(line.kind)]


def test_the_pages_of_a_case_open_whatever_its_referrer_was_told() -> None:
    case = triaged("weakness", referrer__email="a.shah@example.nhs.uk")
    for kind in SENTENCES:
        write_notice(case, kind, about=1, at=now())
    assert "A separate case again: on its way by e-mail" in every_view(signed_in("coordinator"), case)
    assert signed_in("gp").get(reverse("referral", args=[case.reference])).status_code == 200
