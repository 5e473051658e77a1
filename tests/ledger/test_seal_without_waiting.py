"""The seal and the acts never wait for each other, and no line is missed."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection, transaction

from kernel.actors import SERVICE
from ledger.append import append
from ledger.check import verify
from ledger.kinds import Kind
from ledger.models import Line, Seal
from ledger.seal import StillWriting, make_seal
from tests.builders import NOON

pytestmark = pytest.mark.django_db(transaction=True)


def write(case: int) -> int:
    with transaction.atomic():
        return append(Kind.SIGNED_IN, by=SERVICE, at=NOON, case=case)


@contextmanager
def an_act_that_hangs() -> Iterator[threading.Event]:
    """Another connection has written a line and does not commit until the event is set."""
    written, go_on = threading.Event(), threading.Event()

    def act() -> None:
        try:
            with transaction.atomic():
                append(Kind.SIGNED_IN, by=SERVICE, at=NOON, case=1)
                written.set()
                go_on.wait(10)
        finally:
            connection.close()

    thread = threading.Thread(target=act)
    thread.start()
    assert written.wait(5)
    try:
        yield go_on
    finally:
        go_on.set()
        thread.join()


def in_a_thread(results: list[object], patience: float) -> threading.Thread:
    def seal() -> None:
        try:
            results.append(make_seal(at=NOON, patience=patience))
        except StillWriting as late:
            results.append(late)
        finally:
            connection.close()

    thread = threading.Thread(target=seal)
    thread.start()
    return thread


def test_the_seal_gives_up_on_an_act_that_hangs_and_nobody_waits_for_the_seal() -> None:
    results: list[object] = []
    with an_act_that_hangs():
        write(2)
        sealer = in_a_thread(results, patience=1.5)
        time.sleep(0.3)  # the seal waits now
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = 1000")
        write(3)
        with connection.cursor() as cursor:
            cursor.execute("RESET statement_timeout")
        sealer.join(5)
        assert isinstance(results[0], StillWriting)
    assert Seal.objects.count() == 0


def test_the_seal_misses_no_line_that_is_committed_after_a_later_one() -> None:
    results: list[object] = []
    with an_act_that_hangs() as go_on:
        last = write(2)
        sealer = in_a_thread(results, patience=10)
        time.sleep(0.3)
        after = write(3)  # begun after the seal: the next seal holds it
        go_on.set()
        sealer.join(10)
    seal = results[0]
    assert isinstance(seal, Seal)
    assert (seal.last_line, seal.lines) == (last, 2)
    assert verify() == (3, None)
    second = make_seal(at=NOON)
    assert second is not None
    assert (second.last_line, second.lines) == (after, 1)
    assert verify() == (Line.objects.count(), None)


def test_two_seals_at_once_make_one() -> None:
    write(2)
    results: list[object] = []
    threads = [in_a_thread(results, patience=1) for _ in range(3)]
    for thread in threads:
        thread.join()
    assert Seal.objects.count() == 1
    assert verify() == (1, None)
