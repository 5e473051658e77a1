"""The text of a page: the case reference, the stream, the time left and a link; never a name or an NHS number."""

from datetime import datetime

from django.conf import settings
from django.urls import reverse

from kernel.actors import Role
from oncall.alarms import TEST, kind_of, runbook_of, words_of
from oncall.clocks import colleague_asked, next_step, remaining_time, time_left
from oncall.kinds import OBLIGATIONS, ClockKind
from oncall.models import Clock, Page
from oncall.page_links import token_of

OTHER_WAYS = "If you cannot, ring the next person on the rota. You get this page in several ways; replying to this message does not acknowledge the case."


def subject_of(page: Page, *, at: datetime) -> str:
    """One line for a list of messages: the urgency, the next step, the time left, and the number of the page."""
    clock = page.clock
    if clock is None:
        return (
            "MSCC service: test page"
            if kind_of(page.alarm) == TEST
            else f"MSCC alarm: {words_of(page.alarm)}"
        )
    news, number = _news(clock), number_of(page)
    return (
        f"{clock.reference} {clock.stream}: {f'{news.upper()}, ' if news else ''}{_step_in_a_sentence(clock)}, "
        f"{remaining_time(clock, at=at)}{f' (page {number})' if number > 1 else ''}"
    )


def number_of(page: Page) -> int:
    """The number of this page among the pages of its clock, from 1; a note on the screen does not count."""
    assert page.clock is not None  # as its caller knows
    loud = [len(rung["channels"]) > 1 for rung in page.clock.ladder]
    return max(sum(loud[: page.rung + 1]) + max(page.rung + 1 - len(loud), 0), 1)


def _news(clock: Clock) -> str:
    """The news without its details, for the start of a subject line."""
    return clock.about.partition(":")[0].partition(",")[0] if clock.kind not in OBLIGATIONS else ""


def long_text_of(page: Page, *, at: datetime) -> str:
    """Several lines, for channels with room."""
    if page.clock is None:
        return _alarm(page)
    clock = page.clock
    answer = ""
    if clock.kind == ClockKind.ACKNOWLEDGE:
        answer = f"Acknowledge it without signing in (opens a page with one button): {_answer(page)}\n\n"
    elif colleague_asked(clock) == page.recipient_id:
        answer = f"Accept or decline without signing in: {_answer(page)}\n\n"
    address = _case(page, clock)
    news = f"{clock.about}.\n\n" if _news(clock) else ""
    return (
        f"{clock.reference} ({clock.stream})\n\n{news}"
        f"{next_step(clock)}: {time_left(clock, at=at)}.\n\n"
        f"{answer}Open the case: {address}\n\n{OTHER_WAYS}\n"
    )


def short_text_of(page: Page, *, at: datetime) -> str:
    """One line with one link, for a text message, a pager or a notification."""
    if page.clock is None:
        link = _answer(page) if kind_of(page.alarm) == TEST else _runbook(page)
        return f"{words_of(page.alarm)}. {link}"
    news = f"{page.clock.about}. " if _news(page.clock) else ""
    step = next_step(page.clock) if news else _step_in_a_sentence(page.clock)
    return (
        f"{page.clock.reference} ({page.clock.stream}): {news}{step}, "
        f"{time_left(page.clock, at=at)}. {link_of(page)}"
    )


def _step_in_a_sentence(clock: Clock) -> str:
    """The next step, for the middle of a sentence."""
    words = next_step(clock)
    return words[0].lower() + words[1:]


def link_of(page: Page) -> str:
    """The address that answers the page: its own link, or the case."""
    clock = page.clock
    if clock is None or clock.kind == ClockKind.ACKNOWLEDGE or colleague_asked(clock) == page.recipient_id:
        return _answer(page)
    return _case(page, clock)


def _case(page: Page, clock: Clock) -> str:
    """The address of the case for the recipient."""
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
