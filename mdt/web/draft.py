"""Drafts of the MDT's forms: saved until sent, offered again with their start time, deleted by a button."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from kernel.time import near
from webkit import drafts
from webkit.attempt import Attempt, attempt
from webkit.typed import text_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsent:
    """A form that was begun and not sent: where it is sent to, and when it was begun."""

    place: str
    words: str


def unsent(request: HttpRequest, place: str, *, at: datetime) -> Unsent | None:
    """That the form of an address was begun; None where nothing is kept."""
    return unsent_below(request, place, at=at).get(place)


def unsent_below(request: HttpRequest, place: str, *, at: datetime) -> dict[str, Unsent]:
    """Every form below an address that was begun, by the address it is sent to: one query."""
    return {
        address: Unsent(
            place=address, words=f"You started this at {near(began_at, at=at)} but did not send it"
        )
        for address, began_at in drafts.begun_below(request.user, place).items()
    }


def send(request: HttpRequest, form: str, act: Callable[[], Any], *, at: datetime) -> Attempt | None:
    """Do what a form asks for; None when it was done and nothing typed is left.

    What was refused is kept as it was typed, so that it is there on a later visit too.
    """
    typed = dict(request.POST.lists())
    failed = attempt(form, typed, act)
    if failed is None:
        drafts.forget(request.user, place=request.path)
    else:
        drafts.save(request.user, place=request.path, typed=typed, at=at)
    return failed


def thrown_away(request: HttpRequest, back: str, *, at_part: str) -> HttpResponse | None:
    """Delete an unsent draft, if the button asks for it; the page says so at that part."""
    if not text_at(dict(request.POST.lists()), "throw_away"):
        return None
    drafts.forget(request.user, place=request.path)
    return done(request, "What you typed has been deleted", back, at_part=at_part)


def done(request: HttpRequest, words: str, back: str, *, at_part: str) -> HttpResponse:
    """Back to the part of the page where it was done, which says what was done."""
    messages.success(request, words, extra_tags=at_part)
    return redirect(f"{back}#{at_part}")


def confirmations_at(request: HttpRequest) -> dict[str, Any]:
    """What was done, by the part of the page that says it; the rest is at the top as on every page."""
    every = list(messages.get_messages(request))
    return {
        "confirmations": {message.extra_tags: str(message) for message in every if message.extra_tags},
        "notices": [(message.level_tag, str(message)) for message in every if not message.extra_tags],
    }
