"""How long a batch may go on: what is left of a long one is sent again, and what was done is known then."""

import time

from kernel.refusals import Refusal

SECONDS = 6.0  # a web process with a request of twelve seconds counts as stuck, and a single fact takes some


class Unfinished(Refusal):
    """The batch has taken so long that no further entry of it is begun."""

    status, code, title = 503, "unfinished", "Not all was read"


class Allowance:
    """The time of one batch, from now on."""

    def __init__(self) -> None:
        self.ends, self.begun = time.monotonic() + SECONDS, 0

    def begin(self) -> None:
        """Begin one entry; Unfinished once the time is over. The first one is always begun."""
        self.begun += 1
        if self.begun > 1 and time.monotonic() > self.ends:
            raise Unfinished(
                "The entries before this one took so long that it was not begun. Send the batch again: nothing is recorded twice"
            )
