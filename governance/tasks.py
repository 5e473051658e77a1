"""The check of the ledger, and pages about incidents that wait, by Celery beat."""

from celery import shared_task

from governance.checks import check_when_due
from governance.incidents import page_what_waits
from kernel.time import now
from oncall.present import present


@shared_task(name="governance.check_ledger", time_limit=3600, acks_late=False)
def check_ledger() -> None:
    """Check the ledger: all of it once a day, what is new in between."""
    check_when_due(at=now())


@shared_task(name="governance.incidents")
def page_incidents() -> None:
    """Page about incidents that nobody was on duty for."""
    page_what_waits(at=present())
