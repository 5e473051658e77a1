"""The delivery of notices, at least once: claimed with a lease, sent under a stable client reference, and recorded.

A notice that nobody has seen a referral is tried until somebody has. Every other is tried for a day.
"""

from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import Case, Q, When

from accounts import service as services
from kernel.actors import SERVICE
from ledger.append import append
from ledger.kinds import Kind
from oncall import ways
from oncall.channels import email, sms
from oncall.channels.faults import Refused, name_of
from oncall.delivery import UNFINISHED
from oncall.models import Clock
from referrals.case.line_facts import NoticeFailed, NoticeSent
from referrals.case.models import Notice
from referrals.correspondence.notices import NOT_SEEN, subject_of, text_of

LEASE, PAUSE, LONGEST_PAUSE = timedelta(seconds=60), timedelta(seconds=30), timedelta(minutes=5)
OWED = timedelta(days=1)
ATTEMPTS = 5  # after these the case page says that the referrer could not be told; attempts go on
SEEN = "somebody has seen it"  # why a notice is not sent any more
CHANNELS = ("email", "sms")
URGENT_FIRST = Case(When(kind=NOT_SEEN, then=0), default=1)
log = structlog.get_logger(__name__)


def send_next(channel: str = "", *, at: datetime) -> bool | None:
    """Send the most urgent notice of a channel, or of any, and return whether it was sent; None when none waits."""
    notice = _claim(channel, at=at)
    if notice is None:
        return None
    if notice.kind == NOT_SEEN and not Clock.objects.filter(pk=notice.about, stopped_at=None).exists():
        _close(notice, SEEN, at=at)
        return False
    text = text_of(notice, telephone=services.current().telephone)
    try:
        SENDERS[notice.channel](notice, text)
    except Exception as fault:  # noqa: BLE001  # one notice that cannot be sent stalls no other
        _not_sent(notice, fault, at=at)
        return False
    _sent(notice, at=at)
    return True


def take_up(channel: str, *, at: datetime) -> None:
    """Try at once what another process was sending when it ended. Only for the process that is alone in the lane."""
    waiting = Notice.objects.filter(channel=channel, sent_at=None, failed_at=None, failure=UNFINISHED)
    waiting.update(next_attempt_at=at)


def _email(notice: Notice, text: str) -> None:
    email.post(
        f"{notice.referral.reference}: {subject_of(notice)}",
        f"{text}\n\nIf it is urgent, ring as well as writing.\n",
        to=notice.address,
        reference=str(notice.client_reference),
        thread=notice.referral.reference,
    )


def _sms(notice: Notice, text: str) -> None:
    sms.say(text, to=notice.address, reference=str(notice.client_reference), again=notice.attempts > 1)


SENDERS = {"email": _email, "sms": _sms}


@transaction.atomic
def _claim(channel: str, *, at: datetime) -> Notice | None:
    """The next notice, leased. A plan beyond the longest pause was made before the time was put back."""
    due = Q(next_attempt_at__lte=at) | Q(next_attempt_at__gt=at + LONGEST_PAUSE + LEASE)
    notices = Notice.objects.filter(due, sent_at=None, failed_at=None).exclude(channel__in=ways.shut(at=at))
    notice = (
        (notices.filter(channel=channel) if channel else notices)
        .select_for_update(skip_locked=True, of=("self",))
        .select_related("referral")
        .order_by(URGENT_FIRST, "next_attempt_at", "id")
        .first()
    )
    if notice is not None:
        notice.attempts, notice.failure = min(notice.attempts + 1, 1000), UNFINISHED
        notice.next_attempt_at = at + LEASE
        notice.save(update_fields=["attempts", "failure", "next_attempt_at"])
    return notice


@transaction.atomic
def _sent(notice: Notice, *, at: datetime) -> None:
    notice.sent_at, notice.failure, notice.next_attempt_at = at, "", None
    notice.save(update_fields=["sent_at", "failure", "next_attempt_at"])
    append(Kind.NOTICE_SENT, by=SERVICE, at=at, case=notice.referral_id, facts=_facts(notice))
    if ways.works(notice.channel, at=at):
        waiting = Notice.objects.filter(channel=notice.channel, sent_at=None, failed_at=None)
        waiting.exclude(failure=UNFINISHED).update(next_attempt_at=at)


@transaction.atomic
def _not_sent(notice: Notice, fault: Exception, *, at: datetime) -> None:
    """Plan another attempt after a growing pause. After some attempts the ledger has the failure, once."""
    name = name_of(fault)
    log.warning(
        "notice_not_sent", notice=notice.pk, channel=notice.channel, attempt=notice.attempts, fault=name
    )
    notice.failure = name
    is_over = isinstance(fault, Refused) or (notice.kind != NOT_SEEN and at - notice.written_at >= OWED)
    notice.failed_at = at if is_over else None
    pause = min(PAUSE * 2 ** min(notice.attempts, 8), LONGEST_PAUSE)
    notice.next_attempt_at = None if is_over else at + pause
    notice.save(update_fields=["failure", "failed_at", "next_attempt_at"])
    if notice.attempts == ATTEMPTS or (is_over and notice.attempts < ATTEMPTS):
        facts = NoticeFailed(**_facts(notice), fault=name)
        append(Kind.NOTICE_FAILED, by=SERVICE, at=at, case=notice.referral_id, facts=facts)
    ways.fails(notice.channel, fault, at=at)


@transaction.atomic
def _close(notice: Notice, reason: str, *, at: datetime) -> None:
    """Close a notice that is no longer true: nobody is told."""
    notice.failed_at, notice.failure, notice.next_attempt_at = at, reason, None
    notice.save(update_fields=["failed_at", "failure", "next_attempt_at"])


def _facts(notice: Notice) -> NoticeSent:
    return {"notice": notice.kind, "channel": notice.channel, "about": notice.about}
