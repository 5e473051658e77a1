"""Long statements, built once in each process and run with the values of each request.

Django takes several times as long to put one together as PostgreSQL takes to answer it. A statement is built with
marks for the reader and the time, and each request puts its values in their place.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from kernel.actors import Actor, Role

NO_TIME = datetime(1900, 1, 1, tzinfo=UTC)
NOBODY = Actor(key="user:-1", role=Role.COORDINATOR, asked_at=NO_TIME)


def values_for(
    marks: Iterable[Any], *, by: Actor, at: datetime | None, also: Mapping[str, str] | None = None
) -> list[Any]:
    """The values of a statement for a person and an instant, in place of those of `NOBODY` at `NO_TIME`.

    A time a while before or after `NO_TIME` becomes the time as long before or after `at`. `also` says what takes the
    place of other marks.
    """
    others: dict[Any, Any] = {NOBODY.key: by.key, NOBODY.user_id: by.user_id, **(also or {})}

    def value(mark: Any) -> Any:
        if isinstance(mark, datetime) and at is not None:
            return at + (mark - NO_TIME)
        return [value(item) for item in mark] if isinstance(mark, list) else others.get(mark, mark)

    return [value(mark) for mark in marks]
