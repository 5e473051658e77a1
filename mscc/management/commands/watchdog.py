"""manage.py watchdog: an independent check of the promises, outside Celery; exit code 1 when one is in danger.

With `--forever` it also stands by for the lanes: a separate process climbs the clocks, so that no page waits for the lanes to
start again.
"""

import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, connection

from kernel.time import now
from mscc.lanes import Mark, standby
from mscc.postgresql.fitness import refuse_unfit
from oncall.channel_tests import untested_channels
from oncall.dead_mans_switch import signal_outside
from oncall.lanes import Lane, run, stopping
from oncall.present import present
from oncall.watch import audit, dangers

EVERY_SECONDS = 60
PATIENCE = 120.0  # seconds after which an audit hangs, and is ended


class Command(BaseCommand):
    help = "Audit the clocks, repair what was missed, and say what is in danger: sweep, outbox, rota, clock drift."
    requires_system_checks: list[str] = []  # a check that opens a connection would be shared by both lanes

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--forever", action="store_true", help="again every minute, and climb the clocks, until stopped"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["forever"]:
            refuse_unfit(pooled=settings.ENVIRONMENT.database_pooler)
            run({**standby(), "watch": Lane(turn=self._watch, patience=PATIENCE, pause=1.0)})
            return
        if faults := self._faults_or_silence():
            raise CommandError("; ".join(faults))
        self.stdout.write("Clocks are swept, pages are sent, the rota is covered, and the time agrees.")
        if untested := untested_channels():
            self.stdout.write(f"No test address is set, so nothing proves daily: {', '.join(untested)}.")

    def _watch(self, mark: Mark) -> None:
        """One look, then a rest of a minute."""
        faults = self._faults_or_silence()
        self.stderr.write("; ".join(faults)) if faults else self.stdout.write("All is well.")
        rest_until = time.monotonic() + EVERY_SECONDS
        while not stopping() and time.monotonic() < rest_until:
            mark()
            time.sleep(0.5)

    def _faults_or_silence(self) -> list[str]:
        """What is in danger. The watch goes on when the database is back."""
        try:
            return self._faults()
        except DatabaseError as fault:
            connection.close()
            return [f"the database does not answer: {type(fault).__name__}"]

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
