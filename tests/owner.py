"""The owner of the tables, who can do what the web role cannot: for emptying tables and for tampering."""

from collections.abc import Iterator
from contextlib import contextmanager

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


@contextmanager
def able_to_delete(*tables: str) -> Iterator[None]:
    """Give the web role the right that it never has, for a while: to see what then shows, or what is missing then."""
    role = connections["default"].settings_dict["USER"]
    with as_owner() as owner:
        owner.execute(f"GRANT DELETE ON {', '.join(tables)} TO {role}")
    try:
        yield
    finally:
        with as_owner() as owner:
            owner.execute("SET LOCAL lock_timeout = '5s'")
            owner.execute(f"REVOKE DELETE ON {', '.join(tables)} FROM {role}")
