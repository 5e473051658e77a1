"""The stand-by sweep for the lane of the clocks, the audit and the canary, by Celery."""

from celery import shared_task

from oncall import watch
from oncall.dead_mans_switch import signal_outside
from oncall.heartbeats import beat
from oncall.present import present
from oncall.sweep import climb


@shared_task(name="oncall.sweep")
def sweep() -> None:
    """Climb every rung that is due on every running clock."""
    climb(at=present())


@shared_task(name="oncall.audit")
def audit() -> None:
    """Repair missed clocks, and signal to the outside monitor only when nothing was missed and nothing is in danger."""
    report = watch.audit(at=present())
    signal_outside(report, watch.dangers(at=present()))


@shared_task(name="oncall.canary")
def canary() -> None:
    """Show that a worker takes tasks: a connected worker that takes none lets this heartbeat grow old."""
    at = present()
    beat("worker", at=at)
    beat("scheduler", at=at)  # the task expires before the next one, so the scheduler has just sent it
