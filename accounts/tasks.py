"""Housekeeping of accounts, by Celery beat."""

from celery import shared_task

from accounts import drafts
from kernel.time import now


@shared_task(name="accounts.forget_drafts")
def forget_drafts() -> None:
    drafts.forget_old(at=now())
