"""The faults of a channel that matter for what happens next: refused for good, busy until an instant, or too slow."""

from collections.abc import Mapping
from datetime import timedelta
from email.utils import parsedate_to_datetime

from kernel.time import as_utc, machine_time
from oncall.reach import NoAddress

LONGEST_WAIT = timedelta(minutes=15)  # a server that asks for more is asked again after this
BUSY = (408, 425, 429, 500, 502, 503, 504)
FOR_GOOD = (
    400,
    404,
    410,
    413,
    422,
)  # the fault of the message or its address; 401 and 403 are ours to repair


class Refused(ConnectionError):
    """Refused for good: the same message would be refused again."""


class Busy(ConnectionError):
    """Not now. `after` is how long the server asks to be left alone."""

    def __init__(self, words: str, *, after: timedelta | None = None) -> None:
        super().__init__(words)
        self.after = after


class TookTooLong(ConnectionError):
    """The whole exchange took longer than its deadline, whether the server was silent or trickled."""


def name_of(fault: Exception) -> str:
    """The name of a fault, without an address or the text of a page."""
    if type(fault) is ConnectionError or isinstance(fault, Refused | Busy | TookTooLong | NoAddress):
        return str(fault)
    return type(fault).__name__


def fault_of_answer(who: str, status: int, headers: Mapping[str, str]) -> ConnectionError:
    """The fault that an answer of an HTTP server other than 2xx means."""
    words = f"{who} answered {status}"
    if status in FOR_GOOD:
        return Refused(words)
    return Busy(words, after=_wait_of(headers)) if status in BUSY else ConnectionError(words)


def fault_of_reply(code: int) -> ConnectionError:
    """The fault that a reply of a mail server about one message means: 5xx is for good."""
    words = f"the mail server answered {code}"
    return Refused(words) if code >= 500 else Busy(words)


def _wait_of(headers: Mapping[str, str]) -> timedelta | None:
    """What Retry-After asks for, in seconds or as a date; None without it."""
    asked = headers.get("Retry-After", "").strip()
    if not asked:
        return None
    try:
        wait = (
            timedelta(seconds=min(int(asked), LONGEST_WAIT.total_seconds()))
            if asked.isdigit()
            else as_utc(parsedate_to_datetime(asked)) - machine_time()
        )
    except ValueError:
        return None
    return max(min(wait, LONGEST_WAIT), timedelta())
