"""Whatever hangs, floods, trickles or fills up: nothing else stops, and the page that shows has the telephone number."""

import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from urllib.parse import urlencode

import psycopg
import pytest
from playwright.sync_api import Browser

from demo.people import CLIENT_ID, CLIENT_SECRET, PASSWORD, SETTINGS
from mscc.local.postgres import WEB
from tests.faults.service import MAY_MOUNT, WORKERS, Answer, Service, until

pytestmark = pytest.mark.long
TELEPHONE = SETTINGS["telephone"]
PAGE = "/accounts/login/"
LOCK_FAILED_SIGN_INS = (
    "SELECT pg_advisory_xact_lock(hashtextextended('anonymous', 0))"  # the chain of their lines
)
SOON = 4  # seconds in which every page answers, with room for a loaded machine


def is_up(service: Service) -> bool:
    return service.get(PAGE).status == 200 and service.get("/health/service").status == 200


def tells_whom_to_ring(answer: Answer) -> None:
    assert answer.status == 503, answer.text
    assert TELEPHONE in answer.text
    assert answer.seconds < SOON


class TestHeldConnections:
    """One client without an account holds what it can."""

    @contextmanager
    def held(self, service: Service, number: int, sent: bytes) -> Iterator[list[socket.socket]]:
        connections = [service.connect() for _ in range(number)]
        try:
            for connection in connections:
                connection.sendall(sent)
            yield connections
        finally:
            for connection in connections:
                connection.close()

    @pytest.mark.parametrize(
        "sent",
        [
            b"POST /accounts/login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100000\r\n\r\nusername=",
            b"POST /api/v1/referrals/ HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
            b"GET /accounts/login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Half: ",
            b"",
        ],
        ids=["half a body", "half a chunk", "half a header", "nothing"],
    )
    def test_a_hundred_half_sent_requests_hold_nobody_up(self, service: Service, sent: bytes) -> None:
        with self.held(service, 100, sent):
            for path in (PAGE, "/health/live", "/health/ready"):
                answer = service.get(path)
                assert answer.status in (200, 503)
                assert answer.seconds < SOON
            assert service.get(PAGE).status == 200

    def test_readers_that_take_nothing_hold_nobody_up(self, service: Service) -> None:
        sent = b"GET /static/nhsuk/nhsuk-frontend.min.css HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" * 4
        with self.held(service, 30, sent):
            assert service.get(PAGE).status == 200


def test_trickled_headers_are_cut_and_a_frozen_process_is_replaced(service: Service) -> None:
    """Both take about ten seconds, so they share them."""
    trickle = service.connect()
    trickle.sendall(b"GET /accounts/login/ HTTP/1.1\r\n")
    cut_at: list[float] = []

    def drip() -> None:
        try:
            while True:
                trickle.sendall(b"X")
                time.sleep(0.3)
        except OSError:
            cut_at.append(time.monotonic())

    dripping = threading.Thread(target=drip)
    began = time.monotonic()
    dripping.start()
    before = service.workers
    with service.frozen(before[0]):
        for _ in range(10):
            answer = service.get(PAGE)
            assert answer.status == 200
            assert answer.seconds < SOON
        until(lambda: before[0] not in service.workers, within=16)
    until(lambda: len(service.workers) == WORKERS, within=10)
    dripping.join(10)
    assert cut_at
    assert cut_at[0] - began < 16
    trickle.close()


def test_all_frozen_the_health_door_answers_and_stand_ins_take_over(service: Service) -> None:
    before = service.workers
    with service.frozen(*before):
        assert service.get("/health/ready", port=service.health_port).seconds < 2
        taken = service.get(PAGE, within=10)  # waits for a new process, which takes the connection
        assert taken.status == 200
        assert taken.seconds < 6 + SOON
        assert service.get("/health/live", port=service.health_port).status == 200
    until(lambda: len(service.workers) == WORKERS, within=16)  # the thawed or the stand-ins have left


