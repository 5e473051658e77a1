"""E-mail, by SMTP. A mail server that accepts a page has it: there is no receipt beyond that."""

from datetime import datetime

from django.core.mail import EmailMessage

from oncall.channels.text import long_text_of, subject_of
from oncall.models import Page


def send(page: Page, *, at: datetime) -> bool:
    """Send one page. Sent twice after a crash it carries the same Message-ID; OSError when it is refused."""
    EmailMessage(
        subject=subject_of(page, at=at),
        body=long_text_of(page, at=at),
        to=[page.recipient.email],
        headers=headers_of(str(page.client_reference), thread=page.clock.reference if page.clock else ""),
    ).send()
    return True


def headers_of(reference: str, *, thread: str) -> dict[str, str]:
    """The headers of a message that no person wrote: nobody's machine answers it, and those of one case are one thread.

    `reference` tells it apart from every other; `thread` is the reference of the case, which names no patient.
    """
    root = f"<case.{thread}@mscc>"
    return {
        "Message-ID": f"<{reference}@mscc>",
        "Auto-Submitted": "auto-generated",
        **({"In-Reply-To": root, "References": root} if thread else {}),
    }
