"""Alarms of the service itself: pages that are not about a case. Each is sent once to a person by a channel."""

from collections.abc import Iterable
from datetime import datetime

from accounts.models import User
from accounts.people import Duty
from kernel.actors import SERVICE
from ledger.append import append
from ledger.kinds import Kind
from oncall.line_facts import AlarmRaised
from oncall.models import Page
from oncall.outbox import page_to
from oncall.reach import reach_of
from oncall.rota import holders_at

MISSED, CROWD, WAS_DOWN = "missed", "crowd", "was_down"
OPENED, INCIDENT = "opened", "incident"
TEST, GIVEN_AT_ONCE, NO_ADDRESS = "test", "duty", "unreached"
# Each alarm in one sentence, with its runbook.
ALARMS: dict[str, tuple[str, str]] = {
    "gap": ("Nobody holds the coordinator's duty for part of the days ahead", "gap-in-the-rota"),
    "quarantine": ("A clock cannot be processed and was set aside", "clock-set-aside"),
    "hand_over": ("A shift has begun and its hand-over is not accepted", "hand-over-not-accepted"),
    "self_test": ("The synthetic referral did not come back", "self-test-failed"),
    "unmatched": (
        "A report or worse neurology arrived for somebody without a referral here",
        "fact-without-a-referral",
    ),
    "unread": (
        "A scan report arrived that could not be read here: read it in the hospital's system",
        "report-not-read",
    ),
    GIVEN_AT_ONCE: (
        "You hold this duty from now: open the worklist, and confirm that you have it",
        "duty-given-at-once",
    ),
    NO_ADDRESS: ("Somebody on the rota has no address: no page reaches them", "nobody-to-reach"),
    MISSED: (
        "Clocks fell due while the service was down: open the worklist, the most urgent first",
        "after-an-outage",
    ),
    CROWD: ("Several clocks page together: open the worklist, the most urgent first", "after-an-outage"),
    WAS_DOWN: ("The service was down, and has paged what fell due meanwhile", "after-an-outage"),
    OPENED: (
        "A record was opened in your name with a reason. If that was not you, ring the service at once",
        "record-opened-in-your-name",
    ),
    INCIDENT: (
        "An incident was reported that did severe harm, or may have",
        "incident-reported",
    ),
    TEST: ("Test page: it shows that you can be reached", "test-page"),
    "overdue": ("Clocks were due and nobody acted on them; they have been repaired", "stalled-sweep"),
}
ALARM_DUTIES = (Duty.LEAD, Duty.MANAGER, Duty.DEPUTY, Duty.CONSULTANT, Duty.COORDINATOR)


def raise_alarm(kind: str, about: str, *, also: Iterable[str] = (), at: datetime) -> bool:
    """Page the service lead, or the next person on duty; `also` names more duties to page.

    Safe to repeat: an alarm is raised once. False when nobody is on duty; the caller then tries again.
    """
    key = f"{kind}:{about}"[:80]
    if Page.objects.filter(alarm=key).exists():
        return True
    holders = holders_at(at)
    first = next((duty for duty in ALARM_DUTIES if duty in holders), None)
    if first is None:
        return False
    recipients = {holders[duty][0]: duty for duty in (*also, first) if duty in holders}
    append(Kind.ALARM_RAISED, by=SERVICE, at=at, facts=AlarmRaised(alarm=kind, about=about, duty=first))
    reach = reach_of(recipients)
    pages = [
        page_to(person, channel, duty=duty, alarm=key, at=at)
        for person, duty in recipients.items()
        for channel in reach.channels_of(person)
    ]
    Page.objects.bulk_create(
        pages, ignore_conflicts=True
    )  # another process may have raised it at the same time
    return True


def page_about(kind: str, about: str, *, person: User, duty: str, at: datetime) -> None:
    """Page one person, once, by every channel they have, about something that concerns them alone."""
    key = f"{kind}:{about}"[:80]
    facts = AlarmRaised(alarm=kind, about=about, duty=duty, recipient=f"user:{person.pk}")
    append(Kind.ALARM_RAISED, by=SERVICE, at=at, facts=facts)
    channels = reach_of([person]).channels_of(person)
    pages = [page_to(person, channel, duty=duty, alarm=key, at=at) for channel in channels]
    Page.objects.bulk_create(pages, ignore_conflicts=True)


def kind_of(alarm: str) -> str:
    """The kind of alarm of a key."""
    return alarm.partition(":")[0]


def words_of(alarm: str) -> str:
    """The sentence of an alarm, from its key."""
    kind, _, about = alarm.partition(":")
    sentence = ALARMS[kind][0] if kind in ALARMS else kind.replace("_", " ")  # raised by a later version
    return f"{sentence} ({about})"


def runbook_of(alarm: str) -> str:
    """The name of the runbook that says what to do; for an alarm of a later version the check of the service."""
    return ALARMS.get(kind_of(alarm), ALARMS["overdue"])[1]
