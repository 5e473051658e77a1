"""The seal of every ten minutes."""

from celery import shared_task

from kernel.time import now
from ledger.outside import send_out
from ledger.seal import StillWriting, make_seal


@shared_task(
    name="ledger.seal",
    autoretry_for=(StillWriting, OSError),
    retry_kwargs={"countdown": 60, "max_retries": 10},
)
def seal() -> None:
    """Seal every ledger line since the last seal and send it outside; try again in a minute if that fails."""
    make_seal(at=now())
    send_out()
