"""The hourly seal."""

from celery import shared_task

from kernel.time import now
from ledger.seal import make_seal


@shared_task(name="ledger.seal")
def seal() -> None:
    """Seal every ledger line since the last seal; without new lines, do nothing."""
    make_seal(at=now())
