"""E-mail, by SMTP. The mail server's acceptance is the only receipt."""

from datetime import datetime
from smtplib import SMTPDataError, SMTPRecipientsRefused, SMTPResponseException

from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.core.validators import validate_email

from oncall.channels.deadline import in_time
from oncall.channels.faults import Busy, Refused, fault_of_reply
from oncall.channels.text import long_text_of, subject_of
from oncall.models import Page


def send(page: Page, *, at: datetime) -> bool:
    """Send one page; OSError when it is refused. A page that is sent twice after a crash has the same Message-ID."""
    post(
        subject_of(page, at=at),
        long_text_of(page, at=at),
        to=page.recipient.email,
        reference=str(page.client_reference),
        thread=page.clock.reference if page.clock else "",
    )
    return True


def post(subject: str, body: str, *, to: str, reference: str, thread: str = "") -> None:
    """Send one message. Refused when the server will never take it, Busy when it may later; OSError otherwise.

    A server that drops a message looks like one that delivers it.
    """
    try:
        validate_email(to)  # what the library makes of another one is no fault of the server
    except ValidationError:
        raise Refused("the address is none to which e-mail can be sent") from None
    message = EmailMessage(subject=subject, body=body, to=[to], headers=headers_of(reference, thread=thread))
    try:
        with in_time():
            message.send()
    except SMTPRecipientsRefused as fault:
        raise fault_of_reply(min(code for code, _ in fault.recipients.values())) from fault
    except SMTPDataError as fault:
        raise fault_of_reply(fault.smtp_code) from fault
    except SMTPResponseException as fault:  # of the session, not of this message: ours to repair
        raise Busy(f"the mail server answered {fault.smtp_code}") from fault


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
