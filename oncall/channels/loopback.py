"""The channel of the service's own test: a page that reaches nobody and shows that pages leave the outbox."""

from datetime import datetime

from oncall.models import Page


def send(page: Page, *, at: datetime) -> bool:
    """Count the page as delivered at once; the self-test answers it."""
    return True