def test_a_frozen_transaction_is_cut_by_the_database_and_holds_up_neither_seal_nor_acts(
    service: Service,
) -> None:
    """The supervisor is frozen too, as if the machine had lost its network: only PostgreSQL can end it."""
    locked = psycopg.connect(service.database.url(WEB, "mscc"))
    locked.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended('anonymous', 0))"
    )  # the chain of failed sign-ins
    waiting = "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND state = 'active'"
    before = service.workers
    with ThreadPoolExecutor(1) as pool:
        sent = pool.submit(_sign_in, service, within=2)
        until(lambda: bool(service.sql(waiting)), within=5)
        ((backend,),) = service.sql(waiting)
        with service.frozen(service.pid("web"), *before):
            locked.rollback()  # the frozen process has its lock now, and says nothing more
            locked.close()
            state = "SELECT state FROM pg_stat_activity WHERE pid = %s"
            until(lambda: service.sql(state, backend) == [("idle in transaction",)], within=5)
            until(lambda: service.sql(state, backend) in ([], [("idle",)]), within=14)
        assert isinstance(sent.exception(), OSError)  # nobody answered it
    until(lambda: is_up(service), within=20)
    until(lambda: len(service.workers) == WORKERS, within=16)


def test_a_request_that_waits_for_a_lock_is_answered(service: Service) -> None:
    with psycopg.connect(service.database.url(WEB, "mscc")) as other:
        other.execute(LOCK_FAILED_SIGN_INS)
        answer = _sign_in(service)
    assert answer.status == 503
    assert TELEPHONE in answer.text
    assert answer.seconds < 3 + SOON  # the limit of a lock, and the way
    assert is_up(service)


class TestDatabase:
    def test_a_frozen_database(self, service: Service) -> None:
        """Every page says so within seconds, the health door at once, and afterwards nothing is alarmed."""
        assert is_up(service)
        with service.frozen(*service.everything_of("postgres")):
            with ThreadPoolExecutor(12) as pool:
                pages = [pool.submit(service.get, PAGE) for _ in range(10)]
                ready = pool.submit(service.get, "/health/ready")
                figures = pool.submit(service.get, "/metrics")
                assert ready.result().seconds < 2.5
                assert figures.result().seconds < 2.5
            for page in pages:
                tells_whom_to_ring(page.result())
            again = service.get(PAGE)
            tells_whom_to_ring(again)
            assert again.seconds < 1  # nobody waits a second time
            assert service.get("/health/live").status == 200
            faults = service.get("/health/ready").json()["faults"]
            assert faults["database"] == "the database does not answer"
            told = service.get("/health/service").json()
            assert told == {
                "works": False,
                "words": "The database does not answer: nothing that you enter can be stored.",
                "telephone": TELEPHONE,
            }
        until(lambda: is_up(service), within=10)
        assert "time" not in service.get("/health/ready").json()["faults"]

    def test_a_machine_is_refused_with_the_telephone_number(self, service: Service) -> None:
        with service.frozen(*service.everything_of("postgres")):
            until(lambda: service.get("/health/service").status == 503, within=6)
            sending = {"Content-Type": "application/json", "Authorization": "Bearer a-token"}
            answer = service.ask("POST", "/api/v1/referrals/", b"{}", headers=sending)
            tells_whom_to_ring(answer)
            assert answer.headers["Content-Type"] == "application/problem+json"
            assert answer.json()["on_call"]["telephone"] == TELEPHONE
        until(lambda: is_up(service), within=10)

    def test_a_killed_database(self, service: Service) -> None:
        for pid in service.everything_of("postgres"):
            os.kill(pid, signal.SIGKILL)
        service.children["postgres"].stop()
        tells_whom_to_ring(service.get(PAGE))
        assert service.get("/health/ready").seconds < 2.5
        service.children["postgres"] = service.database.start(service.folder / "postgres.log")
        until(lambda: is_up(service), within=10)


