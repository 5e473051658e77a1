"""Alarms of the service itself: pages that are about no case. Each is raised once a person and channel."""

from datetime import datetime

from accounts.models import User
from accounts.people import Duty
from kernel.actors import SERVICE
from ledger.append import append
from ledger.kinds import Kind
from oncall.models import Page
from oncall.outbox import page_to
from oncall.reach import reach_of
from oncall.rota import holder_of

# What an alarm is, in one sentence, and its runbook.
ALARMS: dict[str, tuple[str, str]] = {
    "gap": ("Nobody holds the coordinator's duty for part of the days ahead", "gap-in-the-rota"),
    "quarantine": ("A clock cannot be processed and was set aside", "clock-set-aside"),
    "overdue": ("Clocks were due and nobody acted on them; they have been repaired", "stalled-sweep"),
}
RAISED_WITH = (Duty.LEAD, Duty.MANAGER, Duty.DEPUTY)


def raise_alarm(kind: str, about: str, *, at: datetime) -> bool:
    """Page whoever leads the service, else the next who is on duty; False when it was raised already."""
    key = f"{kind}:{about}"[:80]
    if Page.objects.filter(alarm=key).exists():
        return False
    duty, person = _whom(at=at)
    append(Kind.ALARM_RAISED, by=SERVICE, at=at, facts={"alarm": kind, "about": about, "duty": duty})
    if person is None:
        return False
    for channel in reach_of([person]).channels_of(person):
        page_to(person, channel, duty=duty, alarm=key, at=at).save()
    return True


def _whom(*, at: datetime) -> tuple[str, User | None]:
    for duty in RAISED_WITH:
        if (person := holder_of(duty, at=at)) is not None:
            return duty, person
    return RAISED_WITH[0], None


def words_of(alarm: str) -> str:
    """What an alarm says, from its key."""
    kind, _, about = alarm.partition(":")
    return f"{ALARMS[kind][0]} ({about})"


def runbook_of(alarm: str) -> str:
    """The name of the runbook that says what to do."""
    return ALARMS[alarm.partition(":")[0]][1]
