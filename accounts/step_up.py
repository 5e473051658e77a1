"""A fresh proof of identity, before acts that would do most harm in a stranger's hands."""

from datetime import datetime, timedelta

from django.http import HttpRequest

from kernel.time import from_rfc3339, rfc3339

PROVED_AT = "proved_at"
FRESH = timedelta(minutes=15)


def note_proof(request: HttpRequest, *, at: datetime) -> None:
    """Note in the session that its owner has just proved who they are."""
    request.session[PROVED_AT] = rfc3339(at)


def is_fresh(request: HttpRequest, *, at: datetime) -> bool:
    """Whether the owner of the session proved who they are in the last quarter of an hour."""
    text = request.session.get(PROVED_AT)
    return text is not None and timedelta() <= at - from_rfc3339(text) <= FRESH
