"""Lists of meetings are made by rule, by Celery beat."""

from celery import shared_task

from kernel.time import now
from mdt.usecases.put_on_agenda import assemble_due


@shared_task(name="mdt.assemble")
def assemble_lists() -> None:
    """Make the list of each open meeting again until its cut-off, and once after it."""
    assemble_due(at=now())
