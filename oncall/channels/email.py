"""E-mail: the case reference, the stream, the time left and a link; never a name or an NHS number."""

from datetime import datetime

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse

from kernel.time import duration_in_words, near
from oncall.alarms import runbook_of, words_of
from oncall.answering import token_of
from oncall.kinds import KIND_AT, ClockKind
from oncall.models import Clock, Page


def send(page: Page, *, at: datetime) -> None:
    """Send one page. Sent twice after a crash it carries the same Message-ID; OSError when it is refused."""
    clock = page.clock
    EmailMessage(
        subject=f"{clock.reference}: {KIND_AT[clock.kind].next_step.lower()}"
        if clock
        else "MSCC service: alarm",
        body=text_of(page, clock, at=at) if clock else text_of_alarm(page),
        to=[page.recipient.email],
        headers={"Message-ID": f"<{page.client_reference}@mscc>"},
    ).send()


def text_of(page: Page, clock: Clock, *, at: datetime) -> str:
    """The body of a page about a case."""
    kind = KIND_AT[clock.kind]
    address = settings.BASE_URL + reverse("case", args=[clock.reference])
    answer = ""
    if clock.kind == ClockKind.ACKNOWLEDGE:
        link = settings.BASE_URL + reverse("answer_page", args=[token_of(page)])
        answer = f"Acknowledge it without signing in (opens a page with one button): {link}\n\n"
    return (
        f"{clock.reference} ({clock.stream})\n\n"
        f"{kind.next_step}: {time_left(clock, at=at)}.\n\n"
        f"{answer}Open the case: {address}\n\n"
        "If you cannot, ring the next person on the rota. This message is one of several ways in which "
        "you are told; answering it does not acknowledge the case.\n"
    )


def text_of_alarm(page: Page) -> str:
    """The body of an alarm of the service itself."""
    address = settings.BASE_URL + reverse("on_call")
    runbook = settings.BASE_URL + reverse("runbook", args=[runbook_of(page.alarm)])
    return f"{words_of(page.alarm)}.\n\nWhat to do: {runbook}\n\nOn call: {address}\n"


def time_left(clock: Clock, *, at: datetime) -> str:
    """The time to the deadline in words, with the deadline's clock time."""
    length, due = duration_in_words(clock.due_at - at), near(clock.due_at, at=at)
    return f"overdue by {length}, was due {due}" if clock.due_at < at else f"{length} left, due {due}"
