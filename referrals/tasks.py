"""The service tests itself, by Celery beat."""

from celery import shared_task

from kernel.time import now
from referrals.usecases.run_self_test import run_self_test


@shared_task(name="referrals.self_test")
def self_test() -> None:
    run_self_test(at=now())
