"""Every channel against a real counterpart on this machine: accepted, refused, lost on the way, taken once."""

import base64
import dataclasses
import io
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from accounts.models import User
from kernel.refusals import Denied, Invalid, OutOfTurn
from kernel.time import now
from ledger.read import Search, entries, of_case
from oncall.channels import email
from oncall.channels.faults import Refused
from oncall.contact_methods import ask_to_prove, prove, send_test_page, set_address
from oncall.delivery import deliver
from oncall.models import ContactMethod, Page
from oncall.reach import reach_of
from oncall.sweep import climb, sweep
from referrals.usecases.acknowledge_referral import acknowledge_referral
from tests.builders import NOON, act_by, actor, clock, submitted
from tests.doors.forms import signed_in
from tests.oncall.counterparts import API_KEY, PAGER_SECRET, Gateway, Notify, PushService, mail_server, served

pytestmark = pytest.mark.usefixtures("scene")
SECOND = timedelta(seconds=1)


@pytest.fixture
def notify(monkeypatch: pytest.MonkeyPatch) -> Iterator[Notify]:
    counterpart = Notify()
    with served(counterpart) as address:
        _configure(monkeypatch, notify_url=address, notify_api_key=API_KEY, notify_template_id="template-1")
        set_address("sms", "07700 900123", by=actor("coordinator"), at=NOON)
        yield counterpart


@pytest.fixture
def gateway(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gateway]:
    counterpart = Gateway()
    with served(counterpart) as address:
        _configure(monkeypatch, pager_url=f"{address}/pages", pager_secret=PAGER_SECRET)
        set_address("pager", "2143", by=actor("coordinator"), at=NOON)
        yield counterpart


def _configure(monkeypatch: pytest.MonkeyPatch, **changes: Any) -> None:
    environment = dataclasses.replace(settings.ENVIRONMENT, **changes)
    monkeypatch.setattr(settings, "ENVIRONMENT", environment)
    monkeypatch.setattr(settings, "CHANNELS", environment.channels)


def paged(channel: str) -> Page:
    return Page.objects.get(clock__kind="acknowledge", channel=channel)


class TestTextMessages:
    def test_a_page_arrives_with_its_link_and_no_patient(self, notify: Notify) -> None:
        case = submitted("weakness")
        climb(at=NOON)
        deliver(at=NOON)
        message = next(one for one in notify.sent if "acknowledge" in one["personalisation"]["page"])
        text = message["personalisation"]["page"]
        assert message["phone_number"] == "07700 900123"
        assert text.startswith(f"{case.reference} (Emergency): acknowledge, 15 min")
        assert "/on-call/answer/" in text
        for identity in (case.patient.family_name, case.patient.given_name, case.patient.nhs_number):
            assert identity not in text

    def test_it_counts_as_delivered_only_with_its_receipt(self, notify: Notify) -> None:
        submitted("weakness")
        notify.status = "sending"
        climb(at=NOON)
        deliver(at=NOON)
        assert paged("sms").sent_at is None
        notify.status = "delivered"
        deliver(at=NOON + 20 * SECOND)
        assert paged("sms").sent_at == NOON + 20 * SECOND
        assert (
            len([one for one in notify.sent if one["reference"] == str(paged("sms").client_reference)]) == 1
        )

    def test_what_was_taken_before_a_crash_is_not_sent_twice(self, notify: Notify) -> None:
        submitted("weakness")
        notify.loses = True
        climb(at=NOON)
        deliver(at=NOON)
        notify.loses = False
        deliver(at=NOON + 20 * SECOND)
        page = paged("sms")
        assert page.sent_at is not None
        assert [one["reference"] for one in notify.sent].count(str(page.client_reference)) == 1

    def test_undelivered_within_a_minute_the_next_rung_is_climbed(self, notify: Notify) -> None:
        User.objects.filter(username="coordinator").update(email="")
        case = submitted("weakness")
        notify.status = "permanent-failure"
        for second in range(0, 100, 5):
            climb(at=NOON + second * SECOND)
            deliver(at=NOON + second * SECOND)
        assert clock(case, "acknowledge").climbed >= 2
        assert "Notify says permanent-failure" in {
            line.facts["fault"] for line in of_case(case.pk) if line.kind == "page_failed"
        }

    def test_a_service_that_is_down_is_a_failure_with_a_name(self, notify: Notify) -> None:
        submitted("weakness")
        notify.refuses = True
        climb(at=NOON)
        deliver(at=NOON)
        assert paged("sms").failure == "Notify answered 500"


