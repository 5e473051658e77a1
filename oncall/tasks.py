"""The sweep and the delivery, by Celery beat. Apart, so that a slow mail server holds no clock up."""

from celery import shared_task

from kernel.time import now
from oncall import watch
from oncall.paging import deliver as deliver_pages
from oncall.sweep import climb


@shared_task(name="oncall.sweep")
def sweep() -> None:
    climb(at=now())


@shared_task(name="oncall.deliver")
def deliver() -> None:
    deliver_pages(at=now())


@shared_task(name="oncall.audit")
def audit() -> None:
    watch.audit(at=now())
