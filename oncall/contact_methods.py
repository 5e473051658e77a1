"""Contact methods: added by their owners, and proven by an answered test page."""

import re
import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from accounts.models import User
from kernel.actors import Actor
from kernel.refusals import Denied, Invalid, OutOfTurn
from kernel.text import fault
from ledger.append import append
from ledger.keep import forget, keep
from ledger.kinds import Kind
from oncall.alarms import TEST
from oncall.channels import push
from oncall.ladder import EMAIL
from oncall.models import ContactMethod, Page
from oncall.outbox import page_to
from oncall.ways import CHANNEL_WORDS

HOUR, TESTS_AN_HOUR = timedelta(hours=1), 5
_TELEPHONE = re.compile(r"\+?[0-9 ()-]{7,25}")


@transaction.atomic(durable=True)
def set_address(channel: str, address: str, *, by: Actor, at: datetime) -> None:
    """Set the actor's own address on a channel; empty removes it. A new address is not proven."""
    address = address.strip()
    _person_on_call(by)
    if channel not in CHANNEL_WORDS or channel == EMAIL:
        raise Invalid(
            "This cannot be changed here", errors={EMAIL: ["The administrator changes e-mail addresses"]}
        )
    problem = fault(address, limit=2000 if channel == "push" else 60)
    if channel == "push" and address and not problem:
        problem = push.fault_of(address)
    if channel == "sms" and address and not _TELEPHONE.fullmatch(address):
        problem = "Enter a mobile number, such as 07700 900123"
    if problem:
        raise Invalid("The address cannot be kept", errors={channel: [problem]})
    method = _method(by, channel)
    if (method.address if method else "") == address:
        return
    line = append(
        Kind.CONTACT_METHOD_CHANGED, by=by, at=at, facts={"channel": channel, "removed": not address}
    )
    if method is not None and not address:
        forget(method, line=line, by=by, at=at)
        return
    method = method or ContactMethod(person_id=by.user_id, channel=channel, added_at=at)
    method.address, method.added_at, method.proven_at = address, at, None
    keep(method, line=line, by=by, at=at)


@transaction.atomic(durable=True)
def send_test_page(channel: str, *, by: Actor, at: datetime) -> None:
    """Send the actor a test page by one channel; pressing the button behind its link proves the channel."""
    person = _person_on_call(by)
    method = _method(by, channel)
    reachable = channel in settings.CHANNELS and (person.email if channel == EMAIL else method)
    if not reachable:
        raise OutOfTurn("There is no address for this yet, or this service cannot send by it")
    recent_tests = Page.objects.filter(
        recipient=person, alarm__startswith=f"{TEST}:", written_at__gt=at - HOUR
    )
    if recent_tests.count() >= TESTS_AN_HOUR:
        raise OutOfTurn(
            "You have sent yourself several test pages already: wait an hour, or tell the administrator"
        )
    line = append(Kind.TEST_PAGE_SENT, by=by, at=at, facts={"channel": channel})
    if channel == EMAIL and (method is None or method.address != person.email):
        method = method or ContactMethod(person=person, channel=channel, added_at=at)
        method.address, method.added_at, method.proven_at = person.email, at, None
        keep(method, line=line, by=by, at=at)
    page_to(person, channel, duty=person.duties[0], alarm=f"{TEST}:{uuid.uuid4()}", at=at).save()


@transaction.atomic(durable=True)
def prove(page: Page, *, at: datetime) -> None:
    """Record an answered test page: its channel reaches this person at their address."""
    method = (
        ContactMethod.objects.select_for_update().filter(person=page.recipient, channel=page.channel).first()
    )
    if method is None or page.written_at < method.added_at:
        raise OutOfTurn("This address was changed after the test page was sent. Send another")
    by = page.recipient.actor
    line = append(Kind.CONTACT_METHOD_PROVEN, by=by, at=at, facts={"channel": page.channel})
    method.proven_at = at
    keep(method, line=line, by=by, at=at)
    page.answered_at = at
    page.save(update_fields=["answered_at"])


def _person_on_call(by: Actor) -> User:
    person = User.objects.get(pk=by.user_id)
    if not person.duties:
        raise Denied("Only people with a duty are paged. If you have one, ask the service administrator")
    return person


def _method(by: Actor, channel: str) -> ContactMethod | None:
    return ContactMethod.objects.select_for_update().filter(person=by.user_id, channel=channel).first()
