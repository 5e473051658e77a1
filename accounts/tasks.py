"""Housekeeping of accounts, by Celery beat."""

from celery import shared_task

from kernel.time import now
from webkit import drafts


@shared_task(name="accounts.forget_drafts")
def forget_drafts() -> None:
    """Delete the drafts of forms that nobody has saved for a week."""
    drafts.forget_old(at=now())
