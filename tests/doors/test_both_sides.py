"""The two pages of one case, the referrer's and the coordinator's: what each shows, in a constant number of queries."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from accounts import service as services
from kernel.time import now
from referrals.case.models import Referral
from referrals.correspondence.files import read_file
from referrals.usecases.add_attachment import add_attachment
from referrals.usecases.issue_letter import issue_letter
from referrals.usecases.record_details import record_details
from referrals.usecases.send_message import send_message
from referrals.usecases.withdraw_referral import withdraw_referral
from tests.builders import (
    ONE_PERSON,
    acknowledged,
    act_by,
    actor,
    again,
    clock,
    running,
    set_the_scene,
    submitted,
    triaged,
)
from tests.doors.forms import every_view, prefilled, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def scene(db: None) -> None:
    set_the_scene(at=now())


def talk(case: Referral, *, times: int) -> None:
    """Both sides write, add and issue."""
    service, at = services.current(), now()
    for number in range(times):
        stamp = f"{times}-{number}"
        send_message(case.reference, f"Question {stamp}", within="4", act=act_by("gp", at, service))
        send_message(case.reference, f"Answer {stamp}", act=act_by("coordinator", at, service))
        add_attachment(case.reference, read_file("x.pdf", f"%PDF-{stamp}".encode()), by=actor("gp"), at=at)
        record_details(
            case.reference,
            {"record.stage": stamp, f"record.power_l{number % 4 + 2}_left": "3"},
            act=act_by("gp", at, service),
        )
        issue_letter(case.reference, "advice", recipient="Dr Anand", act=act_by("coordinator", at, service))


@pytest.mark.parametrize(
    ("username", "name"), [("gp", "referral"), ("coordinator", "case"), ("gp", "referral_more")]
)
def test_the_number_of_queries_does_not_grow_with_the_talk(
    username: str, name: str, django_assert_max_num_queries: Any
) -> None:
    case = triaged("weakness", at=now() - timedelta(minutes=5))
    browser, address = signed_in(username), reverse(name, args=[case.reference])
    talk(case, times=1)
    browser.get(address)
    with django_assert_max_num_queries(60) as few:
        browser.get(address)
    talk(case, times=4)
    with django_assert_max_num_queries(len(few.captured_queries)):
        page = browser.get(address).content.decode()
    if name != "referral_more":
        assert "Question 4-3" in page
        assert "Advice to the referrer, version 5" in page


def test_the_list_of_a_ward_runs_a_constant_number_of_queries_and_says_who_is_asked(
    django_assert_max_num_queries: Any,
) -> None:
    asked = acknowledged("weakness", at=now() - timedelta(minutes=9))
    send_message(asked.reference, "Anal tone?", within="2", act=act_by("coordinator", now()))
    browser, address = signed_in("gp"), reverse("referrals")
    assert browser.get(address).content.decode().count("The coordinator asks: Anal tone? Answer by") == 1
    with django_assert_max_num_queries(16) as few:
        browser.get(address)
    for _ in range(8):
        submitted("pain_only", at=now())
    with django_assert_max_num_queries(len(few.captured_queries)):
        browser.get(address)


def test_the_list_shows_open_ones_first_and_ended_ones_on_their_own() -> None:
    running, ended = submitted("weakness", at=now()), submitted("no_cancer", at=now())
    withdraw_referral(ended.reference, text="Wrong button", by=actor("gp"), at=now())
    browser, address = signed_in("gp"), reverse("referrals")
    for show, here, not_here in (("open", running, ended), ("ended", ended, running)):
        page = browser.get(address, {"show": show}).content.decode()
        assert here.reference in page
        assert not_here.reference not in page


def test_the_coordinator_reads_the_record_on_the_case_with_name_and_time() -> None:
    case = acknowledged("weakness", at=now() - timedelta(minutes=9))
    record_details(case.reference, {"record.sensory_level": "T10"}, act=act_by("gp", now()))
    page = every_view(signed_in("coordinator"), case)
    assert "T10 (Dr Priya Anand, " in page


def test_two_who_may_be_one_person_are_pointed_out_to_the_coordinator() -> None:
    first, second = (submitted("weakness", at=now(), **ONE_PERSON) for _ in range(2))
    page = signed_in("coordinator").get(reverse("case", args=[first.reference])).content.decode()
    pointed_out = page.split("Perhaps the same person.")[1].split("</p>")[0]
    assert (
        "MARLOWE, Ruth, born 6 May 1950. Names, date of birth and sex agree; an NHS number is missing."
        in pointed_out
    )
    assert f'href="{reverse("case", args=[second.reference])}"' in pointed_out
    assert first.reference not in pointed_out


def test_a_referrer_writes_no_message_on_a_case_that_nobody_watches_any_more() -> None:
    case = submitted("no_cancer", at=now())
    withdraw_referral(case.reference, text="Wrong button", by=actor("gp"), at=now())
    browser = signed_in("gp")
    assert "nobody is watching it" in browser.get(reverse("referral", args=[case.reference])).content.decode()
    answer = browser.post(reverse("write_message", args=[case.reference]), {"text": "He cannot walk now"})
    assert answer.status_code == 403
    assert "Only a coordinator may send a message at this point" in answer.content.decode()
    assert not case.messages.exists()


def receipts_of(page: str) -> dict[str, str]:
    """What the referrer's page says of each step, from sent to decided, by its name."""
    steps = page.split('class="receipts"')[1].split("</ol>")[0].split("<li")[1:]
    words = [" ".join(re.sub(r"<[^>]+>", " ", f"<li{step}").split()) for step in steps]
    return {name: next(line for line in words if name in line) for name in ("working on it", "Decided")}


