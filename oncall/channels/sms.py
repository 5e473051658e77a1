"""Text messages, by GOV.UK Notify. A page is looked up by its reference before it is sent again.

Notify's API: a request carries a token of HS256 that the service's own key signs, good for thirty seconds.
"""

import uuid
from datetime import datetime
from time import time
from typing import Any

import jwt
import requests
from django.conf import settings

from oncall.channels.deadline import in_time
from oncall.channels.faults import Refused, fault_of_answer
from oncall.channels.text import short_text_of
from oncall.models import Page
from oncall.reach import address_of

PATIENCE = 5  # seconds
LOST_WORDS = "Notify says"
DELIVERED_STATUSES = frozenset({"delivered", "sent"})  # abroad, no later status than sent comes
NO_SUCH_NUMBER = "permanent-failure"
LOST_STATUSES = frozenset({"temporary-failure", "technical-failure"})
UUID_LENGTH = len(
    str(uuid.UUID(int=0))
)  # a key is a name, the service's number and its secret, joined by hyphens


def send(page: Page, *, at: datetime) -> bool:
    """Send one page: True once the network reports its delivery, False while it is on its way.

    OSError when it was refused or lost.
    """
    to, reference = address_of(page.recipient, "sms"), str(page.client_reference)
    return say(short_text_of(page, at=at), to=to, reference=reference, again=page.attempts > 1)


def say(text: str, *, to: str, reference: str, again: bool) -> bool:
    """Send a text under a reference; `again` first looks up whether it was sent. Answers as `send` does."""
    with in_time():
        return _say(text, to=to, reference=reference, again=again)


def _say(text: str, *, to: str, reference: str, again: bool) -> bool:
    status = _status_of(reference) if again else None
    if status is None:
        _call(
            "POST",
            "sms",
            json={
                "phone_number": to,
                "template_id": settings.ENVIRONMENT.notify_template_id,
                "personalisation": {"page": text},
                "reference": reference,
            },
        )
        return False
    if status == NO_SUCH_NUMBER:
        raise Refused(f"{LOST_WORDS} {status}")
    if status in LOST_STATUSES:
        raise ConnectionError(f"{LOST_WORDS} {status}")
    return status in DELIVERED_STATUSES


def _status_of(reference: str) -> str | None:
    """The status of the message with this reference; None when there is none."""
    notifications = _call("GET", "", params={"template_type": "sms", "reference": reference})["notifications"]
    return str(notifications[0]["status"]) if notifications else None


def _call(method: str, path: str, **content: Any) -> Any:
    """Notify's answer as JSON; OSError when it refuses or cannot be reached."""
    key = settings.ENVIRONMENT.notify_api_key
    service, secret = key[-2 * UUID_LENGTH - 1 : -UUID_LENGTH - 1], key[-UUID_LENGTH:]
    token = jwt.encode({"iss": service, "iat": int(time())}, secret, algorithm="HS256")
    answer = requests.request(
        method,
        f"{settings.ENVIRONMENT.notify_url}/v2/notifications{'/' if path else ''}{path}",
        headers={"Authorization": f"Bearer {token}"},
        timeout=PATIENCE,
        allow_redirects=False,
        **content,
    )
    if not 200 <= answer.status_code < 300:
        raise fault_of_answer("Notify", answer.status_code, answer.headers)
    return answer.json()
