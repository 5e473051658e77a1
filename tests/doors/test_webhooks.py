"""Webhooks: signed, from the outbox, in the order of a case, for three days, never into a private network."""

import base64
import hashlib
import hmac
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.machine_clients import revoke_client
from accounts.models import ApiClient
from api.webhooks import subscriptions
from api.webhooks.courier import THREE_DAYS, Courier, Outcome, claim, deliver, record
from api.webhooks.models import Attempt, Delivery, Webhook
from api.webhooks.outbox import write_deliveries
from api.webhooks.targets import Forbidden, is_public, post, target_of
from kernel.time import now, rfc3339
from ledger.read import Search, entries
from tests.builders import actor, set_the_scene, submitted
from tests.doors.forms import signed_in
from tests.doors.machines import Machine, other_hospital
from tests.doors.test_rest import fits, sent

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


class Receiver:
    """A hospital's address that answers as it is told, and keeps what came."""

    def __init__(self) -> None:
        self.status, self.wait, self.came = 200, 0.0, list[Any]()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.came.append((dict(self.headers), body))
                time.sleep(receiver.wait)
                self.send_response(receiver.status)
                self.send_header("Location", "/elsewhere")
                self.end_headers()

            def log_message(self, *args: Any) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/mscc"

    def kinds(self) -> list[str]:
        return [json.loads(body)["kind"] for _, body in self.came]


