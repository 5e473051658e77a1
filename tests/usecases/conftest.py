"""What the use cases write to the ledger fits the types of its facts."""

from collections.abc import Generator

import pytest

from tests.stored_json import misfits


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """After each test that has a database."""
    result = yield
    if {"db", "transactional_db"} & set(getattr(item, "fixturenames", ())):
        assert misfits() == []
    return result
