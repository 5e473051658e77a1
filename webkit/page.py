"""A page: its template, the frame of every page, and the messages of the last act."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render as render_template


def render(
    request: HttpRequest, template: str, frame: Mapping[str, Any], *, status: int = 200, **context: Any
) -> HttpResponse:
    """A page of a template. `context` holds the screen, a frozen dataclass ready to print; it overrides `frame`."""
    shared = {
        "notices": [(message.level_tag, str(message)) for message in messages.get_messages(request)],
        "cspNonce": str(getattr(request, "csp_nonce", "")),  # falsy until it is read
    }
    return render_template(request, template, {**shared, **frame, **context}, status=status)


def note(request: HttpRequest, **facts: object) -> None:
    """Note facts on a request for the frame of its page, which reads them by name."""
    vars(request).update(facts)
