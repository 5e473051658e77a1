"""What a process has loaded at its start is never collected again."""

import gc
import runpy
from collections.abc import Iterator

import pytest
from celery.signals import worker_process_init

import mscc.celery
from mscc.garbage import spare_what_stays

MANY = 50_000  # objects of Django and the product; a process that spares nothing has 0


@pytest.fixture(autouse=True)
def thawed() -> Iterator[None]:
    gc.unfreeze()
    yield
    gc.unfreeze()


def test_each_web_process_spares_what_it_loaded_before_its_first_request() -> None:
    runpy.run_module("mscc.wsgi")  # as each worker process of the web server does
    assert gc.get_freeze_count() > MANY


def test_each_process_of_the_worker_spares_what_it_got_from_its_parent() -> None:
    assert mscc.celery.app.main == "mscc"
    worker_process_init.send(sender=None)
    assert gc.get_freeze_count() > MANY


def test_a_later_collection_still_finds_new_garbage() -> None:
    spare_what_stays()
    ring: list[object] = []
    ring.append(ring)
    del ring
    assert gc.collect() >= 1
