"""A deadline for a whole exchange with a server, from the first byte to the last.

A time limit of a socket begins again with each read, so that a server that trickles a byte a second never meets it. The
alarm of the process interrupts any read, and goes on ringing until the exchange has given up. It works in the main thread
alone; elsewhere the limits of the sockets have to do. A look-up of a name cannot be interrupted: for that the lane's
supervisor ends the process.
"""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from oncall.channels.faults import TookTooLong

SECONDS = 10.0
AGAIN = 0.25  # a clean-up that reads from the same server is interrupted too
_seconds = SECONDS


def set_deadline(seconds: float) -> None:
    """The deadline of every exchange of this process."""
    global _seconds
    _seconds = seconds


@contextmanager
def in_time() -> Iterator[None]:
    """TookTooLong when the block does not end in time."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    rings = False

    def ring(signum: int, frame: FrameType | None) -> None:
        nonlocal rings
        rings = True
        raise TookTooLong(_words())

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, _seconds, AGAIN)
    try:
        yield
    except Exception as fault:  # whatever a library made of the alarm; anything else goes on as it is
        if rings:
            raise TookTooLong(_words()) from fault
        raise
    finally:
        with suppress(TookTooLong):
            signal.setitimer(signal.ITIMER_REAL, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _words() -> str:
    return f"no end within {_seconds:g} seconds"
