"""E-mail, by SMTP. The mail server's acceptance is the only receipt."""

from datetime import datetime

from django.core.mail import EmailMessage

from oncall.channels.text import long_text_of, subject_of
from oncall.models import Page


def send(page: Page, *, at: datetime) -> bool:
    """Send one page; OSError when it is refused. A page that is sent twice after a crash has the same Message-ID."""
    EmailMessage(
        subject=subject_of(page, at=at),
        body=long_text_of(page, at=at),
        to=[page.recipient.email],
        headers=headers_of(str(page.client_reference), thread=page.clock.reference if page.clock else ""),
    ).send()
    return True


def headers_of(reference: str, *, thread: str) -> dict[str, str]:
    """The headers of an automatic message: no mailbox answers it, and the messages of one case form a thread.

    `reference` is the message's own; `thread` is the reference of the case, which names no patient.
    """
    root = f"<case.{thread}@mscc>"
    return {
        "Message-ID": f"<{reference}@mscc>",
        "Auto-Submitted": "auto-generated",
        **({"In-Reply-To": root, "References": root} if thread else {}),
    }
