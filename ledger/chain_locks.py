"""Locks of cases' chains, taken ahead by a writer that can put its lines off."""

from collections.abc import Collection

from django.db import connection


def lock_free_chains(cases: Collection[int]) -> set[int]:
    """Lock the chains of these cases that nobody holds, until the transaction ends; the cases that were locked.

    Never waits. The writer's own `append_all` then finds its locks taken by itself.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT number FROM unnest(%s::bigint[]) AS number"
            " WHERE pg_try_advisory_xact_lock(hashtextextended('case:' || number, 0))",
            [sorted(cases)],
        )
        return {number for (number,) in cursor.fetchall()}
