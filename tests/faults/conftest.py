"""One running service for all fault tests."""

from collections.abc import Iterator

import pytest

from tests.faults.service import Service, running
from tests.migrated import address_of_the_migrated


@pytest.fixture(scope="session")
def service(django_db_setup: None) -> Iterator[Service]:
    """Started once. Each test leaves it as it was: thawed, with room on its disk, all processes there."""
    with running(address_of_the_migrated()) as started:
        yield started