def test_a_page_that_says_decided_does_not_say_that_nobody_works_on_it() -> None:
    case = triaged("weakness", at=now())  # which nobody claimed
    steps = receipts_of(signed_in("gp").get(reverse("referral", args=[case.reference])).content.decode())
    assert "Sister Grace Okoro" in steps["working on it"]
    assert "not yet" not in "".join(steps.values())


def test_worse_pain_pages_again_and_is_in_the_record_and_begins_no_suspicion_of_compression() -> None:
    case = acknowledged("back_pain", at=now())
    gp, place = signed_in("gp"), reverse("worse", args=[case.reference])
    form = gp.get(place).content.decode().split("<form")[-1].split("</form>")[0]
    sent = {**prefilled(f'<form data-act-form="it"{form}</form>', "it"), "pain": "nocturnal"}
    assert "The coordinator is paged again" in gp.post(place, sent, follow=True).content.decode()
    case = again(case)
    assert case.presentation["pain"]["nocturnal"] == "yes"
    assert case.mscc_suspected_at is None
    assert "acknowledge" in running(case)
    assert "mri" not in {kind for kind in running(case) if clock(case, kind).limit_hours == 24}
    shown = signed_in("coordinator").get(reverse("case", args=[case.reference])).content.decode()
    assert "Pain worse: back pain at night that disturbs sleep, since " in shown
    assert "Neurology worse" not in shown


def test_worse_pain_beside_worse_neurology_is_named_with_it() -> None:
    case = acknowledged("back_pain", at=now())
    gp, place = signed_in("gp"), reverse("worse", args=[case.reference])
    form = gp.get(place).content.decode().split("<form")[-1].split("</form>")[0]
    sent = {
        **prefilled(f'<form data-act-form="it"{form}</form>', "it"),
        "pain": "nocturnal",
        "worse": "limb_weakness",
    }
    gp.post(place, sent, follow=True)
    case = again(case)
    assert (case.presentation["pain"]["nocturnal"], case.stream) == ("yes", "emergency")
    shown = signed_in("coordinator").get(reverse("case", args=[case.reference])).content.decode()
    assert "Neurology worse: weakness of an arm or leg; back pain at night that disturbs sleep" in shown
