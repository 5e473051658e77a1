"""The sweep, the delivery and the audit, by Celery beat. They are separate, so that a slow mail server delays no clock."""

from datetime import timedelta

from celery import shared_task

from oncall import watch
from oncall.dead_mans_switch import signal_outside
from oncall.delivery import alone, deliver_next
from oncall.heartbeats import beat
from oncall.present import present
from oncall.sweep import climb

AT_A_TIME = timedelta(seconds=30)


@shared_task(name="oncall.sweep")
def sweep() -> None:
    """Climb every rung that is due on every running clock."""
    climb(at=present())


@shared_task(name="oncall.deliver")
def deliver(channel: str) -> None:
    """Send the waiting pages of one channel for up to 30 seconds; nothing while another worker sends them."""
    ends = present() + AT_A_TIME
    with alone(channel) as mine:
        while mine and present() < ends and deliver_next(channel, at=present()) is not None:
            pass


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
