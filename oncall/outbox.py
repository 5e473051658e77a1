"""Writing a page into the outbox. `oncall.delivery` sends it, even after a crash in between."""

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
    """A page, not saved yet, about a clock or an alarm. On the screen it shows at once."""
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
