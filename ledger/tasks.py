"""The seal of every ten minutes."""

from celery import shared_task

from kernel.time import now
from ledger.seal import StillWriting, make_seal


@shared_task(
    name="ledger.seal", autoretry_for=(StillWriting,), retry_kwargs={"countdown": 60, "max_retries": 10}
)
def seal() -> None:
    """Seal every ledger line since the last seal; try again in a minute while an act has not ended."""
    make_seal(at=now())
