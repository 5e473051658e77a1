"""The limits one by one, without a running service."""

import io
import json
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import redis
from django.conf import settings
from django.db import OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.test import override_settings

from mscc import door, health
from mscc.background_check import BackgroundCheck
from mscc.cache import Cache
from mscc.local import process, up
from mscc.local.process import Child
from mscc.postgresql import base, limits
from mscc.postgresql.state import State
from mscc.server import worker
from mscc.server.pools import Pool, Pools
from tests.faults.service import until


def in_a_thread(act: Any) -> Any:
    """With a database connection of its own."""
    results: list[Any] = []

    def run() -> None:
        try:
            results.append(act())
        except OperationalError as fault:
            results.append(fault)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(20)
    return results[0]


@pytest.mark.django_db(transaction=True)
class TestDatabase:
    @pytest.mark.parametrize(
        ("role", "expected"),
        [(limits.WEB, ["5s", "3s", "10s"]), (limits.WORKER, ["30s", "10s", "30s"])],
        ids=["web", "worker"],
    )
    def test_every_connection_has_the_limits_of_its_role(
        self, role: limits.Limits, expected: list[str]
    ) -> None:
        names = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")

        def shown() -> list[str]:
            limits.of_the_thread.set(role)
            with connection.cursor() as cursor:
                rows = []
                for name in (*names, "client_connection_check_interval"):
                    cursor.execute(f"SHOW {name}")
                    rows.append(cursor.fetchone()[0])
                return rows

        assert in_a_thread(shown) == [*expected, "2s"]

    def test_a_wait_ends_when_no_answer_comes(self) -> None:
        """PostgreSQL keeps its limit for itself here: this process has one of its own."""

        def wait() -> None:
            limits.of_the_thread.set(limits.NONE)
            with connection.cursor() as cursor:
                connection.connection.patience = 0.3
                cursor.execute("SELECT pg_sleep(10)")

        began = time.monotonic()
        fault = in_a_thread(wait)
        assert isinstance(fault, OperationalError)
        assert base.GONE in str(fault)
        assert time.monotonic() - began < 5

    def test_nobody_waits_while_the_pulse_says_that_it_is_away(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(base, "database", State(away=True, watched=True))
        assert base.GONE in str(in_a_thread(connection.ensure_connection))


def ask(path: str, application: Any = None, **more: str) -> tuple[str, dict[str, str], bytes]:
    """What the door answers, as status, headers and body."""
    said: list[Any] = []
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "HTTP_HOST": "somewhere.else",
        "REMOTE_ADDR": "10.1.2.3",
        "wsgi.input": io.BytesIO(),
        "wsgi.url_scheme": "http",
        "SERVER_NAME": "x",
        "SERVER_PORT": "80",
        **more,
    }
    body = door.before(application)(environ, lambda status, headers: said.extend([status, dict(headers)]))
    return said[0], said[1], b"".join(body)


class TestDoor:
    def test_it_asks_for_no_host_and_no_https(self) -> None:
        with override_settings(SECURE_SSL_REDIRECT=True, ALLOWED_HOSTS=["here"]):
            assert ask("/health/live")[0] == "200 OK"
            assert ask("/health/service")[0] == "200 OK"

    def test_everything_else_goes_to_the_application(self) -> None:
        def application(environ: Any, start_response: Any) -> list[bytes]:
            start_response("200 OK", [])
            return [b"the application"]

        assert ask("/worklist/", application)[2] == b"the application"
        assert ask("/health/live", application)[2] == b'{"status": "live"}'

    def test_alone_it_knows_nothing_else(self) -> None:
        assert ask("/worklist/")[0] == "404 Not Found"

    def test_it_reads_and_never_writes(self) -> None:
        assert ask("/health/live", REQUEST_METHOD="POST")[0] == "405 Method Not Allowed"
        assert ask("/health/live", REQUEST_METHOD="HEAD")[2] == b""

    def test_a_stuck_process_does_not_live(self) -> None:
        health.watch(lambda: False)
        try:
            assert ask("/health/live")[0] == "503 Service Unavailable"
        finally:
            health.watch(lambda: True)

    @pytest.mark.django_db(transaction=True)
    @pytest.mark.parametrize(
        ("token", "more", "open_to_them"),
        [
            ("", {"REMOTE_ADDR": "127.0.0.1"}, False),
            ("", {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "10.1.2.3"}, False),
            ("", {}, False),
            ("secret", {"REMOTE_ADDR": "127.0.0.1"}, False),
            ("secret", {"HTTP_AUTHORIZATION": "Bearer secret"}, True),
            ("secret", {"HTTP_AUTHORIZATION": "Bearer guess"}, False),
        ],
    )
    def test_figures_need_the_token(self, token: str, more: dict[str, str], open_to_them: bool) -> None:
        with override_settings(METRICS_TOKEN=token, DEMO=False):
            status, headers, body = ask("/metrics", **more)
        assert (status == "200 OK") is open_to_them
        assert (b"mscc_clocks_running" in body) is open_to_them
        assert open_to_them or headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.django_db(transaction=True)
