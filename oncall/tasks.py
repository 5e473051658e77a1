"""The sweep, by Celery beat."""

from celery import shared_task

from kernel.time import now
from oncall import sweep as sweeping


@shared_task(name="oncall.sweep")
def sweep() -> None:
    sweeping.sweep(at=now())