def test_a_frozen_broker_stops_no_page(service: Service) -> None:
    with service.frozen(service.pid("valkey")):
        assert service.get(PAGE).status == 200
        answers: list[Answer] = []  # the first may still be the one from before the freeze

        def said() -> bool:
            answers.append(service.get("/health/ready"))
            return answers[-1].json()["faults"].get("broker") == "the broker does not answer"

        until(said, within=5)
        assert max(answer.seconds for answer in answers) < 2.5
        token = _token(service)
        assert token.status == 200
        assert token.seconds < SOON


@pytest.mark.skipif(not MAY_MOUNT, reason="a small disk to fill cannot be mounted here")
def test_a_full_disk_is_said_within_half_a_minute_and_heals_by_itself(service: Service) -> None:
    def all_answer(status: int) -> bool:
        return all(
            service.get("/health/service").status == status for _ in range(6)
        )  # whichever process answers

    with service.full_disk():
        until(lambda: all_answer(503), within=30)
        told = service.get("/health/service").json()
        assert "nothing that you enter can be stored" in told["words"]
        assert told["telephone"] == TELEPHONE
        until(lambda: bool({"storage", "database"} & set(_faults(service))), within=15)
        for _ in range(60):  # until the last pages of its tables are full too
            answer = _sign_in(service)
            if answer.status != 422:
                break
        assert answer.status == 503
        assert TELEPHONE in answer.text
        assert service.children["postgres"].alive
    until(lambda: is_up(service) and all_answer(200), within=30)
    until(lambda: not {"storage", "checks"} & set(_faults(service)), within=15)
    assert _sign_in(service).status == 422  # it is stored that the password was wrong


@pytest.mark.skipif(not MAY_MOUNT, reason="a small disk to fill cannot be mounted here")
def test_a_long_upload_without_room_is_answered_with_the_telephone_number(service: Service) -> None:
    body = b"x" * 3_000_000  # longer than waits in memory
    for path, kind, with_room in (
        (PAGE, "text/html", 403),
        ("/api/v1/referrals/", "application/problem+json", 415),
    ):
        with service.full_disk("uploads"):
            answer = service.ask("POST", path, body)
            tells_whom_to_ring(answer)
            assert answer.headers["Content-Type"].startswith(kind)
            until(lambda: "the disk of uploads is full" in _faults(service).get("storage", ""), within=15)
            assert service.get(PAGE).status == 200  # what is short needs no room
        assert service.ask("POST", path, body).status == with_room


@pytest.mark.browser
def test_an_open_board_says_within_half_a_minute_what_is_wrong(service: Service, chromium: Browser) -> None:
    context = chromium.new_context()
    page = context.new_page()
    page.goto(f"http://127.0.0.1:{service.port}{PAGE}")
    page.fill("#username", "coordinator")
    page.fill("#password", PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_url("**/worklist/")
    words = page.locator("[data-outage]")
    with service.frozen(*service.everything_of("postgres")):
        words.wait_for(timeout=30_000)
        assert "The database does not answer" in words.inner_text()
        assert f"Ring the MSCC coordinator on {TELEPHONE}." in words.inner_text()
    words.wait_for(state="hidden", timeout=30_000)
    page.route("**/health/service", lambda route: route.abort())
    words.wait_for(timeout=30_000)
    assert "The service does not answer" in words.inner_text()
    assert TELEPHONE in words.inner_text()
    context.close()
    until(lambda: is_up(service), within=10)


def _sign_in(service: Service, *, within: float = 15) -> Answer:
    """A wrong password, which writes a ledger line. A name each time: nobody is locked out."""
    form = urlencode(
        {"username": f"nobody-{time.monotonic()}", "password": "wrong", "csrfmiddlewaretoken": "a" * 32}
    ).encode()
    sending = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": f"csrftoken={'a' * 32}"}
    return service.ask("POST", PAGE, form, headers=sending, within=within)


def _faults(service: Service) -> dict[str, str]:
    """What readiness says is wrong; on a busy machine it may say first that its checks do not end."""
    faults: dict[str, str] = service.get("/health/ready").json()["faults"]
    return faults


def _token(service: Service) -> Answer:
    asked = {"grant_type": "client_credentials", "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    return service.ask("POST", "/oauth/token/", urlencode(asked).encode(), headers=kind)