@contextmanager
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    thread = threading.Thread(target=made.server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield made
    finally:
        made.server.shutdown()
        made.server.server_close()
        thread.join()


@pytest.fixture
def there() -> Iterator[Receiver]:
    with receiver() as made:
        yield made


@pytest.fixture(autouse=True)
def scene() -> None:
    set_the_scene(at=now())
    write_deliveries(at=now())


@pytest.fixture
def hospital() -> Machine:
    return Machine()


def put(machine: Machine, path: str, body: Any) -> Any:
    return machine.http.put(
        f"/api/v1/{path}",
        json.dumps(body),
        content_type="application/json",
        headers={"Authorization": f"Bearer {machine.token}"},
    )


def subscribe(machine: Machine, url: str, *kinds: str) -> dict[str, Any]:
    answer = machine.post("webhooks/", {"url": url, "kinds": list(kinds)}, key=None)
    assert answer.status_code == 201, answer.content
    fits("WebhookAdded", answer.json())
    return answer.json()


def refer(machine: Machine) -> str:
    return machine.post("referrals/", sent()).json()["reference"]


def report(machine: Machine, reference: str, kind: str) -> None:
    event = {"kind": kind, "occurred_at": rfc3339(now()), "data": {}}
    assert machine.post(f"referrals/{reference}/events/", event, key=f"{reference} {kind}").status_code == 201


def is_signed(headers: dict[str, str], body: bytes, secret: str) -> bool:
    """Verified as Standard Webhooks and the contract say, from the words of each alone."""
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    standard = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    parts = headers["X-MSCC-Signature"].split(",")
    instant = parts[0].removeprefix("t=")
    own = hmac.new(secret.encode(), f"{instant}.".encode() + body, hashlib.sha256).hexdigest()
    assert instant == headers["webhook-timestamp"]
    return f"v1,{standard}" in headers["webhook-signature"].split() and f"v1={own}" in parts[1:]


class TestDelivery:
    def test_it_says_what_happened_to_which_referral_and_nothing_else(
        self, hospital: Machine, there: Receiver
    ) -> None:
        secret = subscribe(hospital, there.url)["secret"]
        made = sent()
        reference = hospital.post("referrals/", made).json()["reference"]
        report(hospital, reference, "mri_requested")
        assert there.came == [], "nothing is sent within the act"
        write_deliveries(at=now())
        assert deliver(at=now()) == len(there.came) > 2
        for headers, body in there.came:
            assert set(json.loads(body)) == {"kind", "reference"}
            assert json.loads(body)["reference"] == reference
            assert is_signed(headers, body, secret)
            assert not is_signed(headers, body + b" ", secret)
            assert made["patient"]["family_name"].encode() not in body
        assert there.kinds()[0] == "referral_submitted"
        assert there.kinds()[-1] == "event_recorded"
        assert not {"page_written", "case_viewed", "referral_assessed"} & set(there.kinds())
        before = len(there.came)
        write_deliveries(at=now())
        assert (deliver(at=now()), len(there.came)) == (0, before)

    def test_only_ones_own_referrals_and_the_kinds_asked_for(
        self, hospital: Machine, there: Receiver
    ) -> None:
        subscribe(hospital, there.url, "event_recorded")
        other = other_hospital(scopes=["webhooks:manage"])
        subscribe(other, there.url)
        submitted("weakness", at=now(), by="gp")
        reference = refer(hospital)
        report(hospital, reference, "admitted")
        write_deliveries(at=now())
        deliver(at=now())
        assert there.kinds() == ["event_recorded"]
        assert Machine(scope="referrals:read").get("webhooks/").status_code == 403

    def test_an_act_that_is_undone_tells_nobody(self, hospital: Machine, there: Receiver) -> None:
        subscribe(hospital, there.url)
        assert hospital.post("referrals/", {**sent(), "extra": 1}).status_code == 422
        write_deliveries(at=now())
        assert not Delivery.objects.exists()

    def test_a_revoked_client_is_told_nothing_more(self, hospital: Machine, there: Receiver) -> None:
        subscribe(hospital, there.url)
        refer(hospital)
        write_deliveries(at=now())
        revoke_client(ApiClient.objects.get().pk, by=actor("admin"), at=now())
        assert deliver(at=now()) == 0
        assert there.came == []


class TestFailure:
    def test_the_same_message_is_tried_again_in_its_order_for_three_days_and_then_given_up(
        self, hospital: Machine, there: Receiver, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        began = now()
        with time_machine.travel(began, tick=False) as clock:
            hook = subscribe(hospital, there.url, "event_recorded")["id"]
            first, second = refer(hospital), refer(hospital)
            for kind in ("mri_requested", "mri_booked"):
                report(hospital, first, kind)
            report(hospital, second, "mri_requested")
            write_deliveries(at=now())
            there.status = 503
            while now() - began < THREE_DAYS + timedelta(days=2):
                deliver(at=now())
                clock.shift(timedelta(hours=2) if now() - began > 30 * MINUTE else 3 * MINUTE)
            rows = list(Delivery.objects.order_by("id"))
            assert all(row.given_up_at is not None for row in rows)
            assert all(row.given_up_at >= began + THREE_DAYS for row in rows)
            ids = {headers["webhook-id"] for headers, _ in there.came}
            assert len(ids) == 3, "each message keeps its id"
            assert all(row.attempts > 1 for row in rows[::2])
            assert Attempt.objects.filter(delivery=rows[0]).count() == rows[0].attempts
            kinds = [str(entry.kind) for entry in entries(Search(actor="service"), limit=50)]
            assert kinds.count("webhook_given_up") == 3
            hospital = Machine()  # the first token has ended
            page = hospital.get(f"webhooks/{hook}/deliveries/", state="given_up").json()
            fits("DeliveryPage", page)
            assert page["results"][0]["attempts"][-1]["status"] == 503
            case = signed_in("coordinator").get(reverse("undelivered")).content.decode()
            assert f"{first}: Event recorded, to Demo hospital system, given up" in case
            settings_page = signed_in("admin").get(reverse("undelivered")).content.decode()
            assert "Event recorded, to Demo hospital system" in settings_page
            assert first not in settings_page
            assert "3 messages." in settings_page
            monkeypatch.setattr("api.webhooks.pages.PER_PAGE", 2)
            second_page = signed_in("coordinator").get(reverse("undelivered"), {"page": "2"}).content.decode()
            assert (second_page.count("Send it again"), "Page 2 of 2" in second_page) == (1, True)
            there.status, there.came = 200, []
            replayed = hospital.post(f"webhooks/{hook}/deliveries/{rows[0].pk}/replay/", "", key=None)
            assert (replayed.status_code, replayed.json()["state"]) == (202, "waiting")
            deliver(at=now())
            (headers, _) = there.came[0]
            assert headers["webhook-id"] == f"msg_{rows[0].number.hex}"
            posted = {"webhook": hook, "delivery": rows[1].pk}
            assert signed_in("coordinator").post(reverse("undelivered"), posted).status_code == 302
            assert deliver(at=now()) == 1
            assert signed_in("ward").get(reverse("undelivered")).status_code == 403

    def test_a_later_message_of_a_case_waits_for_the_earlier_one_and_no_other_case_does(
        self, hospital: Machine, there: Receiver
    ) -> None:
        subscribe(hospital, there.url, "event_recorded")
        first, second = refer(hospital), refer(hospital)
        report(hospital, first, "mri_requested")
        report(hospital, first, "mri_booked")
        report(hospital, second, "mri_requested")
        at = now()
        write_deliveries(at=at)
        held = claim(at=at)
        assert held is not None
        assert held.reference == first
        following = claim(at=at)
        assert following is not None
        assert following.reference == second
        assert claim(at=at) is None

    def test_when_it_is_back_everything_that_waits_goes_out_in_order(
        self, hospital: Machine, there: Receiver
    ) -> None:
        subscribe(hospital, there.url, "event_recorded")
        reference = refer(hospital)
        for kind in ("mri_requested", "mri_booked", "admitted"):
            report(hospital, reference, kind)
        at = now()
        write_deliveries(at=at)
        there.status = 500
        deliver(at=at)
        assert deliver(at=at) == 0, "the address rests"
        there.status, there.came = 200, []
        assert deliver(at=at + MINUTE) == 3
        ids = [headers["webhook-id"] for headers, _ in there.came]
        rows = Delivery.objects.order_by("ledger_line")
        assert ids == [f"msg_{row.number.hex}" for row in rows]

    def test_what_was_ended_or_sent_again_while_an_attempt_ran_stays_so(
        self, hospital: Machine, there: Receiver
    ) -> None:
        hook = subscribe(hospital, there.url, "event_recorded")["id"]
        report(hospital, refer(hospital), "mri_requested")
        at, by = now(), ApiClient.objects.get().actor
        write_deliveries(at=at)
        there.status = 503
        failed = Outcome(status=503, fault="", milliseconds=9)
        late = at + THREE_DAYS + MINUTE
        sending = claim(at=late)
        assert sending is not None
        subscriptions.replay(hook, sending.pk, by=by, at=late)
        record(sending, failed, at=late + MINUTE)
        row = Delivery.objects.get()
        assert (row.given_up_at, row.due_since) == (None, late)
        assert row.next_attempt_at is not None
        assert (
            late + MINUTE < row.next_attempt_at < late + 2 * MINUTE
        )  # the first pause of a new row of attempts
        again = claim(at=late + timedelta(hours=1))
        assert again is not None
        subscriptions.end(hook, by=by, at=late + timedelta(hours=1))
        record(again, failed, at=late + timedelta(hours=1, minutes=1))
        row = Delivery.objects.get()
        assert (row.next_attempt_at, row.given_up_at) == (None, late + timedelta(hours=1))
        assert Attempt.objects.filter(delivery=row).count() == 2

    def test_an_attempt_is_noted_in_the_order_in_which_others_lock(
        self, hospital: Machine, there: Receiver
    ) -> None:
        subscribe(hospital, there.url, "event_recorded")
        report(hospital, refer(hospital), "mri_requested")
        write_deliveries(at=now())
        sending = claim(at=now())
        assert sending is not None
        with CaptureQueriesContext(connection) as asked:
            record(sending, Outcome(status=200, fault="", milliseconds=9), at=now())
        first = next(query["sql"] for query in asked if "webhook" in query["sql"].lower())
        assert first.endswith("FOR UPDATE"), "the address first, then its delivery"

    @pytest.mark.parametrize("status", [301, 302, 307, 308, 400, 404, 410])
    def test_a_redirect_is_not_followed_and_no_success(
        self, hospital: Machine, there: Receiver, status: int
    ) -> None:
        subscribe(hospital, there.url, "event_recorded")
        report(hospital, refer(hospital), "admitted")
        there.status = status
        write_deliveries(at=now())
        assert deliver(at=now()) == 0
        assert len(there.came) == 1
        assert Attempt.objects.get().status == status

    def test_a_slow_receiver_delays_nobody_else_and_its_attempt_ends(
        self, hospital: Machine, there: Receiver
    ) -> None:
        with socket.create_server(("127.0.0.1", 0)) as silent:
            slow = subscribe(hospital, f"http://127.0.0.1:{silent.getsockname()[1]}/", "event_recorded")
            subscribe(hospital, there.url, "event_recorded")
            report(hospital, refer(hospital), "admitted")
            write_deliveries(at=now())
            courier = Courier(seconds=1.0)
            courier.turn(at=now())
            until = time.monotonic() + 5
            while not there.came and time.monotonic() < until:
                time.sleep(0.01)
            assert there.kinds() == ["event_recorded"]
            assert slow["id"] in courier.sending, "the other still hangs"
            while courier.turn(at=now()) and time.monotonic() < until:
                time.sleep(0.02)
            courier.pool.shutdown()
        states = {row.webhook_id: row.delivered_at is not None for row in Delivery.objects.all()}
        assert states[slow["id"]] is False
        assert sorted(states.values()) == [False, True]
        assert Attempt.objects.get(delivery__webhook=slow["id"]).status is None

    def test_a_receiver_that_trickles_does_not_outlast_the_deadline(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:

            def trickle() -> None:
                line, _ = server.accept()
                with line:
                    for _ in range(40):
                        try:
                            line.sendall(b"x")
                        except OSError:
                            return
                        time.sleep(0.1)

            thread = threading.Thread(target=trickle)
            thread.start()
            began = time.monotonic()
            with pytest.raises(OSError, match=r"in time|timed out"):
                post(f"http://127.0.0.1:{server.getsockname()[1]}/", b"{}", {}, seconds=0.5)
            assert time.monotonic() - began < 3
            thread.join()


class TestSubscriptions:
    def test_they_are_made_read_changed_and_ended_by_their_owner_alone(
        self, hospital: Machine, there: Receiver
    ) -> None:
        hook = subscribe(hospital, there.url, "message_sent")
        path = f"webhooks/{hook['id']}/"
        fits("Webhook", hospital.get(path).json())
        assert "secret" not in hospital.get(path).json()
        fits("Webhooks", hospital.get("webhooks/").json())
        changed = put(hospital, path, {"url": there.url, "kinds": []})
        assert (changed.status_code, changed.json()["kinds"]) == (200, [])
        other = other_hospital(scopes=["webhooks:manage"])
        assert other.get(path).status_code == 404
        assert other.get(f"{path}deliveries/").status_code == 404
        assert other.post(f"{path}rotate/", {}, key=None).status_code == 404
        assert put(other, path, {"url": there.url}).status_code == 404
        bearer = {"Authorization": f"Bearer {hospital.token}"}
        assert hospital.http.delete(f"/api/v1/{path}", headers=bearer).status_code == 204
        assert hospital.get(path).status_code == 404
        assert Webhook.objects.get(pk=hook["id"]).ended_at is not None
        kinds = [str(entry.kind) for entry in entries(Search(actor=actor_key()), limit=3)]
        assert kinds == ["webhook_changed"] * 3

    @pytest.mark.parametrize(
        ("body", "path"),
        [
            ({}, "url"),
            ({"url": 1}, "url"),
            ({"url": "ftp://x"}, "url"),
            ({"url": "http://user:pass@127.0.0.1/"}, "url"),
            ({"url": "http://[::1"}, "url"),
            ({"url": "http://127.0.0.1:99999/"}, "url"),
            ({"url": "http://127.0.0.1/ x"}, "url"),
            ({"url": "http://127.0.0.1/\r\nX: y"}, "url"),
            ({"url": "http://" + "a" * 300 + ".example/"}, "url"),
            ({"url": "http://127.0.0.1/", "kinds": ["case_viewed"]}, "kinds"),
            ({"url": "http://127.0.0.1/", "kinds": "all"}, "kinds"),
            ({"url": "http://127.0.0.1/", "secret": "mine"}, "secret"),
        ],
    )
    def test_what_is_wrong_is_named(self, hospital: Machine, body: dict[str, Any], path: str) -> None:
        answer = hospital.post("webhooks/", body, key=None)
        assert answer.status_code == 422
        assert path in answer.json()["errors"]
        assert not Webhook.objects.exists()

    def test_a_new_secret_is_brought_in_with_both_signing(self, hospital: Machine, there: Receiver) -> None:
        hook = subscribe(hospital, there.url, "event_recorded")
        answer = hospital.post(f"webhooks/{hook['id']}/rotate/", {"overlap_hours": 2}, key=None)
        fits("WebhookSecret", answer.json())
        new = answer.json()["secret"]
        report(hospital, refer(hospital), "admitted")
        at = now()
        write_deliveries(at=at)
        deliver(at=at)
        headers, body = there.came[0]
        assert new != hook["secret"]
        assert is_signed(headers, body, new)
        assert is_signed(headers, body, hook["secret"])
        row = Delivery.objects.get()
        row.next_attempt_at = at
        row.save()
        deliver(at=at + timedelta(hours=2))
        headers, body = there.came[1]
        assert is_signed(headers, body, new)
        assert not is_signed(headers, body, hook["secret"])
        for wrong in ({"overlap_hours": -1}, {"overlap_hours": 169}, {"overlap_hours": "1"}):
            assert hospital.post(f"webhooks/{hook['id']}/rotate/", wrong, key=None).status_code == 422


def actor_key() -> str:
    return (
        actor("client").key if ApiClient.objects.count() == 1 else ApiClient.objects.earliest("pk").actor.key
    )


class TestTargets:
    @pytest.mark.parametrize(
        "address",
        [
            "127.0.0.1",
            "10.0.0.1",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "0.0.0.0",
            "100.64.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::1",
            "::",
            "fe80::1",
            "fe80::1%eth0",
            "fc00::1",
            "fec0::1",
            "::ffff:127.0.0.1",
            "::ffff:8.8.8.8",
            "64:ff9b::a00:1",
            "2002:7f00:1::",
            "2001:0:7f00:1::",
            "ff02::1",
            "::127.0.0.1",
        ],
    )
    def test_private_and_disguised_addresses_are_not_public(self, address: str) -> None:
        assert not is_public(address)

    def test_public_ones_are(self) -> None:
        assert is_public("8.8.8.8")
        assert is_public("2a00:1450:4009:81e::200e")

    def test_outside_demo_mode_a_target_is_public_and_speaks_https(
        self, hospital: Machine, settings: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        settings.DEMO = False
        with pytest.raises(Forbidden, match="https"):
            target_of("http://example.org/")
        for url in (
            "https://127.0.0.1/",
            "https://localhost/",
            "https://[::1]/",
            "https://[::ffff:127.0.0.1]/",
            "https://2130706433/",
            "https://0x7f.1/",
        ):
            with pytest.raises(Forbidden, match="private network"):
                post(url, b"{}", {})

    def test_a_name_that_nobody_looks_up_in_time_holds_no_page(
        self, hospital: Machine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked = threading.Event()

        def no_answer(*about: Any, **more: Any) -> list[Any]:
            asked.wait(5)
            raise socket.gaierror

        monkeypatch.setattr(socket, "getaddrinfo", no_answer)
        monkeypatch.setattr(subscriptions.LOOKING_UP, "seconds", 0.2)
        began = time.monotonic()
        for _ in range(4):
            answer = hospital.post("webhooks/", {"url": "https://slow.example.nhs.uk/"}, key=None)
            assert answer.json()["errors"]["url"][0].startswith("This name could not be looked up in time")
        assert time.monotonic() - began < 4
        asked.set()

    def test_a_name_that_leads_elsewhere_the_second_time_is_not_followed(
        self, settings: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        settings.DEMO = False
        asked, called = [], []

        def rebinding(host: str, port: int, **about: Any) -> list[Any]:
            asked.append(host)
            address = "8.8.8.8" if len(asked) == 1 else "127.0.0.1"
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

        def connect(address: Any, timeout: float) -> Any:
            called.append(address)
            raise ConnectionRefusedError

        monkeypatch.setattr(socket, "getaddrinfo", rebinding)
        monkeypatch.setattr(socket, "create_connection", connect)
        with pytest.raises(ConnectionRefusedError):
            post("https://rebinding.example/", b"{}", {})
        assert (asked, called) == (["rebinding.example"], [("8.8.8.8", 443)])
        with pytest.raises(Forbidden):
            post("https://rebinding.example/", b"{}", {})
        assert len(called) == 1
