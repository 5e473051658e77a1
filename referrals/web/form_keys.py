"""Sending a form: twice does once, whether its button is pressed twice or its page is gone back to and sent again."""

import uuid
from contextlib import AbstractContextManager

from django.http import HttpRequest

from kernel.actors import Actor
from kernel.time import now
from referrals.case.idempotency import sent_once
from webkit.typed import Typed, one

KEY = "form_key"
_OF_THE_PAGE = frozenset({KEY, "csrfmiddlewaretoken", "page", "version", "shown"})


def key_of(typed: Typed) -> str:
    """The key of a form as it is drawn: a new one, or the one with which it was sent and came back."""
    return one(typed, KEY) or uuid.uuid4().hex


def recorded_once(typed: Typed, request: HttpRequest, *, by: Actor) -> AbstractContextManager[None]:
    """In here the act of a form is recorded once; sent again with the same words it raises AlreadyRecorded."""
    answers = {name: list(values) for name, values in typed.items() if name not in _OF_THE_PAGE}
    return sent_once(one(typed, KEY), content=[request.path, answers], by=by, at=now())
