"""Runs a module in a process whose wall clock a signal puts three hours forward or back; the monotonic clock goes on.

python -m tests.load.stepped MODULE [arguments]

Processes that it forks have the same clock and heed the same signals.
"""

import runpy
import signal
import sys
from datetime import timedelta
from types import FrameType

FORWARD, BACK = signal.SIGRTMIN + 5, signal.SIGRTMIN + 6
STEPS = {FORWARD: timedelta(hours=3), BACK: -timedelta(hours=3)}


def main() -> None:
    import time_machine  # the harness itself reads only the signals

    from kernel.time import machine_time

    travels: list[time_machine.travel] = []
    offset = timedelta()

    def step(signum: int, frame: FrameType | None) -> None:
        nonlocal offset
        while travels:
            travels.pop().stop()
        offset += STEPS[signum]
        if offset:
            travels.append(time_machine.travel(machine_time() + offset, tick=True))
            travels[-1].start()

    for signum in STEPS:
        signal.signal(signum, step)
    sys.argv = sys.argv[1:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
