"""Runs a module in a process whose wall clock is put forward or back while it runs; the monotonic clock goes on.

python -m tests.oncall.stepped SECONDS HOURS MODULE [arguments]
"""

import runpy
import sys
import threading
import time
from datetime import timedelta

import time_machine

from kernel.time import machine_time


def main() -> None:
    seconds, hours = float(sys.argv[1]), float(sys.argv[2])

    def step() -> None:
        time.sleep(seconds)
        time_machine.travel(machine_time() + timedelta(hours=hours), tick=True).start()

    if seconds:
        threading.Thread(target=step, daemon=True).start()
    else:
        step()
    sys.argv = sys.argv[3:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
