"""Outside servers that hang, trickle, refuse and drop: nobody else waits, every attempt ends and is in the ledger."""

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.urls import reverse

from accounts.models import User
from kernel.time import now
from ledger.read import of_case
from oncall.channel_tests import prove_if_due, untested_channels
from oncall.channels import deadline, email
from oncall.channels.faults import LONGEST_WAIT, Refused, fault_of_answer
from oncall.delivery import UNFINISHED, deliver, deliver_next, take_up
from oncall.models import ContactMethod, Heartbeat, Page, Way
from oncall.reach import NoAddress
from oncall.sweep import climb
from oncall.watch import dangers
from oncall.ways import shut
from referrals.case.models import Notice
from tests.builders import NOON, clock, set_the_scene, submitted
from tests.doors.forms import signed_in
from tests.oncall.counterparts import API_KEY, Moody, Notify, mail_served, served, tarpit
from tests.oncall.past import beat_ago
from tests.oncall.processes import processes_on_this_database, until
from tests.oncall.test_channels import _configure

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture(scope="module", autouse=True)
def addresses() -> None:
    """Loaded once, as the lanes do, and not in the time of the first page."""
    reverse("on_call")


def by_smtp(monkeypatch: pytest.MonkeyPatch, port: int) -> None:
    monkeypatch.setattr(settings, "EMAIL_BACKEND", "django.core.mail.backends.smtp.EmailBackend")
    monkeypatch.setattr(settings, "EMAIL_HOST", "127.0.0.1")
    monkeypatch.setattr(settings, "EMAIL_PORT", port)


def faults_of(case: Any) -> set[str]:
    return {line.facts["fault"] for line in of_case(case.pk) if line.kind == "page_failed"}


def paged(case: Any, channel: str = "email") -> Page:
    return Page.objects.filter(clock__case=case.pk, clock__kind="acknowledge", channel=channel).earliest(
        "rung"
    )


