"""E-mail, by SMTP. A mail server that accepts a page has it: there is no receipt beyond that."""

from datetime import datetime

from django.core.mail import EmailMessage

from oncall.channels.text import long_text_of, subject_of
from oncall.models import Page


def send(page: Page, *, at: datetime) -> bool:
    """Send one page. Sent twice after a crash it carries the same Message-ID; OSError when it is refused."""
    EmailMessage(
        subject=subject_of(page),
        body=long_text_of(page, at=at),
        to=[page.recipient.email],
        headers={"Message-ID": f"<{page.client_reference}@mscc>"},
    ).send()
    return True