class TestPager:
    def test_a_gateway_that_has_moved_has_taken_nothing(self, gateway: Gateway) -> None:
        submitted("weakness")
        gateway.moved = True
        climb(at=NOON)
        deliver(at=NOON)
        assert (paged("pager").sent_at, paged("pager").failure) == (None, "the gateway answered 302")

    def test_a_page_is_signed_and_carries_its_reference(self, gateway: Gateway) -> None:
        case = submitted("weakness")
        climb(at=NOON)
        deliver(at=NOON)
        taken = next(
            one for one in gateway.taken if one["client_reference"] == str(paged("pager").client_reference)
        )
        assert (taken["to"], taken["case"], taken["emergency"]) == ("2143", case.reference, True)
        assert case.patient.family_name not in str(taken)

    def test_a_forged_signature_is_turned_away(
        self, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        _configure(monkeypatch, pager_secret="another secret")
        submitted("weakness")
        climb(at=NOON)
        deliver(at=NOON)
        assert (gateway.taken, paged("pager").failure) == ([], "the gateway answered 401")

    def test_what_was_taken_before_a_crash_is_not_sent_twice(self, gateway: Gateway) -> None:
        submitted("weakness")
        gateway.loses = True
        climb(at=NOON)
        deliver(at=NOON)
        gateway.loses = False
        deliver(at=NOON + 20 * SECOND)
        page = paged("pager")
        assert page.sent_at is not None
        assert [one["client_reference"] for one in gateway.taken].count(str(page.client_reference)) == 1


class TestWebPush:
    @pytest.fixture
    def browser(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[PushService]:
        counterpart, key = PushService(), io.StringIO()
        call_command("push_key", stdout=key)
        _configure(monkeypatch, push_key=key.getvalue().strip())
        with served(counterpart) as address:
            person = User.objects.get(username="coordinator")
            ContactMethod.objects.create(
                person=person, channel="push", address=counterpart.subscription(address), added_at=NOON
            )
            yield counterpart

    def test_the_browser_shows_the_page_and_nobody_on_the_way_can_read_it(self, browser: PushService) -> None:
        case = submitted("weakness")
        climb(at=NOON)
        deliver(at=NOON)
        page = paged("push")
        shown = next(one for one in browser.shown if one["tag"] == str(page.client_reference))
        assert shown["title"] == f"{case.reference} Emergency: acknowledge, 15 minutes left"
        assert shown["body"].startswith(f"{case.reference} (Emergency): acknowledge, 15 min")
        assert "/on-call/answer/" in shown["link"]
        assert page.client_reference.hex in browser.topics
        assert page.sent_at == NOON

    def test_a_browser_that_is_gone_is_a_failure_with_a_name(self, browser: PushService) -> None:
        browser.status = 410
        submitted("weakness")
        climb(at=NOON)
        deliver(at=NOON)
        assert paged("push").failure == "the browser is no longer subscribed"

    def test_a_key_for_which_nothing_can_be_encrypted_is_refused(self, browser: PushService) -> None:
        sent = json.loads(browser.subscription("https://fcm.googleapis.com"))
        no_point = base64.urlsafe_b64encode(b"\x04" + bytes(64)).decode().rstrip("=")
        broken = json.dumps({**sent, "keys": {**sent["keys"], "p256dh": no_point}})
        with pytest.raises(Invalid):
            set_address("push", broken, by=actor("coordinator"), at=NOON)
        ContactMethod.objects.filter(channel="push").update(address=broken)  # by an earlier version
        submitted("weakness")
        climb(at=NOON)
        deliver(at=NOON)
        assert paged("push").failed_at == NOON, "and is not tried again and again"

    @pytest.mark.parametrize(
        "endpoint",
        [
            "http://fcm.googleapis.com/x",
            "https://intranet.example/x",
            "https://fcm.googleapis.com.example/x",
            "https://fcm.googleapis.com:8443/x",
            "https://127.0.0.1/x",
            "nonsense",
        ],
    )
    def test_our_server_posts_to_no_other_address(self, browser: PushService, endpoint: str) -> None:
        sent = browser.subscription("https://fcm.googleapis.com")
        set_address("push", sent, by=actor("coordinator"), at=NOON)
        with pytest.raises(Invalid):
            set_address(
                "push",
                sent.replace("https://fcm.googleapis.com/push/1", endpoint),
                by=actor("coordinator"),
                at=NOON,
            )

    def test_the_page_offers_it_and_its_worker_is_served(self, browser: PushService) -> None:
        http = signed_in("coordinator")
        shown = http.get(reverse("reach")).content.decode()
        assert "A browser is subscribed." in shown
        assert 'data-push="B' in shown
        worker = http.get(reverse("push_worker"))
        assert worker["Content-Type"].startswith("text/javascript")
        assert b"showNotification" in worker.content
        gone = http.post(reverse("reach"), {"channel": "push", "act": "remove", "address": ""}, follow=True)
        assert "No browser is subscribed." in gone.content.decode()


def test_e_mail_goes_to_a_real_mail_server(monkeypatch: pytest.MonkeyPatch) -> None:
    with mail_server() as (port, server):
        monkeypatch.setattr(settings, "EMAIL_BACKEND", "django.core.mail.backends.smtp.EmailBackend")
        monkeypatch.setattr(settings, "EMAIL_HOST", "127.0.0.1")
        monkeypatch.setattr(settings, "EMAIL_PORT", port)
        case = submitted("weakness")
        climb(at=NOON)
        deliver(at=NOON)
    page = paged("email")
    letter = next(one for one in server.letters if one["Message-ID"] == f"<{page.client_reference}@mscc>")
    assert letter["To"] == page.recipient.email
    assert case.reference in letter["Subject"]


def test_a_page_whose_clock_has_stopped_wakes_nobody(notify: Notify) -> None:
    case = submitted("weakness")
    climb(at=NOON)
    acknowledge_referral(case.reference, act=act_by("coordinator", NOON + SECOND))
    deliver(at=NOON + 2 * SECOND)
    assert not [one for one in notify.sent if "acknowledge" in one["personalisation"]["page"]]
    assert paged("sms").failure == "clock stopped"


def test_a_channel_that_breaks_in_its_own_way_is_passed_on_and_stalls_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(page: Page, *, at: Any) -> bool:
        raise ValueError("bad header")

    case = submitted("weakness")
    with monkeypatch.context() as patched:
        patched.setattr("oncall.channels.email.send", broken)
        for second in range(0, 100, 5):
            climb(at=NOON + second * SECOND)
            deliver(at=NOON + second * SECOND)
    assert clock(case, "acknowledge").climbed >= 2
    assert {line.facts["fault"] for line in of_case(case.pk) if line.kind == "page_failed"} == {"ValueError"}


class TestProving:
    def test_a_way_is_proven_by_the_button_of_its_test_page(self, notify: Notify) -> None:
        person = User.objects.get(username="coordinator")
        assert reach_of([person]).proven(person) == ()
        send_test_page("sms", by=actor("coordinator"), at=NOON)
        deliver(at=NOON)
        found = re.search(r"/on-call/answer/[^/]+/", notify.sent[-1]["personalisation"]["page"])
        assert found
        address = found.group()
        assert Client().get(address).status_code == 200
        assert reach_of([person]).proven(person) == ()
        assert "has arrived" in Client().post(address).content.decode()
        assert reach_of([person]).proven(person) == ("sms",)

    def test_another_address_has_to_be_proven_again(self, notify: Notify) -> None:
        send_test_page("sms", by=actor("coordinator"), at=NOON)
        ContactMethod.objects.update(proven_at=NOON)
        set_address("sms", "07700 900999", by=actor("coordinator"), at=NOON + SECOND)
        person = User.objects.get(username="coordinator")
        assert reach_of([person]).proven(person) == ()

    def test_a_test_page_proves_only_the_address_that_it_went_to(self, notify: Notify) -> None:
        send_test_page("sms", by=actor("coordinator"), at=NOON)
        page = Page.objects.get(alarm__startswith="test:")
        set_address("sms", "07700 900999", by=actor("coordinator"), at=NOON + SECOND)
        with pytest.raises(OutOfTurn, match="changed after the test page"):
            prove(page, at=NOON + 2 * SECOND)

    def test_the_lead_asks_somebody_to_prove_their_address_from_the_page_that_says_it_is_not_proven(
        self, notify: Notify
    ) -> None:
        person, lead = User.objects.get(username="coordinator"), signed_in("lead")
        ask = reverse("ask_to_prove", args=[person.pk])
        assert ask in lead.get(reverse("on_call")).content.decode()
        assert ask not in signed_in("registrar").get(reverse("on_call")).content.decode()
        assert signed_in("registrar").post(ask).status_code == 403
        assert f"on its way to {person.name}" in lead.post(ask, follow=True).content.decode()
        pages = Page.objects.filter(alarm__startswith="test:")
        assert {page.recipient_id for page in pages} == {person.pk}
        assert {"sms", "email"} <= {page.channel for page in pages}
        sent = entries(Search(kind="test_page_sent"))
        assert {(line.actor, line.facts["person"]) for line in sent} == {
            (actor("lead").key, person.actor.key)
        }
        for page in pages:
            prove(page, at=now())
        assert ask not in lead.get(reverse("on_call")).content.decode()
        assert lead.post(ask).status_code == 409

    def test_nobody_is_flooded_with_test_pages_by_others(self, notify: Notify) -> None:
        person = User.objects.get(username="coordinator")
        for _ in range(5):
            send_test_page("sms", by=actor("coordinator"), at=NOON)
        with pytest.raises(OutOfTurn, match="ring instead"):
            ask_to_prove(person.pk, by=actor("admin"), at=NOON)

    def test_five_an_hour_are_enough_and_nobody_without_a_duty_sends_any(self, notify: Notify) -> None:
        for _ in range(5):
            send_test_page("sms", by=actor("coordinator"), at=NOON)
        with pytest.raises(OutOfTurn, match="wait an hour"):
            send_test_page("sms", by=actor("coordinator"), at=NOON)
        with pytest.raises(Denied):
            set_address("sms", "07700 900123", by=actor("gp"), at=NOON)

    def test_a_test_page_gives_up_and_never_goes_before_a_case(self, notify: Notify) -> None:
        send_test_page("sms", by=actor("coordinator"), at=NOON)
        submitted("weakness")
        climb(at=NOON + SECOND)
        deliver(at=NOON + 2 * SECOND)
        assert "Test page" in notify.sent[-1]["personalisation"]["page"]
        notify.refuses = True
        send_test_page("sms", by=actor("coordinator"), at=NOON + SECOND)
        for minute in range(1, 60):
            sweep(at=NOON + minute * 60 * SECOND)
        assert Page.objects.filter(alarm__startswith="test:").latest("id").failed_at is not None

    def test_an_address_that_is_none_is_refused(self, notify: Notify) -> None:
        with pytest.raises(Invalid) as refusal:
            set_address("sms", "ring me", by=actor("coordinator"), at=NOON)
        assert refusal.value.errors == {"sms": ["Enter a mobile number, such as 07700 900123"]}
        with pytest.raises(OutOfTurn):
            send_test_page("pager", by=actor("coordinator"), at=NOON)

    def test_one_proves_ones_own_ways_on_the_page(self, notify: Notify) -> None:
        browser = signed_in("coordinator")
        shown = browser.get(reverse("reach")).content.decode()
        assert "Not proven" in shown
        answer = browser.post(reverse("reach"), {"channel": "sms", "act": "save", "address": "x"})
        assert answer.status_code == 422
        assert "Enter a mobile number" in answer.content.decode()
        answer = browser.post(reverse("reach"), {"channel": "sms", "act": "test"}, follow=True)
        assert "A test page is on its way" in answer.content.decode()
        assert "no test page answered yet" in browser.get(reverse("on_call")).content.decode()


def test_the_outside_is_told_only_while_all_is_well(monkeypatch: pytest.MonkeyPatch) -> None:
    from kernel.time import now
    from oncall.dead_mans_switch import signal_outside
    from oncall.heartbeats import beat
    from oncall.watch import audit, dangers

    class Switch:
        told = 0

        def answer(self, *request: Any) -> tuple[int, Any]:
            self.told += 1
            return 200, {}

    switch = Switch()
    with served(switch) as address:
        _configure(monkeypatch, dead_mans_switch_url=address)
        at = now()
        assert not signal_outside(audit(at=at), dangers(at=at))  # nothing has swept yet
        for name in ("sweep", "worker", "audit", "self_test"):
            beat(name, at=at)
        assert signal_outside(audit(at=at), dangers(at=at))
        submitted("weakness", at=at - timedelta(minutes=10))
        assert not signal_outside(audit(at=at), {})  # alive but late alarms too
        call_command("sweep")
    assert switch.told == 1


@pytest.mark.parametrize(
    "address",
    [
        "a,b@x.example",
        "a;b@x.example",
        "(a@x.example",
        "a@[x.example",
        f"a@{'b' * 70}.example",
        "josé@x.example",
    ],
)
def test_an_address_that_a_referrer_typed_and_nobody_can_write_to_is_refused_for_good(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    with mail_server() as (port, server):
        monkeypatch.setattr(settings, "EMAIL_BACKEND", "django.core.mail.backends.smtp.EmailBackend")
        monkeypatch.setattr(settings, "EMAIL_HOST", "127.0.0.1")
        monkeypatch.setattr(settings, "EMAIL_PORT", port)
        with pytest.raises(Refused):
            email.post("Seen", "A human has seen it.", to=address, reference="1")
        email.post("Seen", "A human has seen it.", to="a.b@x.example", reference="2")
    assert [letter["To"] for letter in server.letters] == ["a.b@x.example"]
