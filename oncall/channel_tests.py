"""The daily test of each channel: a message to an address that the installation names, by the same way as a page.

The self-test of the service pages by loopback, and proves no channel. A channel that fails is tested each minute
until a message gets through, so that its danger ends without a page.
"""

import json
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from oncall import ways
from oncall.channels import email, pager, sms
from oncall.models import Way

EVERY, AGAIN, PATIENCE = timedelta(days=1), timedelta(minutes=1), timedelta(minutes=10)
NO_ADDRESS = (
    "no test address is set, so a fault shows with the next page. Ask the administrator to set CHANNEL_TESTS"
)
OF_A_PERSON = "a subscription belongs to one person's browser, so there is no daily test. Send yourself a test page each week"
TEXT = "Test of the MSCC service: pages can be sent this way. You do not need to do anything."


def prove_if_due(channel: str, *, at: datetime) -> bool:
    """Test a channel that has a test address once a day, or each minute while it fails; whether a message was tried."""
    address = settings.ENVIRONMENT.channel_tests.get(channel, "")
    if not address or channel not in SENDERS:
        return False
    way, _ = Way.objects.get_or_create(channel=channel)
    is_waiting = way.test_reference is not None
    pause = AGAIN if is_waiting or way.failing_since is not None else EVERY
    if way.test_sent_at is not None and at - pause < way.test_sent_at <= at + AGAIN:
        return False
    if not is_waiting:
        way.test_reference = uuid.uuid4()
    way.test_sent_at = at
    way.save(update_fields=["test_reference", "test_sent_at"])
    try:
        arrived = SENDERS[channel](address, str(way.test_reference), is_waiting, at)
    except Exception as fault:  # noqa: BLE001  # a test that fails stops no page
        Way.objects.filter(channel=channel).update(test_reference=None)
        with transaction.atomic():
            ways.fails(channel, fault, at=at)
        return True
    if arrived:
        ways.works(channel, at=at)
        Way.objects.filter(channel=channel).update(tested_at=at, test_reference=None)
    elif is_waiting and way.tested_at is not None and way.tested_at + EVERY + PATIENCE <= at:
        with transaction.atomic():
            ways.fails(channel, ConnectionError("no receipt of its test"), is_shut=False, at=at)
    return True


def untested_channels() -> list[str]:
    """The channels of this installation that nobody tests, in words: they have no test address, or cannot have one."""
    tested = {channel for channel, address in settings.ENVIRONMENT.channel_tests.items() if address}
    return [
        ways.CHANNEL_WORDS[channel]
        for channel in settings.CHANNELS
        if channel not in tested or channel not in SENDERS
    ]


def untested_in_words() -> list[str]:
    """A sentence for each channel of this installation that nobody tests, with what to do."""
    return [
        f"{words}: {OF_A_PERSON if words == ways.CHANNEL_WORDS['push'] else NO_ADDRESS}"
        for words in untested_channels()
    ]


def _email(address: str, reference: str, again: bool, at: datetime) -> bool:
    email.post("MSCC service: daily test", f"{TEXT}\n", to=address, reference=reference)
    return True


def _sms(address: str, reference: str, again: bool, at: datetime) -> bool:
    return sms.say(TEXT, to=address, reference=reference, again=again)


def _pager(address: str, reference: str, again: bool, at: datetime) -> bool:
    content = {"client_reference": reference, "to": address, "text": TEXT, "case": None, "emergency": False}
    return pager.hand_over(json.dumps(content), reference, again=again, at=at)


# A browser's subscription belongs to a person, so notifications have no test address.
SENDERS: dict[str, Callable[[str, str, bool, datetime], bool]] = {
    "email": _email,
    "sms": _sms,
    "pager": _pager,
}
