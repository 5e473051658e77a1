"""E-mail: the case reference, the stream, the time left and a link; never a name or an NHS number."""

from datetime import datetime

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse

from kernel.time import duration_in_words, near
from oncall.kinds import KIND_AT
from oncall.models import Clock, Page


def send(page: Page, *, at: datetime) -> None:
    """Send one page. Sent twice after a crash it carries the same Message-ID; OSError when it is refused."""
    clock = page.clock
    EmailMessage(
        subject=f"{clock.reference}: {KIND_AT[clock.kind].next_step.lower()}",
        body=text_of(clock, at=at),
        to=[page.recipient.email],
        headers={"Message-ID": f"<{page.client_reference}@mscc>"},
    ).send()


def text_of(clock: Clock, *, at: datetime) -> str:
    """The body of a page."""
    kind = KIND_AT[clock.kind]
    address = settings.BASE_URL + reverse("case", args=[clock.reference])
    return (
        f"{clock.reference} ({clock.stream})\n\n"
        f"{kind.next_step}: {time_left(clock, at=at)}.\n\n"
        f"Open it and acknowledge: {address}\n\n"
        "If you cannot, ring the next person on the rota. This message is one of several ways in which "
        "you are told; answering it does not acknowledge the case.\n"
    )


def time_left(clock: Clock, *, at: datetime) -> str:
    """The time to the deadline in words, with the deadline's clock time."""
    length, due = duration_in_words(clock.due_at - at), near(clock.due_at, at=at)
    return f"overdue by {length}, was due {due}" if clock.due_at < at else f"{length} left, due {due}"
