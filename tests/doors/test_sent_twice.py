"""One form sent twice, by a double press or by going back and sending again, is recorded once."""

import threading
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse

from kernel.time import now
from ledger.kinds import Kind
from ledger.read import of_case
from referrals.case.models import Addendum, Contact, Event, Message, Obligation, Referral, Score
from tests.builders import set_the_scene, triaged
from tests.doors.forms import prefilled, signed_in
from tests.doors.markup import read

pytestmark = pytest.mark.django_db
ONCE = "This was already recorded at"


@pytest.fixture
def coordinator() -> Client:
    set_the_scene(at=now())
    return signed_in("coordinator")


def drawn(client: Client, case: Referral, act: str, **typed: str) -> dict[str, Any]:
    page = client.get(reverse("act", args=[case.reference, act])).content.decode()
    return {**prefilled(page, act), **typed}


@pytest.mark.parametrize(
    ("act", "typed", "rows"),
    [
        ("contact", {"outcome": "spoke"}, Contact),
        ("message", {"text": "Can she walk?", "within": "1"}, Message),
        (
            "ask",
            {"kind": "task", "owed_by": "radiology", "within": "1", "text": "Vet the request"},
            Obligation,
        ),
        ("mri_vetted", {"by": "Dr Stone"}, Event),
        ("deterioration", {"worse": "gait_disturbance"}, Event),
    ],
)
def test_a_form_that_is_sent_twice_adds_one_row_and_the_second_leads_where_the_first_led(
    coordinator: Client, act: str, typed: dict[str, str], rows: Any
) -> None:
    case = triaged("pain_only", at=now())
    sent, address = drawn(coordinator, case, act, **typed), reverse("act", args=[case.reference, act])
    before = rows.objects.count()
    first = coordinator.post(address, sent)
    assert (first.status_code, rows.objects.count()) == (302, before + 1), first.content.decode()[:3000]
    second = coordinator.post(address, sent)
    assert (second.status_code, second.headers["Location"]) == (302, first.headers["Location"])
    assert ONCE in coordinator.get(second.headers["Location"]).content.decode()
    assert rows.objects.count() == before + 1
    drawer = coordinator.post(address, sent, headers={"X-Requested-With": "fetch"}).content.decode()
    assert "data-done" in drawer
    assert ONCE in drawer


def test_a_form_that_is_gone_back_to_and_changed_is_something_new(coordinator: Client) -> None:
    case = triaged("weakness", at=now())
    sent, address = (
        drawn(coordinator, case, "contact", outcome="no_answer", text="First"),
        reverse("act", args=[case.reference, "contact"]),
    )
    coordinator.post(address, sent)
    coordinator.post(address, {**sent, "text": "Then the ward"})
    assert Contact.objects.count() == 2
    coordinator.post(address, drawn(coordinator, case, "contact", outcome="no_answer", text="First"))
    assert Contact.objects.count() == 3  # the same words in a form that was drawn anew: they rang again


def test_what_was_refused_is_not_recorded_and_can_be_sent_again(coordinator: Client) -> None:
    case = triaged("weakness", at=now())
    address = reverse("act", args=[case.reference, "addendum"])
    line = next(e.number for e in of_case(case.pk) if e.kind == Kind.REFERRAL_TRIAGED)
    sent = drawn(coordinator, case, "addendum", text="Also the left leg")
    refused = coordinator.post(address, sent)
    assert refused.status_code == 422
    again = {**sent, **prefilled(refused.content.decode(), "addendum"), "about": str(line)}
    for _ in range(2):
        assert coordinator.post(address, again).status_code == 302
    assert Addendum.objects.count() == 1


def test_a_score_is_kept_once(coordinator: Client) -> None:
    case = triaged("weakness", at=now())
    address = reverse("scores", args=[case.reference])
    sins = {
        "kind": "sins",
        "about": "T8",
        "item.location": "semirigid",
        "item.pain": "mechanical",
        "item.bone_lesion": "lytic",
        "item.alignment": "normal",
        "item.collapse": "half",
        "item.posterolateral": "none",
    }
    page = coordinator.get(address, {"kind": "sins"}).content.decode()
    key = page.split('name="form_key" value="')[1].split('"')[0]
    for _ in range(2):
        answer = coordinator.post(address, {**sins, "form_key": key}, follow=True)
    assert Score.objects.count() == 1
    assert ONCE in answer.content.decode()


def test_a_referrers_message_and_worsening_arrive_once(coordinator: Client) -> None:
    case, gp = triaged("weakness", at=now()), signed_in("gp")
    for name, shown, typed in (
        ("write_message", "referral", {"text": "She fell"}),
        ("worse", "worse", {"worse": "gait_disturbance"}),
    ):
        page = gp.get(reverse(shown, args=[case.reference])).content.decode()
        form = read(page).one("form", action=reverse(name, args=[case.reference]))
        sent = {**form.fields(), **typed}
        for _ in range(2):
            answer = gp.post(reverse(name, args=[case.reference]), sent, follow=True)
        assert ONCE in answer.content.decode(), name
    assert Message.objects.count() == 1
    assert Event.objects.filter(kind="neurology_changed").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_presses_at_once_add_one_row() -> None:
    set_the_scene(at=now())
    case, browsers = triaged("weakness", at=now()), [signed_in("coordinator"), signed_in("coordinator")]
    sent = drawn(browsers[0], case, "contact", outcome="spoke")
    together = threading.Barrier(2)

    def press(browser: Client) -> None:
        together.wait()
        browser.post(reverse("act", args=[case.reference, "contact"]), sent)
        connections.close_all()

    presses = [threading.Thread(target=press, args=[browser]) for browser in browsers]
    for one in presses:
        one.start()
    for one in presses:
        one.join()
    assert Contact.objects.count() == 1
