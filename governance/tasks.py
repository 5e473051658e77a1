"""The check of the ledger, by Celery beat."""

from celery import shared_task

from governance.checks import check_when_due
from kernel.time import now


@shared_task(name="governance.check_ledger", time_limit=3600, acks_late=False)
def check_ledger() -> None:
    """Check the ledger: all of it once a day, what is new in between."""
    check_when_due(at=now())
