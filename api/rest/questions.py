"""Query parameters and headers of the API: read strictly, refused by name."""

import base64
import binascii
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any, TypeVar

from kernel.refusals import Errors, Invalid, Malformed, Refusal
from kernel.time import from_rfc3339
from referrals.intake.fields import FIELD_AT, NotAllowed, Unreadable, read_date

LIMIT, MOST = 50, 200
Row = TypeVar("Row")


class KeyMissing(Refusal):
    status, code, title = 428, "idempotency_key_missing", "Idempotency-Key is missing"


def only_known(request: Any, *names: str) -> None:
    """Malformed for a query parameter that is not among `names`."""
    unknown = sorted(set(request.query_params) - set(names))
    if unknown:
        raise Malformed(f"There is no query parameter {', '.join(unknown)}", errors=_unknown_names(unknown))


def _unknown_names(names: list[str]) -> Errors:
    return {name: ["There is no such query parameter"] for name in names}


def idempotency_key(request: Any) -> str:
    """The key that makes a repeated request safe."""
    key = request.headers.get("Idempotency-Key", "").strip()
    if not key:
        raise KeyMissing(
            "Send a header Idempotency-Key, new for every new referral or event, the same for a repeat"
        )
    if len(key) > 255 or not key.isprintable():
        text = "An Idempotency-Key has 1 to 255 printable characters"
        raise Invalid(text, errors={"Idempotency-Key": [text]})
    return str(key)


def limit_of(request: Any) -> int:
    """How many rows the caller asks for, 1 to 200, or 50 when not sent; Invalid for anything else."""
    text = request.query_params.get("limit", str(LIMIT))
    if not (text.isdecimal() and text.isascii() and len(text) < 5) or not 1 <= int(text) <= MOST:
        raise Invalid("The limit is wrong", errors={"limit": [f"Enter a whole number from 1 to {MOST}"]})
    return int(text)


def code_of(request: Any, name: str, codes: Any) -> str:
    """The code sent in this query parameter, empty when not sent; Invalid when it is not one of `codes`."""
    value = request.query_params.get(name)
    if value is not None and value not in set(codes):
        raise Invalid(f"The {name} is wrong", errors={name: [f"Choose one of: {', '.join(codes)}"]})
    return str(value or "")


def instant_of(request: Any, name: str) -> datetime | None:
    """The date and time sent in this query parameter, None when not sent; Invalid when it cannot be read."""
    value = request.query_params.get(name)
    if value is None:
        return None
    try:
        instant: datetime = FIELD_AT["presented_at"].read(value)
    except (Unreadable, NotAllowed) as problem:
        raise Invalid(f"The {name} is wrong", errors={name: [str(problem)]}) from None
    return instant


def day_of(request: Any, name: str) -> date | None:
    """The date sent in this query parameter, None when not sent; Invalid when it cannot be read."""
    value = request.query_params.get(name)
    if value is None:
        return None
    try:
        day = read_date(value)
    except (Unreadable, NotAllowed) as problem:
        raise Invalid(f"The {name} is wrong", errors={name: [str(problem)]}) from None
    if not 1900 < day.year < 2200:
        raise Invalid(f"The {name} is wrong", errors={name: ["Enter a date between 1901 and 2199"]})
    return day


def object_with(body: Any, *names: str) -> dict[str, Any]:
    """The body as an object with none but these fields; Invalid by name otherwise."""
    if not isinstance(body, dict):
        raise Invalid("Some of what was sent cannot be accepted", errors={"body": ["Send this as an object"]})
    unknown = {key: ["There is no such field"] for key in body if key not in names}
    if unknown:
        raise Invalid("Some of what was sent cannot be accepted", errors=unknown)
    return body


def cursor_of(request: Any) -> int | None:
    """The number of the last row of the previous page."""
    text = _cursor(request)
    if text is None:
        return None
    if not (text.isdecimal() and text.isascii() and len(text) < 19):
        raise _wrong_cursor()
    return int(text)


def delta_cursor_of(request: Any) -> tuple[datetime, datetime, int] | None:
    """When the first page was asked for, and the change and number of the last row of the previous page."""
    text = _cursor(request)
    if text is None:
        return None
    began, changed_at, number = [*text.split("|"), "", ""][:3]
    try:
        return from_rfc3339(began), from_rfc3339(changed_at), min(int(number), 2**60)
    except (ValueError, OverflowError):
        raise _wrong_cursor() from None


def _cursor(request: Any) -> str | None:
    text = request.query_params.get("cursor")
    if text is None:
        return None
    try:
        return base64.urlsafe_b64decode(text.encode()).decode("ascii")
    except (ValueError, binascii.Error):
        raise _wrong_cursor() from None


def _wrong_cursor() -> Invalid:
    return Invalid("The cursor is wrong", errors={"cursor": ["Use the cursor of the answer before"]})


def cursor_after(number: int) -> str:
    """The cursor that asks for the page after the row with this number."""
    return _encoded(str(number))


def delta_cursor_after(began: datetime, changed_at: datetime, number: int) -> str:
    """The cursor that asks for the page of changes after this one."""
    return _encoded(f"{began.isoformat()}|{changed_at.isoformat()}|{number}")


def _encoded(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode()


def page_after(
    request: Any, rows: Sequence[Row], *, number: Callable[[Row], int]
) -> tuple[list[Row], str | None]:
    """The page of these rows, which are in the order of their numbers, and the cursor of the next."""
    limit, after = limit_of(request), cursor_of(request)
    rest = [row for row in rows if after is None or number(row) > after]
    page = rest[:limit]
    return page, cursor_after(number(page[-1])) if len(rest) > limit else None