def test_a_folder_that_does_not_answer_hides_no_other_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    go_on = threading.Event()

    def look() -> list[str]:
        go_on.wait(10)
        return []

    monkeypatch.setattr(health, "full_folders", look)
    began = time.monotonic()
    faults = json.loads(health.ready(HttpRequest()).content)["faults"]
    assert time.monotonic() - began < 2
    go_on.set()
    assert faults["storage"] == "a folder does not answer"
    assert "sweep" in faults


def test_a_check_that_hangs_does_not_hold_up_its_answer() -> None:
    go_on = threading.Event()

    def check(request: HttpRequest) -> HttpResponse:
        go_on.wait(10)
        return HttpResponse("checked")

    view = BackgroundCheck(check, instead=lambda request: HttpResponse("unknown"))
    began = time.monotonic()
    assert view(HttpRequest()).content == b"unknown"
    assert time.monotonic() - began < 2
    go_on.set()
    assert view.done.wait(5)
    assert view(HttpRequest()).content == b"checked"


class TestConnections:
    def channel(self, **state: Any) -> Any:
        channel = worker.Channel.__new__(worker.Channel)
        defaults = {
            "requests": [],
            "request": None,
            "total_outbufs_len": 0,
            "last_activity": 0.0,
            "creation_time": -1.0,
        }
        for name, value in (defaults | state).items():
            channel.__dict__[name] = value
        return channel

    def request(self, **state: Any) -> SimpleNamespace:
        return SimpleNamespace(
            **({"headers_finished": True, "content_length": 0, "body_bytes_received": 0} | state)
        )

    def test_headers_are_there_within_ten_seconds_however_they_trickle(self) -> None:
        late = self.channel(
            reading_since=1.0, request=self.request(headers_finished=False), last_activity=11.9
        )
        assert not late.is_late(10.9)
        assert late.is_late(11.1)

    def test_a_body_has_twenty_seconds_and_the_time_of_a_bad_line(self) -> None:
        small = self.channel(reading_since=1.0, request=self.request(content_length=100))
        large = self.channel(reading_since=1.0, request=self.request(content_length=10 * 1024 * 1024))
        assert small.is_late(22)
        assert not large.is_late(600)
        assert large.is_late(700)

    def test_an_answer_that_nobody_takes_is_dropped(self) -> None:
        unread = self.channel(total_outbufs_len=16_384)
        assert not unread.is_late(100)
        assert not unread.is_late(130)
        assert unread.is_late(132)

    def test_a_connection_without_a_request_is_closed(self) -> None:
        assert self.channel(creation_time=0.0).is_late(11)
        assert not self.channel().is_late(74)
        assert self.channel().is_late(76)

    def test_a_request_that_runs_is_nobody_elses_business(self) -> None:
        assert not self.channel(requests=[object()]).is_late(10_000)


class Task:
    def __init__(self, path: str, until: threading.Event) -> None:
        self.requests, self.until, self.done = [SimpleNamespace(path=path)], until, threading.Event()

    def service(self) -> None:
        self.until.wait(10)
        self.done.set()

    def cancel(self) -> None:
        self.done.set()


def test_a_stuck_page_holds_up_no_health_check_and_is_noticed() -> None:
    never, at_once = threading.Event(), threading.Event()
    at_once.set()
    pools = Pools([Pool("/health/", threads=1, limit=10), Pool("", threads=1, limit=0.1)])
    pools.add_task(Task("/worklist/", never))
    check = Task("/health/live", at_once)
    pools.add_task(check)
    assert check.done.wait(5)
    time.sleep(0.2)
    assert pools.is_stuck
    never.set()


