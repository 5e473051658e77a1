"""The channel of the service's own test: a page that reaches nobody and shows that pages leave the outbox."""

from datetime import datetime

from oncall.models import Page


def send(page: Page, *, at: datetime) -> bool:
    """It has arrived as soon as it is sent; the self-test answers it."""
    return True