@pytest.mark.usefixtures("scene")
class TestDeadline:
    @pytest.fixture(autouse=True)
    def soon(self) -> Iterator[None]:
        deadline.set_deadline(1.0)
        yield
        deadline.set_deadline(deadline.SECONDS)

    @pytest.mark.parametrize(
        ("beginning", "every"), [(b"", None), (b"220", 0.1), (b"220 ready\r\n250-", 0.1)]
    )
    def test_a_mail_server_that_hangs_or_trickles_ends_within_the_deadline_and_is_left_alone(
        self, monkeypatch: pytest.MonkeyPatch, beginning: bytes, every: float | None
    ) -> None:
        case = submitted("weakness")
        climb(at=NOON)
        with tarpit(beginning, every=every) as server:
            by_smtp(monkeypatch, server.port)
            began = time.monotonic()
            assert deliver_next("email", at=NOON) is False
            assert time.monotonic() - began < 9
            assert deliver_next("email", at=NOON) is None  # shut: nobody else waits for it
        assert faults_of(case) == {"no end within 1 seconds"}
        for second in range(0, 100, 5):
            climb(at=NOON + second * SECOND)
        assert (
            clock(case, "acknowledge").climbed == 2
        )  # past a rung that reached nobody, with no attempt in between

    def test_a_server_of_text_messages_that_trickles_ends_within_the_deadline(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        person = User.objects.get(username="coordinator")
        ContactMethod.objects.create(person=person, channel="sms", address="07700 900123", added_at=NOON)
        with tarpit(b"HTTP/1.1 201 Created\r\nContent-Length: 900\r\n\r\n{", every=0.1) as server:
            _configure(
                monkeypatch,
                notify_url=f"http://127.0.0.1:{server.port}",
                notify_api_key=API_KEY,
                notify_template_id="template-1",
            )
            case = submitted("weakness")
            climb(at=NOON)
            began = time.monotonic()
            deliver(at=NOON)
            assert time.monotonic() - began < 9
        assert faults_of(case) == {"no end within 1 seconds"}
        assert paged(case).sent_at == NOON  # e-mail is another channel


@pytest.mark.usefixtures("scene")
class TestMailServer:
    @pytest.fixture
    def server(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[Moody]:
        handler = Moody()
        with mail_served(handler) as port:
            by_smtp(monkeypatch, port)
            yield handler

    @pytest.mark.parametrize("where", ["on_address", "on_data"])
    def test_what_it_cannot_take_now_is_tried_again(self, server: Moody, where: str) -> None:
        case = submitted("weakness")
        climb(at=NOON)
        setattr(server, where, "451 4.3.0 not now")
        deliver_next("email", at=NOON)
        assert (paged(case).failed_at, paged(case).failure) == (None, "the mail server answered 451")
        setattr(server, where, "")
        deliver(at=NOON + 15 * SECOND)
        assert paged(case).sent_at == NOON + 15 * SECOND

    @pytest.mark.parametrize("where", ["on_address", "on_data"])
    def test_what_it_refuses_for_good_is_passed_on_at_once_and_not_tried_again(
        self, server: Moody, where: str
    ) -> None:
        case = submitted("weakness")
        climb(at=NOON)
        setattr(server, where, "550 5.1.1 nobody here")
        deliver_next("email", at=NOON)
        assert (paged(case).failed_at, paged(case).failure) == (NOON, "the mail server answered 550")
        climb(at=NOON + SECOND)
        assert clock(case, "acknowledge").climbed == 2
        setattr(server, where, "")
        deliver(at=NOON + MINUTE)
        assert paged(case).sent_at is None


@pytest.mark.usefixtures("scene")
class TestWays:
    @pytest.fixture
    def notify(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[Notify]:
        person = User.objects.get(username="coordinator")
        ContactMethod.objects.create(person=person, channel="sms", address="07700 900123", added_at=NOON)
        counterpart = Notify()
        with served(counterpart) as address:
            _configure(
                monkeypatch, notify_url=address, notify_api_key=API_KEY, notify_template_id="template-1"
            )
            yield counterpart

    def test_retry_after_is_obeyed(self, notify: Notify) -> None:
        notify.busy_for = "240"
        case = submitted("weakness")
        climb(at=NOON)
        for second in range(0, 240, 10):
            deliver(at=NOON + second * SECOND)
        assert notify.asked == 1
        notify.busy_for = ""
        deliver(at=NOON + 241 * SECOND)
        deliver(at=NOON + 262 * SECOND)
        assert paged(case, "sms").sent_at == NOON + 262 * SECOND

    def test_a_server_may_ask_for_seconds_a_date_or_nonsense(self) -> None:
        asked = {"120": 120, "Fri, 20 Nov 2020 12:00:00 GMT": 0, "soon": None, "": None, "999999": 900}
        for text, seconds in asked.items():
            after = getattr(fault_of_answer("it", 503, {"Retry-After": text}), "after", None)
            assert (after.total_seconds() if after is not None else None) == seconds
        assert LONGEST_WAIT == 15 * MINUTE

    def test_three_failures_in_a_row_shut_a_channel_and_one_message_tries_it_again(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        tried = []

        def refused(page: Page, *, at: Any) -> bool:
            tried.append(at)
            raise ConnectionRefusedError

        for _ in range(4):
            submitted("weakness")
        climb(at=NOON)
        with monkeypatch.context() as patched:
            patched.setattr("oncall.channels.email.send", refused)
            deliver(at=NOON)
            assert len(tried) == 3
            deliver(at=NOON + 6 * SECOND)
            assert len(tried) == 4
        waiting = Page.objects.filter(channel="email", sent_at=None).count()
        deliver(at=NOON + 20 * SECOND)
        assert waiting >= 4
        assert not Page.objects.filter(
            channel="email", sent_at=None
        ).exists()  # all at once, now that it is back

    def test_an_address_that_is_refused_again_and_again_holds_up_nobody_else(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A full mailbox or a browser that is gone says nothing of the channel: it has answered."""
        send = email.send

        def to_others(page: Page, *, at: Any) -> bool:
            if page.recipient.username == "coordinator":
                raise Refused("the mail server answered 552")
            return send(page, at=at)

        monkeypatch.setattr("oncall.channels.email.send", to_others)
        for _ in range(4):
            submitted("weakness")
        for second in range(3):  # the second rung is the same person; the third, at once, is the deputy
            climb(at=NOON + second * SECOND)
            deliver(at=NOON + second * SECOND)
        deputy = Page.objects.filter(channel="email").exclude(recipient__username="coordinator")
        assert {page.sent_at for page in deputy} == {NOON + 2 * SECOND}

    @pytest.mark.parametrize(
        "fault", [ConnectionError("Notify says technical-failure"), NoAddress("no address for email")]
    )
    def test_what_is_the_fault_of_one_address_shuts_no_channel(
        self, monkeypatch: pytest.MonkeyPatch, fault: Exception
    ) -> None:
        def lost(page: Page, *, at: Any) -> bool:
            raise fault

        monkeypatch.setattr("oncall.channels.email.send", lost)
        for _ in range(4):
            submitted("weakness")
        climb(at=NOON)
        deliver(at=NOON)
        assert {page.failure for page in Page.objects.filter(channel="email")} == {str(fault)}
        assert shut(at=NOON + SECOND) == []

    def test_emergencies_go_first_whatever_waits(self) -> None:
        for kind in ("pain_only", "no_cancer", "weakness"):
            submitted(kind)
        climb(at=NOON)
        deliver(at=NOON)
        urgent = ["Emergency" in letter.subject for letter in mail.outbox]
        assert urgent == sorted(urgent, reverse=True)
        assert len(set(urgent)) == 2

    def test_an_attempt_that_was_cut_off_is_in_the_ledger_and_made_again(self) -> None:
        case = submitted("weakness")
        climb(at=NOON)
        Page.objects.filter(pk=paged(case).pk).update(
            attempts=1, failure=UNFINISHED, next_attempt_at=NOON + MINUTE
        )
        take_up("email", at=NOON)
        deliver(at=NOON)
        assert faults_of(case) == {UNFINISHED}
        assert paged(case).sent_at == NOON

    def test_a_channel_that_fails_for_two_minutes_is_a_danger_on_the_coordinators_page(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(page: Page, *, at: Any) -> bool:
            raise OSError(28, "No space left on device")

        began = now() - 3 * MINUTE
        submitted("weakness", at=began)
        climb(at=began)
        with monkeypatch.context() as patched:
            patched.setattr("oncall.channels.email.send", full)
            deliver(at=began)
            assert "channels" not in dangers(at=began + MINUTE)
            deliver(at=now())
        assert "E-mail has failed since" in dangers(at=now())["channels"]
        assert "E-mail has failed since" in signed_in("coordinator").get("/pages/").content.decode()
        deliver(at=now() + MINUTE)
        assert "channels" not in dangers(at=now())

    def test_a_sender_that_is_silent_for_two_minutes_is_a_danger(self) -> None:
        beat_ago("lane_email", 3 * MINUTE)
        assert "process that sends by e-mail" in dangers(at=now())["channels"]
        beat_ago("lane_email", MINUTE)
        beat_ago("lane_pager", 3 * HOUR)  # of a channel that this installation does not have
        assert "channels" not in dangers(at=now())

    def test_the_pages_of_a_channel_that_was_removed_are_closed_and_the_climb_goes_on(
        self, notify: Notify, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        User.objects.filter(username="coordinator").update(email="")
        at = now() - 2 * MINUTE
        case = submitted("weakness", at=at)
        climb(at=at)
        notify.refuses = True
        deliver(at=at)
        _configure(monkeypatch, notify_api_key="")
        climb(at=at + 10 * SECOND)
        climb(at=at + 11 * SECOND)
        assert paged(case, "sms").failure == "the channel was removed"
        assert clock(case, "acknowledge").climbed >= 2
        deliver(at=now())
        found = dangers(at=now())
        assert not {"delivery", "channels"} & set(found)


@pytest.mark.django_db(transaction=True)
def test_a_mail_server_that_trickles_holds_neither_text_messages_nor_clocks_nor_notices(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_the_scene(at=now())
    person = User.objects.get(username="coordinator")
    ContactMethod.objects.create(person=person, channel="sms", address="07700 900123", added_at=now())
    notify = Notify()
    with (
        tarpit(b"220", every=0.2) as server,
        served(notify) as address,
        processes_on_this_database(tmp_path) as start,
    ):
        _configure(monkeypatch, notify_api_key=API_KEY, notify_template_id="template-1")
        submitted("pain_only", at=now(), referrer__email="gp@example.org")
        start(
            "lanes",
            EMAIL_FOLDER="",
            EMAIL_URL=f"smtp://127.0.0.1:{server.port}",
            NOTIFY_URL=address,
            NOTIFY_API_KEY=API_KEY,
            NOTIFY_TEMPLATE_ID="template-1",
        )
        assert until(lambda: Heartbeat.objects.filter(name="sweep").exists())
        assert until(lambda: server.connections > 0)
        at = now()
        case = submitted("weakness", at=at, referrer__callback_number="07700 900456")
        on_screen = Page.objects.filter(clock__case=case.pk, clock__kind="acknowledge", channel="screen")
        assert until(on_screen.exists, 30)
        written = paged(case, "screen").written_at
        assert written - at < 3 * SECOND
        assert until(lambda: Notice.objects.filter(channel="sms").exclude(sent_at=None).exists(), 30)
        assert until(lambda: "no end within 1.5 seconds" in faults_of(case), 30)
        assert Way.objects.get(channel="email").failing_since is not None
        sent = Page.objects.filter(clock__case=case.pk, channel="sms", clock__kind="acknowledge")
        assert until(lambda: sent.exclude(sent_at=None).exists(), 30)


@pytest.mark.usefixtures("scene")
class TestTheDailyTest:
    def test_a_channel_that_nobody_tests_is_named_on_the_page_on_call(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def shown(username: str) -> str:
            return signed_in(username).get(reverse("on_call")).content.decode()

        _configure(monkeypatch, push_key="a key")
        for username in ("coordinator", "admin"):
            assert "E-mail: no test address is set" in shown(username)
            assert "Notifications of a browser: a subscription belongs to one person" in shown(username)
        assert "no test address is set" not in shown("gp")
        _configure(monkeypatch, push_key="", channel_tests={"email": "test@example.org"})
        assert "Channels that nothing tests daily" not in shown("coordinator")

    def test_each_channel_with_an_address_is_proven_once_a_day_and_a_failing_one_each_minute(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert prove_if_due("email", at=NOON) is False
        assert untested_channels() == ["E-mail"]
        _configure(monkeypatch, channel_tests={"email": "test@example.org"})
        assert untested_channels() == []
        assert prove_if_due("email", at=NOON)
        assert [letter.to for letter in mail.outbox] == [["test@example.org"]]
        assert Way.objects.get(channel="email").tested_at == NOON
        assert not prove_if_due("email", at=NOON + 23 * HOUR)

        def refused(self: Any, *args: Any, **how: Any) -> None:
            raise ConnectionRefusedError

        with monkeypatch.context() as patched:
            patched.setattr("django.core.mail.EmailMessage.send", refused)
            assert prove_if_due("email", at=NOON + 24 * HOUR)
            assert prove_if_due("email", at=NOON + 24 * HOUR + 2 * MINUTE)
        assert "E-mail has failed" in dangers(at=NOON + 24 * HOUR + 2 * MINUTE)["channels"]
        assert prove_if_due("email", at=NOON + 24 * HOUR + 3 * MINUTE)
        assert "channels" not in dangers(at=NOON + 24 * HOUR + 3 * MINUTE)
