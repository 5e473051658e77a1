"""Text messages, by GOV.UK Notify. A page is looked up by its reference before it is sent again."""

from datetime import datetime

from django.conf import settings
from notifications_python_client.errors import HTTPError
from notifications_python_client.notifications import NotificationsAPIClient

from oncall.channels.text import short_text_of
from oncall.models import Page
from oncall.reach import address_of

PATIENCE = 5  # seconds
LOST_WORDS = "Notify says"
ARRIVED = frozenset({"delivered", "sent"})  # abroad, sent is the last that is ever heard
LOST = frozenset({"permanent-failure", "temporary-failure", "technical-failure"})


def send(page: Page, *, at: datetime) -> bool:
    """True once the network says that it was delivered, False while it is on its way.

    OSError when it was refused or lost.
    """
    to, reference = address_of(page.recipient, "sms"), str(page.client_reference)
    return say(short_text_of(page, at=at), to=to, reference=reference, again=page.attempts > 1)


def say(text: str, *, to: str, reference: str, again: bool) -> bool:
    """Send a text under a reference, or, asked `again`, look first whether it went; as `send` answers."""
    notify = NotificationsAPIClient(
        settings.ENVIRONMENT.notify_api_key, base_url=settings.ENVIRONMENT.notify_url, timeout=PATIENCE
    )
    try:
        sent = _found(notify, reference) if again else None
        if sent is None:
            notify.send_sms_notification(
                phone_number=to,
                template_id=settings.ENVIRONMENT.notify_template_id,
                personalisation={"page": text},
                reference=reference,
            )
            return False
    except HTTPError as fault:
        raise ConnectionError(f"Notify answered {fault.status_code}") from fault
    if sent in LOST:
        raise ConnectionError(f"{LOST_WORDS} {sent}")
    return sent in ARRIVED


def _found(notify: NotificationsAPIClient, reference: str) -> str | None:
    """The status of what was sent under this reference, None when nothing was."""
    found = notify.get_all_notifications(template_type="sms", reference=reference)["notifications"]
    return str(found[0]["status"]) if found else None
