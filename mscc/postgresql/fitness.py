"""Whether the way to PostgreSQL keeps the limits that the service counts on. Asked once, when a process starts."""

import re

from django.db import OperationalError, connection

from mscc.postgresql import limits

NAMES = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
REFUSED = (
    "The pooler in front of PostgreSQL refuses the limits of this service ({fault}). Set DATABASE_POOLER=true and let the "
    "pooler set them, see “PgBouncer” in docs/deployment.md."
)
LOST = (
    "A server in front of PostgreSQL drops the limits of this service: {lost}. Set DATABASE_POOLER=true and let the "
    "pooler set them, see “PgBouncer” in docs/deployment.md."
)
UNLIMITED = (
    "With DATABASE_POOLER=true the pooler has to limit every session, and it does not: {lost}. Set its connect_query, see "
    "“PgBouncer” in docs/deployment.md."
)


class Unfit(SystemExit):
    """The limits do not reach PostgreSQL. Its words are a sentence for the person who installs the service."""


def refuse_unfit(*, pooled: bool) -> None:
    """Unfit when the limits of this process do not hold. Nothing when the database is away: a service starts without it.

    The connection is closed afterwards, so that the process may fork.
    """
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT name, setting::int FROM pg_settings WHERE name = ANY(%s)", [list(NAMES)])
            found = dict(cursor.fetchall())
    except OperationalError as fault:
        if refused := re.search(r"unsupported startup parameter[^\n]*", str(fault)):
            raise Unfit(REFUSED.format(fault=refused.group())) from None
        return
    finally:
        connection.close()
    if lost := _lost(found, pooled=pooled):
        raise Unfit((UNLIMITED if pooled else LOST).format(lost=", ".join(lost)))


def _lost(found: dict[str, int], *, pooled: bool) -> list[str]:
    own = limits.current()
    wanted = dict(zip(NAMES, (own.statement, own.lock, own.idle), strict=True))
    longest = {
        "statement_timeout": limits.READING.statement
    }  # a process that waits for less gives up by itself
    return [
        f"{name} is {found[name]} ms"
        for name, seconds in wanted.items()
        if (
            found[name] == 0 or found[name] > 1000 * longest.get(name, 60)
            if pooled
            else found[name] != round(1000 * seconds)
        )
    ]
