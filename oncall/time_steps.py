"""After the time was put back, on every machine at once: what was planned by the old time is planned again.

The sweep's own heartbeat shows the step: it is witnessed by the database twice a second, so that one of the future was
left by the time before the step.
"""

from datetime import datetime, timedelta

import structlog
from django.db import connection, transaction

from kernel.actors import SERVICE
from oncall.models import Clock, Page, Way
from oncall.start import move_start

STEP = timedelta(seconds=5)  # less is drift
log = structlog.get_logger(__name__)


def follow_step_back(*, at: datetime) -> timedelta | None:
    """Plan again what the old time put into the future; how far the time was put back, None when it was not.

    A clock that the old time started begins earlier by the step, so that its people are paged when they would have
    been. The other clocks keep their start; the watch says that they page late. Pages that wait are sent at once.
    """
    step = _step_back()
    if step is None:
        return None
    log.error("time_put_back", seconds=step.total_seconds())
    with transaction.atomic():
        for clock in Clock.objects.select_for_update(skip_locked=True).filter(
            stopped_at=None, recorded_at__gt=at
        ):
            if clock.last_climbed_at is not None:
                clock.last_climbed_at -= step
            move_start(clock, started_at=clock.started_at - step, by=SERVICE, at=at)
        Page.objects.filter(sent_at=None, failed_at=None, next_attempt_at__gt=at).update(next_attempt_at=at)
        Way.objects.filter(shut_until__gt=at).update(shut_until=None)
    return step


def _step_back() -> timedelta | None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT witnessed_at - clock_timestamp() FROM oncall_heartbeat"
            " WHERE name = 'sweep' AND witnessed_at > clock_timestamp() + make_interval(secs => %s)",
            [STEP.total_seconds()],
        )
        row = cursor.fetchone()
    return row[0] if row else None
