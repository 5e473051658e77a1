"""What a page says: the case reference, the stream, the time left and a link; never a name or an NHS number."""

from datetime import datetime

from django.conf import settings
from django.urls import reverse

from kernel.actors import Role
from oncall.alarms import TEST, kind_of, runbook_of, words_of
from oncall.answering import token_of
from oncall.clocks import time_left
from oncall.kinds import KIND_AT, ClockKind
from oncall.models import Clock, Page

OTHER_WAYS = (
    "If you cannot, ring the next person on the rota. This message is one of several ways in which "
    "you are told; answering it does not acknowledge the case."
)


def subject_of(page: Page) -> str:
    """One line for a list of messages."""
    if page.clock is not None:
        return f"{page.clock.reference}: {_asked(page.clock)}"
    return "MSCC service: test page" if kind_of(page.alarm) == TEST else "MSCC service: alarm"


def long_text_of(page: Page, *, at: datetime) -> str:
    """Some lines, for channels that have room."""
    if page.clock is None:
        return _alarm(page)
    clock = page.clock
    answer = ""
    if clock.kind == ClockKind.ACKNOWLEDGE:
        answer = f"Acknowledge it without signing in (opens a page with one button): {_answer(page)}\n\n"
    address = _case(page, clock)
    return (
        f"{clock.reference} ({clock.stream})\n\n"
        f"{KIND_AT[clock.kind].next_step}: {time_left(clock, at=at)}.\n\n"
        f"{answer}Open the case: {address}\n\n{OTHER_WAYS}\n"
    )


def short_text_of(page: Page, *, at: datetime) -> str:
    """One line with one link, for a text message, a pager or a notification."""
    if page.clock is None:
        link = _answer(page) if kind_of(page.alarm) == TEST else _runbook(page)
        return f"{words_of(page.alarm)}. {link}"
    return (
        f"{page.clock.reference} ({page.clock.stream}): {_asked(page.clock)}, "
        f"{time_left(page.clock, at=at)}. {link_of(page)}"
    )


def _asked(clock: Clock) -> str:
    """What is to be done, in the middle of a sentence."""
    words = KIND_AT[clock.kind].next_step
    return words[0].lower() + words[1:]


def link_of(page: Page) -> str:
    """Where the page is answered: by its own link, or on the case."""
    if page.clock is None or page.clock.kind == ClockKind.ACKNOWLEDGE:
        return _answer(page)
    return _case(page, page.clock)


def _case(page: Page, clock: Clock) -> str:
    """Where the recipient can open the case."""
    place = "mdt_case" if page.recipient.role == Role.MDT_MEMBER else "case"
    return settings.BASE_URL + reverse(place, args=[clock.reference])


def _alarm(page: Page) -> str:
    if kind_of(page.alarm) == TEST:
        return f"{words_of(page.alarm)}.\n\nPress the button to show that it arrived: {_answer(page)}\n"
    on_call = settings.BASE_URL + reverse("on_call")
    return f"{words_of(page.alarm)}.\n\nWhat to do: {_runbook(page)}\n\nOn call: {on_call}\n"


def _runbook(page: Page) -> str:
    return settings.BASE_URL + reverse("runbook", args=[runbook_of(page.alarm)])


def _answer(page: Page) -> str:
    return settings.BASE_URL + reverse("answer_page", args=[token_of(page)])
