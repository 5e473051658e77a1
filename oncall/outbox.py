"""Writing a page into the outbox. What is written is sent by `oncall.delivery`, whatever happens in between."""

from datetime import datetime

from accounts.models import User
from oncall.ladder import SCREEN
from oncall.models import Clock, Page


def page_to(
    person: User,
    channel: str,
    *,
    duty: str,
    clock: Clock | None = None,
    rung: int = 0,
    alarm: str = "",
    at: datetime,
) -> Page:
    """A page, not saved yet. It is about a clock or an alarm; on the screen it is there at once."""
    on_screen = channel == SCREEN
    return Page(
        clock=clock,
        alarm=alarm,
        rung=rung,
        duty=duty,
        recipient=person,
        channel=channel,
        written_at=at,
        sent_at=at if on_screen else None,
        next_attempt_at=None if on_screen else at,
    )
