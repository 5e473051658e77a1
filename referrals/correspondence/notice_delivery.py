"""The delivery of notices, at least once: claimed with a lease, sent under a stable client reference, and recorded."""

from datetime import datetime, timedelta

import structlog
from django.core.mail import EmailMessage
from django.db import transaction

from accounts import service as services
from kernel.actors import SERVICE
from ledger.append import append
from ledger.kinds import Kind
from oncall.channels import sms
from oncall.channels.email import headers_of
from referrals.case.models import Notice
from referrals.correspondence.notices import subject_of, text_of

LEASE, PAUSE = timedelta(seconds=60), timedelta(seconds=30)
ATTEMPTS = 5
log = structlog.get_logger(__name__)


def send_next(*, at: datetime) -> bool | None:
    """Send the notice that has waited longest, and return whether it was sent; None when none waits."""
    notice = _claim(at=at)
    if notice is None:
        return None
    try:
        SENDERS[notice.channel](notice)
    except Exception as fault:  # noqa: BLE001  # one notice that cannot be sent stalls no other
        _not_sent(notice, type(fault).__name__, at=at)
        return False
    _sent(notice, at=at)
    return True


def _email(notice: Notice) -> None:
    text = text_of(notice, telephone=services.current().telephone)
    EmailMessage(
        subject=f"{notice.referral.reference}: {subject_of(notice)}",
        body=f"{text}\n\nIf it is urgent, ring as well as write.\n",
        to=[notice.address],
        headers=headers_of(str(notice.client_reference), thread=notice.referral.reference),
    ).send()


def _sms(notice: Notice) -> None:
    text = text_of(notice, telephone=services.current().telephone)
    sms.say(text, to=notice.address, reference=str(notice.client_reference), again=notice.attempts > 1)


SENDERS = {"email": _email, "sms": _sms}


@transaction.atomic
def _claim(*, at: datetime) -> Notice | None:
    notice = (
        Notice.objects.filter(sent_at=None, failed_at=None, next_attempt_at__lte=at)
        .select_for_update(skip_locked=True, of=("self",))
        .select_related("referral")
        .order_by("next_attempt_at", "id")
        .first()
    )
    if notice is not None:
        notice.attempts += 1
        notice.next_attempt_at = at + LEASE
        notice.save(update_fields=["attempts", "next_attempt_at"])
    return notice


@transaction.atomic
def _sent(notice: Notice, *, at: datetime) -> None:
    notice.sent_at, notice.next_attempt_at = at, None
    notice.save(update_fields=["sent_at", "next_attempt_at"])
    append(Kind.NOTICE_SENT, by=SERVICE, at=at, case=notice.referral_id, facts=_facts(notice))


@transaction.atomic
def _not_sent(notice: Notice, fault: str, *, at: datetime) -> None:
    """Plan another attempt after a growing pause; after the last attempt the case page shows the failure."""
    log.warning(
        "notice_not_sent", notice=notice.pk, channel=notice.channel, attempt=notice.attempts, fault=fault
    )
    notice.failure = fault
    if notice.attempts >= ATTEMPTS:
        notice.failed_at, notice.next_attempt_at = at, None
    else:
        notice.next_attempt_at = at + PAUSE * 2**notice.attempts
    notice.save(update_fields=["failure", "failed_at", "next_attempt_at"])
    if notice.failed_at is not None:
        facts = {**_facts(notice), "fault": fault}
        append(Kind.NOTICE_FAILED, by=SERVICE, at=at, case=notice.referral_id, facts=facts)


def _facts(notice: Notice) -> dict[str, object]:
    return {"notice": notice.kind, "channel": notice.channel, "about": notice.about}
