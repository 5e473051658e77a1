"""The owner of the tables, who can do what the web role cannot: for emptying tables and for tampering."""

import fcntl
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from django.db import connections


@contextmanager
def as_owner() -> Iterator[psycopg.Cursor]:
    """A cursor of the owner in a transaction of its own, committed at the end."""
    given = connections["owner"].settings_dict
    with (
        psycopg.connect(
            host=given["HOST"], dbname=given["NAME"], user=given["USER"], password=given["PASSWORD"]
        ) as owner,
        owner.cursor() as cursor,
    ):
        yield cursor


def forget_statistics(table: str) -> None:
    """What the planner knows of a table depends on when autovacuum looked at it: as if it never had."""
    with as_owner() as cursor:
        cursor.execute("DELETE FROM pg_statistic WHERE starelid = %s::regclass", [table])
        cursor.execute("UPDATE pg_class SET relpages = 0, reltuples = -1 WHERE oid = %s::regclass", [table])


@contextmanager
def alone() -> Iterator[None]:
    """One process at a time: a role belongs to the whole server, which the processes of a run share."""
    with (Path(tempfile.gettempdir()) / "mscc-roles.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def able_to_delete(*tables: str) -> Iterator[None]:
    """Give the web role the rights that it never has, for a while: to see what then shows, or what is missing then.

    It may delete, and counts as the owner, whom the ledger lets delete while a record is erased.
    """
    role, owner_role = (
        connections["default"].settings_dict["USER"],
        connections["owner"].settings_dict["USER"],
    )
    with alone():
        yield from _while_able(role, owner_role, tables)


def _while_able(role: str, owner_role: str, tables: tuple[str, ...]) -> Iterator[None]:
    with as_owner() as owner:
        owner.execute(f"GRANT DELETE ON {', '.join(tables)} TO {role}")
        owner.execute(f"GRANT {owner_role} TO {role}")
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_auth_members"
        )  # so that this session hears of the new membership
        cursor.execute("SELECT set_config('mscc.erased_by', 'a test', false)")
    try:
        yield
    finally:
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT set_config('mscc.erased_by', '', false)")
        with as_owner() as owner:
            owner.execute("SET LOCAL lock_timeout = '5s'")
            owner.execute(f"REVOKE DELETE ON {', '.join(tables)} FROM {role}")
            owner.execute(f"REVOKE {owner_role} FROM {role}")
