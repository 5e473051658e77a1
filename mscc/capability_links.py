"""Links that open something by themselves: their secret is struck out of every line of every log."""

import re
from typing import Any

# The addresses with a secret in them, up to the secret; a test compares them with the URL configuration.
BEFORE = (
    "/accounts/link/",
    "/settings/first-run/",
    "/on-call/answer/",
    "/on-call/calendar/",
    "/referrals/from-card/",
)
ANSWER = "/accounts/nhs-identity/answer/?"  # of an identity provider, with a code that is used once
STRUCK = "[struck out]"
_SECRET = re.compile(rf"({'|'.join(map(re.escape, BEFORE))})[^/?#\s\"'<>\\]+")
_CODE = re.compile(rf"({re.escape(ANSWER)})[^\s\"'<>\\]+")


def strike_out(text: str) -> str:
    """The text without the secret of any such link."""
    return _CODE.sub(rf"\1{STRUCK}", _SECRET.sub(rf"\1{STRUCK}", text))


def strike_out_of_line(logger: Any, method: str, line: str) -> str:
    """The last processor of structlog: a whole line as it would be written, by any logger."""
    return strike_out(line)
