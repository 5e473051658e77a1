"""The sweep, the delivery and the audit, by Celery beat. Apart, so that a slow mail server holds no clock up."""

from datetime import timedelta

from celery import shared_task

from kernel.time import now
from oncall import watch
from oncall.dead_mans_switch import signal_outside
from oncall.delivery import alone, deliver_next
from oncall.sweep import beat, climb

AT_A_TIME = timedelta(seconds=30)


@shared_task(name="oncall.sweep")
def sweep() -> None:
    climb(at=now())


@shared_task(name="oncall.deliver")
def deliver(channel: str) -> None:
    ends = now() + AT_A_TIME
    with alone(channel) as mine:
        while mine and now() < ends and deliver_next(channel, at=now()) is not None:
            pass


@shared_task(name="oncall.audit")
def audit() -> None:
    found = watch.audit(at=now())
    signal_outside(found, watch.dangers(at=now()))


@shared_task(name="oncall.canary")
def canary() -> None:
    """Shows that a worker takes tasks: one that is connected and takes none leaves this heartbeat to age."""
    at = now()
    for name in (
        "worker",
        "scheduler",
    ):  # it expires before the next is sent, so the scheduler has just sent it
        beat(name, at=at)
