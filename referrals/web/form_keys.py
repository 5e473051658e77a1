"""A form sent twice is recorded once, whether its button was pressed twice or its page was reopened and sent again."""

import uuid
from contextlib import AbstractContextManager

from django.http import HttpRequest

from kernel.actors import Actor
from kernel.time import now
from referrals.case.idempotency import sent_once
from webkit.typed import Typed, text_at

KEY = "form_key"
_OF_THE_PAGE = frozenset({KEY, "csrfmiddlewaretoken", "page", "version", "shown"})


def key_of(typed: Typed) -> str:
    """The key of a form: the one it was sent with, or a new one."""
    return text_at(typed, KEY) or uuid.uuid4().hex


def recorded_once(typed: Typed, request: HttpRequest, *, by: Actor) -> AbstractContextManager[None]:
    """Records the act of a form once. The same form sent again raises AlreadyRecorded."""
    answers = {name: list(values) for name, values in typed.items() if name not in _OF_THE_PAGE}
    return sent_once(text_at(typed, KEY), content=[request.path, answers], by=by, at=now())
