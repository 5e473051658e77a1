"""A page that was drawn before somebody else acted: what would do harm is asked again, what is safe goes through."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from kernel.time import now
from referrals.case.models import Disposition, Message, Referral
from referrals.usecases.close_referral import close_referral
from tests.builders import NOON, actor, again, report, set_the_scene, submitted, triaged
from tests.doors.forms import prefilled, send_act, signed_in

pytestmark = pytest.mark.django_db
OLD = "Somebody else has changed this case since you opened it"
GOES = {"kind": "ambulance", "site": "Southmoor", "ambulance_category": "category_2", "position": "flat"}


@pytest.fixture
def coordinator() -> Client:
    set_the_scene(at=now())
    return signed_in("coordinator")


def drawn(client: Client, case: Referral, act: str, **typed: str) -> dict[str, Any]:
    page = client.get(reverse("act", args=[case.reference, act])).content.decode()
    return {**prefilled(page, act), **typed}


def refused_then_sent(client: Client, case: Referral, act: str, sent: dict[str, Any], kept: str) -> None:
    """The old form comes back with what was typed and why; sent again from there it is done."""
    address = reverse("act", args=[case.reference, act])
    answer = client.post(address, sent)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert OLD in page
    assert kept in page
    assert client.post(address, {**sent, **prefilled(page, act)}).status_code == 302


def test_where_the_patient_goes_is_asked_again_because_a_colleague_may_have_sent_them_elsewhere(
    coordinator: Client,
) -> None:
    case = triaged("weakness", at=now())
    sent = drawn(coordinator, case, "disposition", **GOES)
    send_act(signed_in("registrar"), case, "disposition", **{**GOES, "site": "Northmoor"})
    refused_then_sent(coordinator, case, "disposition", sent, "Southmoor")
    assert list(Disposition.objects.order_by("id").values_list("site", flat=True)) == [
        "Northmoor",
        "Southmoor",
    ]


def test_a_withdrawal_is_asked_again_because_it_ends_what_somebody_may_just_have_found(
    coordinator: Client,
) -> None:
    case = triaged("pain_only", at=now())
    sent = drawn(coordinator, case, "withdraw", reason="Sent twice by mistake")
    report(case, "neurology_changed", at=now(), neurology={"gait_disturbance": "yes"})
    address = reverse("act", args=[case.reference, "withdraw"])
    assert coordinator.post(address, sent).status_code == 409
    assert again(case).status != "withdrawn"
    refused_then_sent(coordinator, case, "withdraw", sent, "Sent twice by mistake")
    assert again(case).status == "withdrawn"


def test_opening_again_is_asked_again_because_a_colleague_may_have_ended_it_otherwise(
    coordinator: Client,
) -> None:
    case = triaged("weakness", at=now())
    end = {"by": actor("coordinator"), "at": now(), "text": "Done"}
    close_referral(case.reference, outcome="advice_only", **end)
    sent = drawn(coordinator, case, "reopen", text="The scan was misread")
    send_act(signed_in("registrar"), case, "reopen", text="Rang again")
    close_referral(case.reference, outcome="advice_only", **end)
    refused_then_sent(coordinator, case, "reopen", sent, "The scan was misread")
    assert again(case).status == "in_progress"


def test_a_message_is_asked_again_because_what_it_asks_may_have_been_answered_and_its_words_are_kept(
    coordinator: Client,
) -> None:
    case = triaged("weakness", at=now())
    sent = drawn(coordinator, case, "message", text="Can she walk?")
    send_act(signed_in("registrar"), case, "message", text="How does she walk?")
    refused_then_sent(coordinator, case, "message", sent, "Can she walk?")
    assert Message.objects.count() == 2


def test_a_referrers_message_is_never_refused_for_an_old_page_because_it_only_adds(
    coordinator: Client,
) -> None:
    case = triaged("weakness", at=now())
    gp = signed_in("gp")
    gp.get(reverse("referral", args=[case.reference]))
    send_act(coordinator, case, "message", text="How does she walk?")
    gp.post(reverse("write_message", args=[case.reference]), {"text": "She fell", "version": "1"})
    assert Message.objects.filter(to_referrer=False).count() == 1


def test_acknowledging_from_an_old_page_is_done_because_seeing_is_safe_and_what_came_meanwhile_is_told() -> (
    None
):
    with time_machine.travel(NOON + timedelta(minutes=9), tick=False):
        set_the_scene(at=now())
        coordinator, case = signed_in("coordinator"), submitted("pain_only", at=NOON)
        sent = {"version": str(again(case).version)}
        report(
            case, "neurology_changed", at=NOON + timedelta(minutes=8), neurology={"gait_disturbance": "yes"}
        )
        answer = coordinator.post(reverse("act", args=[case.reference, "acknowledge"]), sent, follow=True)
    page = answer.content.decode()
    assert again(case).acknowledged_at is not None
    assert "Acknowledged" in page
    assert "The case has changed since you opened your page: Neurology worse: " in page
