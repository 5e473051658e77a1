"""Real PostgreSQL, real roles: tests run as the web role, which cannot change the ledger."""

import gc
import os
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.cache import caches
from django.core.management import call_command
from django.db import connections
from django.template import engines
from django.test import TransactionTestCase
from django.test.client import ClientHandler
from jinja2 import FileSystemBytecodeCache

from mscc.local.place import STATE
from mscc.postgresql import limits
from tests.browser import chromium
from tests.identity_provider import identity_provider, running_provider
from tests.migrated import use_a_copy
from tests.owner import as_owner

__all__ = ["chromium", "identity_provider", "running_provider"]
limits.use(limits.NONE)  # a test may think for longer than a request, in a transaction
PARTS_OF_CHAIN = (
    "_middleware_chain",
    "_view_middleware",
    "_template_response_middleware",
    "_exception_middleware",
)


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: Any) -> Iterator[None]:
    """A database of this process's own, migrated by its owner, used by the web role."""
    with django_db_blocker.unblock():
        use_a_copy("mscc_" + os.environ.get("PYTEST_XDIST_WORKER", "main"))
    yield
    with django_db_blocker.unblock():
        connections.close_all()


@pytest.fixture(scope="session", autouse=True)
def static_files() -> None:
    """The static files as a deployment serves them, one copy for each worker of the run."""
    settings.STATIC_ROOT = f"{settings.STATIC_ROOT}-{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    call_command("collectstatic", verbosity=0, interactive=False)


@pytest.fixture(scope="session", autouse=True)
def compiled_templates() -> None:
    """A template is compiled once, not by each process of each run."""
    folder = STATE / "templates"
    folder.mkdir(parents=True, exist_ok=True)
    engines["jinja2"].env.bytecode_cache = FileSystemBytecodeCache(str(folder))


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> None:
    """Slow hashing protects passwords, not tests."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def forgotten_cache() -> None:
    """No count of one test, such as of wrong passwords, meets the next. The broker's server is not emptied for it."""
    caches["default"].key_prefix = uuid4().hex


@pytest.fixture(scope="session", autouse=True)
def one_middleware_chain(static_files: None) -> None:
    """Every client of this process asks through one chain, as in production; making it reads every static file."""
    load = ClientHandler.load_middleware
    chain: dict[str, Any] = {}

    def load_once(handler: ClientHandler) -> None:
        if not chain:
            load(handler)
            chain.update({name: vars(handler)[name] for name in PARTS_OF_CHAIN})
        vars(handler).update(chain)

    ClientHandler.load_middleware = load_once


def pytest_collection_finish() -> None:
    """Leave what was imported and collected out of every later look for garbage: a tenth of the processor time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--quick", action="store_true", help="only what needs no database")
    parser.addoption(
        "--calls", type=int, default=3, help="calls made up from the OpenAPI document, for each address"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The order in which two workers are never idle, who begin at the start and in the middle.

    What takes minutes goes first, so that nobody is left alone with it at the end. What needs no database goes to the
    middle, where the second worker has enough to do while the first one migrates.
    """
    stored = [item for item in items if _needs_database(item)]
    stored.sort(key=lambda item: item.get_closest_marker("long") is None)
    pure = [item for item in items if not _needs_database(item)]
    if config.getoption("quick"):
        config.hook.pytest_deselected(items=stored)
        items[:] = pure
        return
    half = min(len(items) // 2, len(stored))
    items[:] = [*stored[:half], *pure, *stored[half:]]


def _needs_database(item: pytest.Item) -> bool:
    asked = {"db", "transactional_db", "django_db_setup"} & set(getattr(item, "fixturenames", ()))
    return bool(asked) or item.get_closest_marker("django_db") is not None


def _empty_tables(test: TransactionTestCase) -> None:
    """After a test with real commits: the owner alone may delete every row. Numbers go on, so that none is given twice.

    Rows are deleted without their triggers. To truncate the tables makes files anew, of which every session then hears:
    a quarter of a second of the database's processor for each test.
    """
    connections["default"].close()
    with as_owner() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
            " AND relname <> 'django_migrations' AND pg_relation_size(oid) > 0 ORDER BY relname"
        )
        if tables := [f'"{name}"' for (name,) in cursor.fetchall()]:
            cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute(
                f"LOCK TABLE {', '.join(tables)} IN EXCLUSIVE MODE"
            )  # whoever still writes is waited for
            cursor.execute("; ".join(f"DELETE FROM {table}" for table in tables))


TransactionTestCase._fixture_teardown = _empty_tables


@pytest.fixture
def scene(db: None) -> None:
    """People, organisations, a hospital system and a rota."""
    from tests.builders import set_the_scene

    set_the_scene()
