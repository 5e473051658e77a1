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
