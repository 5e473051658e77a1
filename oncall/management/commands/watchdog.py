"""manage.py watchdog: an independent look at the promises, outside Celery; exit code 1 when one is in danger."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from kernel.time import now
from oncall.sweep import last_sweep
from oncall.watch import audit

STALE = timedelta(seconds=60)
DRIFT_SECONDS = 5


class Command(BaseCommand):
    help = "Audit the clocks, repair what was missed, and say what is in danger: sweep, outbox, rota, clock drift."

    def handle(self, *args: Any, **options: Any) -> None:
        at, swept_at = now(), last_sweep()
        found = audit(at=at)
        faults = []
        if swept_at is None or at - swept_at > STALE:
            faults.append("no sweep for a minute")
        if found.overdue:
            faults.append(
                f"{found.overdue} clocks were overdue by up to {found.oldest_seconds:.0f} seconds; repaired"
            )
        if found.unsent:
            faults.append(f"{found.unsent} pages wait to be sent")
        if found.gaps:
            faults.append(f"{found.gaps} gaps in the coordinator's duty in the next 14 days")
        if abs(drift := self._drift()) > DRIFT_SECONDS:
            faults.append(f"this machine and the database differ by {drift:.0f} seconds")
        if faults:
            raise CommandError("; ".join(faults))
        self.stdout.write("Clocks are swept, pages are sent, the rota is covered, and the time agrees.")

    def _drift(self) -> float:
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            (there,) = cursor.fetchone()
        return float((now() - there).total_seconds())
