"""Query parameters and headers of the API: read strictly, refused by name."""

import base64
import binascii
from datetime import datetime
from typing import Any

from kernel.refusals import Errors, Invalid, Malformed, Refusal
from referrals.intake.fields import FIELD_AT, NotAllowed, Unreadable

LIMIT, MOST = 50, 200


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
    if not (text.isdecimal() and len(text) < 5) or not 1 <= int(text) <= MOST:
        raise Invalid("The limit is wrong", errors={"limit": [f"Enter a whole number from 1 to {MOST}"]})
    return int(text)


def code_of(request: Any, name: str, codes: Any) -> str:
    """The code sent in this query parameter, empty when not sent; Invalid when it is not one of `codes`."""
    value = request.query_params.get(name, "")
    if value and value not in set(codes):
        raise Invalid(f"The {name} is wrong", errors={name: [f"Choose one of: {', '.join(codes)}"]})
    return str(value)


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


def cursor_of(request: Any) -> int | None:
    """The number of the last case of the previous page."""
    text = request.query_params.get("cursor")
    if text is None:
        return None
    try:
        return int(base64.urlsafe_b64decode(text.encode()).decode("ascii"))
    except (ValueError, binascii.Error):
        raise Invalid(
            "The cursor is wrong", errors={"cursor": ["Use the cursor of the answer before"]}
        ) from None


def cursor_after(number: int) -> str:
    """The cursor that asks for the page after the case with this number."""
    return base64.urlsafe_b64encode(str(number).encode()).decode()
