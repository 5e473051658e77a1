"""Patience with other machines: how long anybody waits for a call of theirs that may hang.

A time limit of a socket begins anew with each read, and a look-up of a name or a folder of another machine has none. So
the call runs in a thread of its own, and whoever waits for it goes on when the time is over.
"""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextvars import copy_context
from typing import TypeVar

Result = TypeVar("Result")
FORGOTTEN_AFTER = 600.0  # seconds; a call that trickles on for ever takes nobody's turn for ever


class Patience:
    """How long a caller waits for one kind of call, and how many of them this process has under way at most."""

    def __init__(self, *, seconds: float, most: int) -> None:
        self.seconds, self.most = seconds, most
        self._lock = threading.Lock()
        self._running: list[float] = []  # when each call began

    def wait_for(self, call: Callable[[], Result], *, seconds: float | None = None) -> Result:
        """What the call returns or raises; TimeoutError when it has not ended in time, and at once when too many run.

        A call that is late ends by itself, and nobody hears how: it asks no database, and may be made again.
        """
        began = self._begin()
        future: Future[Result] = Future()

        def run() -> None:
            try:
                future.set_result(call())
            except BaseException as fault:  # noqa: BLE001  # whoever waits is told whatever it was
                future.set_exception(fault)
            finally:
                self._end(began)

        threading.Thread(target=copy_context().run, args=[run], daemon=True).start()
        return future.result(self.seconds if seconds is None else seconds)

    def _begin(self) -> float:
        with self._lock:
            moment = time.monotonic()
            self._running = [began for began in self._running if moment - began < FORGOTTEN_AFTER]
            if len(self._running) >= self.most:
                raise TimeoutError("earlier calls have not ended yet")
            self._running.append(moment)
            return moment

    def _end(self, began: float) -> None:
        with self._lock:
            if began in self._running:
                self._running.remove(began)
