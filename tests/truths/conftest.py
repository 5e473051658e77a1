"""A hospital system and a coordinator, now."""

import pytest
from django.test import Client

from kernel.time import now
from tests.builders import set_the_scene
from tests.doors.forms import signed_in
from tests.doors.machines import Machine


@pytest.fixture(autouse=True)
def scene(db: None) -> None:
    set_the_scene(at=now())


@pytest.fixture
def hospital() -> Machine:
    return Machine()


@pytest.fixture
def coordinator() -> Client:
    return signed_in("coordinator")
