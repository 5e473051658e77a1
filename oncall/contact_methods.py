"""Contact methods: added by their owners, and proven by an answered test page."""

import re
import uuid
from datetime import datetime, timedelta

from django.conf import settings

from accounts.models import User
from kernel.actors import Actor, Role
from kernel.refusals import Denied, Invalid, NotFound, OutOfTurn
from kernel.text import fault
from ledger.append import append
from ledger.keep import forget, keep
from ledger.kinds import Kind
from ledger.transaction import one_transaction
from oncall.alarms import TEST
from oncall.channels import push
from oncall.ladder import EMAIL, SCREEN
from oncall.line_facts import ContactMethodChanged, ContactMethodProven, TestPageSent
from oncall.models import ContactMethod, Page
from oncall.outbox import page_to
from oncall.reach import reach_of
from oncall.ways import CHANNEL_WORDS

HOUR, TESTS_AN_HOUR = timedelta(hours=1), 5
_TELEPHONE = re.compile(r"\+?[0-9 ()-]{7,25}")


@one_transaction()
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
        raise Invalid("The address was not saved: correct it and save it again", errors={channel: [problem]})
    method = _method(by.user_id, channel)
    if (method.address if method else "") == address:
        return
    facts = ContactMethodChanged(channel=channel, removed=not address)
    line = append(Kind.CONTACT_METHOD_CHANGED, by=by, at=at, facts=facts)
    if method is not None and not address:
        forget(method, line=line, by=by, at=at)
        return
    method = method or ContactMethod(person_id=by.user_id or 0, channel=channel, added_at=at)
    method.address, method.added_at, method.proven_at = address, at, None
    keep(method, line=line, by=by, at=at)


@one_transaction()
def send_test_page(channel: str, *, by: Actor, at: datetime) -> None:
    """Send the actor a test page by one channel; pressing the button behind its link proves the channel."""
    person = _person_on_call(by)
    method = _method(by.user_id, channel)
    reachable = channel in settings.CHANNELS and (person.email if channel == EMAIL else method)
    if not reachable:
        raise OutOfTurn("There is no address for this yet, or this service cannot send to it")
    if _tests_of_the_last_hour(person, at=at) >= TESTS_AN_HOUR:
        raise OutOfTurn(
            "You have sent yourself several test pages already: wait an hour, or tell the administrator"
        )
    _test(person, channel, method, by=by, at=at)


@one_transaction()
def ask_to_prove(number: int, *, by: Actor, at: datetime) -> User:
    """Send a test page to somebody else, by each of their channels that is not proven: they prove it by answering.

    For the clinical lead and the administrator, who see whose address is not proven.
    """
    if by.role not in (Role.LEAD, Role.ADMINISTRATOR):
        raise Denied("Only the clinical lead or the service administrator asks others to prove an address")
    person = User.objects.filter(pk=number, is_active=True).exclude(duties=[]).first()
    if person is None:
        raise NotFound("There is no such person with a duty")
    reach = reach_of([person])
    unproven = [
        channel for channel in reach.channels_of(person) if channel not in (SCREEN, *reach.proven(person))
    ]
    if not unproven:
        raise OutOfTurn(f"{person.name} has no address left to prove")
    if _tests_of_the_last_hour(person, at=at) >= TESTS_AN_HOUR:
        raise OutOfTurn(f"Several test pages went to {person.name} in the last hour: ring instead")
    for channel in unproven:
        _test(person, channel, _method(number, channel), by=by, at=at)
    return person


def _tests_of_the_last_hour(person: User, *, at: datetime) -> int:
    tests = Page.objects.filter(recipient=person, alarm__startswith=f"{TEST}:", written_at__gt=at - HOUR)
    return tests.count()


def _test(person: User, channel: str, method: ContactMethod | None, *, by: Actor, at: datetime) -> None:
    """Write a test page; the e-mail address that it goes to is kept as the one to prove."""
    facts = TestPageSent(channel=channel)
    if by.user_id != person.pk:
        facts["person"] = person.actor.key
    line = append(Kind.TEST_PAGE_SENT, by=by, at=at, facts=facts)
    if channel == EMAIL and (method is None or method.address != person.email):
        method = method or ContactMethod(person=person, channel=channel, added_at=at)
        method.address, method.added_at, method.proven_at = person.email, at, None
        keep(method, line=line, by=by, at=at)
    page_to(person, channel, duty=person.duties[0], alarm=f"{TEST}:{uuid.uuid4()}", at=at).save()


@one_transaction()
def prove(page: Page, *, at: datetime) -> None:
    """Record an answered test page, which proves that its channel reaches this person at their address."""
    method = (
        ContactMethod.objects.select_for_update().filter(person=page.recipient, channel=page.channel).first()
    )
    if method is None or page.written_at < method.added_at:
        raise OutOfTurn("This address was changed after the test page was sent. Send another")
    by = page.recipient.actor
    line = append(Kind.CONTACT_METHOD_PROVEN, by=by, at=at, facts=ContactMethodProven(channel=page.channel))
    method.proven_at = at
    keep(method, line=line, by=by, at=at)
    page.answered_at = at
    page.save(update_fields=["answered_at"])


def _person_on_call(by: Actor) -> User:
    person = User.objects.get(pk=by.user_id or 0)
    if not person.duties:
        raise Denied("Only people with a duty are paged. If you have one, ask the service administrator")
    return person


def _method(person: int | None, channel: str) -> ContactMethod | None:
    return ContactMethod.objects.select_for_update().filter(person=person, channel=channel).first()
