"""manage.py night: plays one night on call in the demo's own time; see ./run --night."""

import time
from datetime import time as wall_time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from demo.night import Night, morning_report
from kernel.time import from_london, london_date, now
from ledger.check import verify


class Command(BaseCommand):
    help = "Play one seeded night on an empty demo database, then print the morning report."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--seed", type=int, default=7)

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("A night is for demo mode only: set DEMO=true.")
        night = Night(
            seed=options["seed"], begins=from_london(london_date(now()), wall_time(20)), report=self._say
        )
        night.prepare()
        while (at := now()) < night.ends:
            night.step(at)
            time.sleep(0.1)
        report = morning_report(night.begins)
        self._say("\nThe morning report")
        for line in report.lines():
            self._say(line)
        lines, fault = verify()
        self._say(
            f"{lines} ledger lines, {'which hold' if fault is None else f'which do NOT hold: {fault.why}'}."
        )
        if report.open_cases or fault is not None or not report.handed_over:
            raise CommandError("The night did not end as it should.")

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()