SUPERVISED = """
import signal, sys, time
from mscc.beats import Beats
from mscc.server.supervisor import Post, Supervisor
beats, first = Beats(), []
def work(slot):
    asked = []
    signal.signal(signal.SIGTERM, lambda *_: asked.append(True))
    is_first = not beats.text
    beats.text = "begun"
    while not asked:
        beats.beat(slot, stuck=is_first)
        time.sleep(0.02)
supervisor = Supervisor([Post(name="web", number=1, work=work)], beats)
seen = []
for _ in range(60):
    supervisor.look()
    seen += [pid for pid in supervisor.processes if pid not in seen]
    if len(seen) == 2 and list(supervisor.processes) == seen[1:]:
        break
    time.sleep(0.05)
print(len(seen), len(supervisor.processes))
supervisor.stopping = True
supervisor.run()
"""


def test_a_stuck_process_is_replaced() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SUPERVISED], cwd=settings.ROOT, capture_output=True, text=True, timeout=30
    )
    assert done.stdout.split() == ["2", "1"], done.stderr
    assert "stuck" in done.stderr


def test_a_long_log_is_turned_and_a_few_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "LONGEST_LOG", 10)
    child = Child(name="web", command=[], log=tmp_path / "web.log")
    assert not child.turn_log()
    for number in range(5):
        child.log.write_text(f"log number {number}")
        assert child.turn_log()
        assert child.log.read_text() == ""
    kept = {path.name: path.read_text() for path in tmp_path.glob("web.log.*")}
    assert kept == {"web.log.1": "log number 4", "web.log.2": "log number 3", "web.log.3": "log number 2"}


CHATTERS = (
    "import itertools, time\nfor n in itertools.count(): print(f'line {n:06}', flush=True); time.sleep(0.001)"
)


def test_the_logs_of_a_running_service_are_turned_while_it_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the loop of ./run itself, with a process that never stops writing to the same open file."""
    monkeypatch.setattr(process, "LONGEST_LOG", 1000)
    child = Child(name="web", command=[sys.executable, "-c", CHATTERS], log=tmp_path / "web.log")

    def rest(seconds: float) -> None:
        if (tmp_path / "web.log.3").exists():
            raise KeyboardInterrupt
        time.sleep(seconds / 10)

    monkeypatch.setattr(up, "time", SimpleNamespace(sleep=rest))
    child.start()
    try:
        pid = child.process.pid if child.process else 0
        with pytest.raises(KeyboardInterrupt):
            up._watch([child])
        until(lambda: b"line" in child.log.read_bytes(), within=10)
        assert child.alive
        assert child.process is not None
        assert child.process.pid == pid
    finally:
        child.stop()
    logs = [tmp_path / name for name in ("web.log.3", "web.log.2", "web.log.1", "web.log")]
    first_lines = [int(log.read_text().splitlines()[0].removeprefix("line ")) for log in logs]
    assert first_lines == sorted(set(first_lines))  # the oldest first, and each goes on where one ended
    assert not any("\0" in log.read_text() for log in logs)  # emptied, not left with a hole


def test_a_cache_that_does_not_answer_is_left_alone_for_some_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Cache, "left_alone_until", 0.0)
    with socket.create_server(("127.0.0.1", 0)) as silent:  # accepts, and says nothing
        silent.setblocking(False)
        address = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        cache = Cache(address, {"OPTIONS": {"socket_timeout": 0.1, "socket_connect_timeout": 0.1}})

        def callers() -> int:
            """How many connections have come since the last look."""
            count = 0
            with suppress(BlockingIOError):
                while True:
                    silent.accept()[0].close()
                    count += 1
            return count

        with pytest.raises(redis.TimeoutError):
            cache.get("name")
        assert callers() >= 1
        for call in (
            lambda: cache.get("a"),
            lambda: cache.add("a", 1),
            lambda: cache.set("a", 1),
            lambda: cache.incr("a"),
        ):
            with pytest.raises(redis.ConnectionError, match="a moment ago"):
                call()
        assert callers() == 0
        monkeypatch.setattr(Cache, "left_alone_until", time.monotonic() - 1)
        with pytest.raises(redis.TimeoutError):
            cache.get("name")
        assert callers() >= 1
