"""Housekeeping of the installation, by Celery beat."""

from celery import shared_task

from kernel.time import now
from mscc.leftovers import clear


@shared_task(name="mscc.clear")
def clear_leftovers() -> None:
    """Delete ended sessions and tokens, used links and keys, and old tries to sign in."""
    clear(at=now())
