"""Looking after the service itself: the rota ahead, and clocks that nobody acted on."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from oncall.alarms import raise_alarm
from oncall.models import Clock, Heartbeat, Page
from oncall.rota import gaps_ahead
from oncall.sweep import climb

LATE = timedelta(seconds=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """What was found due and not acted on, and how old the oldest is, in seconds."""

    overdue: int
    oldest_seconds: float
    unsent: int
    gaps: int


@transaction.atomic
def look_ahead(*, at: datetime) -> int:
    """Raise an alarm for every gap of the coordinator's duty in the next 14 days, once a gap; how many gaps."""
    found = gaps_ahead(at=at)
    for gap in found:
        # A gap that is running, or reaches beyond the days looked at, keeps one name while it lasts.
        begins = "now" if gap.starts_at <= at else f"{gap.starts_at:%Y-%m-%d %H:%M}"
        raise_alarm("gap", f"from {begins} UTC", at=at)
    return len(found)


def audit(*, at: datetime) -> Audit:
    """Find what was due and not acted on, without a limit of age; repair it, and say how bad it was.

    Its own path: it reads due times from the clocks themselves and not from what the sweep planned.
    """
    overdue = Clock.objects.filter(stopped_at=None, next_at__lte=at - LATE, quarantined_at=None)
    oldest = overdue.order_by("next_at").values_list("next_at", flat=True).first()
    unplanned = Clock.objects.filter(
        stopped_at=None, next_at=None, breach_recorded_at=None, due_at__lte=at - LATE
    )
    number = overdue.count() + unplanned.count()
    if number:
        unplanned.update(next_at=at)
        climb(at=at)
        with transaction.atomic():
            raise_alarm("overdue", f"{at:%Y-%m-%d %H} UTC", at=at)
    unsent = Page.objects.filter(sent_at=None, failed_at=None, next_attempt_at__lte=at - LATE).count()
    gaps = look_ahead(at=at)
    Heartbeat.objects.update_or_create(name="audit", defaults={"at": at})
    age = (at - oldest).total_seconds() if oldest else 0.0
    return Audit(overdue=number, oldest_seconds=age, unsent=unsent, gaps=gaps)
