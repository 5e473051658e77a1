"""A server of its own: a standby, a read-only and a wrongly made database, and a commit that no standby has confirmed."""

import threading
import time
from collections.abc import Iterator
from contextlib import closing, nullcontext
from typing import Any

import psycopg
import pytest
from django.core.management import CommandError
from django.db import OperationalError, connection

from mscc import addresses
from mscc import database as preparation
from mscc.local.postgres import OWNER, Postgres
from mscc.local.process import Child
from tests.oncall.processes import until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Postgres, Child]]:
    """A server of its own, which a test may spoil."""
    folder = tmp_path_factory.mktemp("cluster")
    server = Postgres(folder / "data", name=folder.parent.name + "-standby", durable=False)
    child = server.start(folder / "log")
    yield server, child
    child.stop()


def reached(server: Postgres, **changes: Any) -> Any:
    """The product's connection to a server, as its settings would make it."""
    wrapper = connection.copy()
    found = addresses.database(server.url(OWNER, "postgres"), password="", apart="DATABASE_PASSWORD")
    kept = {name: found[name] for name in ("HOST", "PORT", "USER", "NAME", "OPTIONS")}
    wrapper.settings_dict |= {**kept, "PASSWORD": "", **changes}
    return closing(wrapper)


def test_a_commit_that_the_standby_did_not_confirm_is_no_success(cluster: tuple[Postgres, Child]) -> None:
    server, _ = cluster
    with reached(server) as own, psycopg.connect(server.url(OWNER, "postgres"), autocommit=True) as other:
        with own.cursor() as cursor:
            cursor.execute("CREATE TABLE kept (number int)")
            cursor.execute("SET synchronous_commit = on; SET statement_timeout = '200ms'")
        other.execute("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
        other.execute("SELECT pg_reload_conf()")
        assert until(lambda: other.execute("SHOW synchronous_standby_names").fetchone() == ("nobody",), 5)

        waiting = "FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
        cancelled: list[Any] = []

        def give_up() -> None:
            until(lambda: other.execute(f"SELECT pid {waiting}").fetchone(), 10)
            time.sleep(0.5)  # a limit of the statement would have ended it by now
            cancelled.append(other.execute(f"SELECT pg_cancel_backend(pid) {waiting}").fetchone())

        for statement in ("INSERT INTO kept VALUES (1)", "BEGIN; INSERT INTO kept VALUES (2); COMMIT"):
            thread = threading.Thread(target=give_up)
            thread.start()
            with pytest.raises(OperationalError, match="standby did not confirm"), own.cursor() as cursor:
                cursor.execute(statement)
            thread.join()
        assert cancelled == [(True,), (True,)]
        other.execute("ALTER SYSTEM RESET synchronous_standby_names")
        other.execute("SELECT pg_reload_conf()")


def test_a_database_that_is_read_only_counts_as_away_and_not_as_a_fault_of_the_page(
    cluster: tuple[Postgres, Child],
) -> None:
    with reached(cluster[0]) as own, own.cursor() as cursor:
        cursor.execute("SET default_transaction_read_only = on")
        with pytest.raises(OperationalError, match="read-only"):
            cursor.execute("CREATE TABLE refused (number int)")
        cursor.execute("SELECT 1")  # reading goes on


def test_a_database_that_would_lose_the_signs_of_names_is_not_prepared(
    cluster: tuple[Postgres, Child], monkeypatch: pytest.MonkeyPatch
) -> None:
    with reached(cluster[0]) as own, own.cursor() as cursor:
        cursor.execute("CREATE DATABASE bare ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0")
    for name, refused in (("bare", True), ("postgres", False)):
        with reached(cluster[0], NAME=name) as own:
            monkeypatch.setattr(preparation, "connections", {"owner": own})
            with pytest.raises(CommandError, match="SQL_ASCII") if refused else nullcontext():
                preparation.refuse_signs_lost()


def test_a_standby_is_never_taken_for_the_database(cluster: tuple[Postgres, Child]) -> None:
    """Last of this module: the server is a standby from here on."""
    server, child = cluster
    given = connection.settings_dict
    child.stop()
    (server.folder / "standby.signal").touch()
    child.start()
    assert until(lambda: _answers(server), 20)
    with reached(server) as own, pytest.raises(OperationalError, match="hot standby"):
        own.ensure_connection()
    both = {"HOST": f"{server.sockets},{given['HOST']}", "PORT": f"5432,{given['PORT'] or 5432}"}
    with reached(server, **both, USER=given["USER"], NAME=given["NAME"]) as own, own.cursor() as cursor:
        cursor.execute("SELECT pg_is_in_recovery()")
        assert cursor.fetchone() == (False,)


def _answers(server: Postgres) -> bool:
    try:
        with psycopg.connect(server.url(OWNER, "postgres")) as standby:
            return standby.execute("SELECT pg_is_in_recovery()").fetchone() == (True,)
    except psycopg.OperationalError:
        time.sleep(0.05)
        return False
