"""PostgreSQL behind a real PgBouncer in transaction mode: locks, deliveries, and what is refused at the start.

Needs the program `pgbouncer`; the variable PGBOUNCER may name it.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection, connections

from kernel.time import now
from mscc.local.process import Child
from mscc.postgresql import limits
from mscc.postgresql.fitness import Unfit, refuse_unfit
from mscc.pulse import SPILL
from oncall import locks
from oncall.models import Page
from oncall.sweep import climb
from tests.builders import set_the_scene, submitted
from tests.oncall.processes import end, processes_on_this_database, until

PGBOUNCER = os.environ.get("PGBOUNCER") or shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")
pytestmark = [
    pytest.mark.skipif(PGBOUNCER is None, reason="pgbouncer is not installed"),
    pytest.mark.django_db(transaction=True),
]
CASES = 20
SESSION_LIMITS = (
    "SET statement_timeout = 30000; SET lock_timeout = 10000; SET idle_in_transaction_session_timeout = 30000"
)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


@pytest.fixture(scope="module")
def pool(django_db_setup: None, django_db_blocker: Any) -> Iterator[int]:
    """The port of a PgBouncer that gives each transaction the next session; the database `bare` has no limits."""
    with django_db_blocker.unblock():
        given = connections["default"].settings_dict
    port = _free_port()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        target = f"host={given['HOST']} dbname={given['NAME']} user={given['USER']}"
        (folder / "pgbouncer.ini").write_text(
            f"[databases]\npooled = {target} connect_query='{SESSION_LIMITS}'\nbare = {target}\n"
            f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nauth_type = any\npool_mode = transaction\n"
            "default_pool_size = 16\nmax_client_conn = 200\nunix_socket_dir =\nserver_round_robin = 1\n"
            "server_reset_query_always = 0\n"
        )
        as_somebody = (
            ["unshare", "--user", "--map-user=1000", "--map-group=1000"] if os.geteuid() == 0 else []
        )
        log = folder / "log"
        command = [*as_somebody, str(PGBOUNCER), str(folder / "pgbouncer.ini")]  # it refuses to run as root
        child = Child(name="pgbouncer", command=command, log=log)
        child.start()
        try:
            assert until(lambda: _accepts(port), 10), log.read_text()
            yield port
        finally:
            child.stop()


def _accepts(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


@pytest.fixture
def through(pool: int) -> Iterator[Any]:
    """Makes Django connections through the pool, as DATABASE_POOLER does."""
    with ExitStack() as stack:

        def connect(name: str = "pooled", *, is_pooled: bool = True) -> Any:
            wrapper = stack.enter_context(closing(connection.copy()))
            wrapper.settings_dict |= {
                "HOST": "127.0.0.1",
                "PORT": pool,
                "NAME": name,
                "POOLED": is_pooled,
                "DISABLE_SERVER_SIDE_CURSORS": is_pooled,
            }
            return wrapper

        yield connect


def _work(wrapper: Any) -> None:
    with wrapper.cursor() as cursor:
        cursor.execute("SELECT 1")


def _locks_held(work: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = %s", [work])
        return cursor.fetchone()[0]


def test_a_lock_is_held_by_one_and_let_go_in_whatever_session_it_was_taken(
    through: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, others = through(), [through() for _ in range(3)]
    for _ in range(CASES):
        monkeypatch.setattr(locks, "connection", here)
        with locks.alone(locks.SCANNING) as mine:
            monkeypatch.setattr(locks, "connection", others[0])
            with locks.alone(locks.SCANNING) as too:
                assert (mine, too) == (True, False)
            for other in others:
                _work(other)
        assert _locks_held(locks.SCANNING) == 0


def test_nothing_that_the_pulse_sets_stays_in_a_session_of_the_pool(through: Any) -> None:
    given = {**through().get_connection_params(), "cursor_factory": psycopg.Cursor}
    with psycopg.connect(**given, autocommit=True) as pulse:
        before = [pulse.execute("SHOW work_mem").fetchone() for _ in range(8)]
        for _ in range(8):
            pulse.execute(SPILL)
        assert [pulse.execute("SHOW work_mem").fetchone() for _ in range(8)] == before


def test_a_pool_that_loses_the_limits_is_refused_at_the_start(
    through: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "_of_the_process", limits.WEB)
    for wrapper, pooled, words in (
        (through("bare"), True, "statement_timeout is 0 ms"),
        (through("bare", is_pooled=False), False, "unsupported startup parameter"),
    ):
        monkeypatch.setattr("mscc.postgresql.fitness.connection", wrapper)
        with pytest.raises(Unfit, match=words):
            refuse_unfit(pooled=pooled)
    monkeypatch.setattr("mscc.postgresql.fitness.connection", through())
    refuse_unfit(pooled=True)


def test_the_lanes_deliver_every_page_through_the_pool(pool: int, tmp_path: Path) -> None:
    at = now()
    set_the_scene(at=at)
    for _ in range(CASES):
        submitted("weakness", at=at)
    climb(at=at)
    emails = Page.objects.filter(channel="email")
    assert emails.count() >= CASES
    address = f"postgresql://anybody@127.0.0.1:{pool}/pooled"
    with processes_on_this_database(tmp_path) as start:
        for _ in range(2):  # the second goes on where the first was killed
            Page.objects.filter(channel="email").update(sent_at=None, next_attempt_at=at)
            process = start("lanes", DATABASE_URL=address, DATABASE_POOLER="true")
            assert until(lambda: not emails.filter(sent_at=None).exists(), 40), (
                tmp_path / "lanes.log"
            ).read_text()
            end(process)
            assert until(
                lambda: _locks_held(locks.DELIVERING) == 0, 10
            )  # none sticks in a session of the pool


@pytest.mark.parametrize(
    "command",
    [
        ["django", "serve", "--port", "0"],
        ["django", "lanes"],
        ["celery", "-A", "mscc.celery", "worker", "--concurrency", "1"],
    ],
    ids=["web", "lanes", "worker"],
)
def test_a_process_that_cannot_hold_its_limits_ends_with_a_sentence(pool: int, command: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *command],
        capture_output=True,
        text=True,
        timeout=60,
        env={
            **os.environ,
            "DATABASE_URL": f"postgresql://anybody@127.0.0.1:{pool}/bare",
            "DJANGO_SETTINGS_MODULE": "mscc.settings",
        },
    )
    assert done.returncode != 0
    assert "Set DATABASE_POOLER=true" in done.stderr
    assert "Traceback" not in done.stderr
