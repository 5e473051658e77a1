"""manage.py watchdog: an independent look at the promises, outside Celery; exit code 1 when one is in danger."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, connection

from kernel.time import now
from oncall.channel_tests import untested_channels
from oncall.dead_mans_switch import signal_outside
from oncall.present import present
from oncall.watch import audit, dangers

EVERY_SECONDS = 60


class Command(BaseCommand):
    help = "Audit the clocks, repair what was missed, and say what is in danger: sweep, outbox, rota, clock drift."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--forever", action="store_true", help="again every minute, until stopped")

    def handle(self, *args: Any, **options: Any) -> None:
        while True:
            try:
                faults = self._faults()
            except DatabaseError as fault:  # the watch goes on when the database is back
                connection.close()
                faults = [f"the database does not answer: {type(fault).__name__}"]
            if not options["forever"]:
                break
            self.stderr.write("; ".join(faults)) if faults else self.stdout.write("All is well.")
            time.sleep(EVERY_SECONDS)
        if faults:
            raise CommandError("; ".join(faults))
        self.stdout.write("Clocks are swept, pages are sent, the rota is covered, and the time agrees.")
        if untested := untested_channels():
            self.stdout.write(f"No test address is set, so nothing proves daily: {', '.join(untested)}.")

    def _faults(self) -> list[str]:
        faults = list(dangers(at=now()).values())  # before the audit repairs and beats
        report = audit(at=present())
        if report.overdue:
            late = f"overdue by up to {report.oldest_seconds:.0f} seconds; repaired"
            faults.append(f"{report.overdue} clocks were {late}")
        if report.gaps:
            faults.append(f"{report.gaps} gaps in the coordinator's duty in the next 14 days")
        if not faults:
            signal_outside(report, dangers(at=now()))
        return faults
