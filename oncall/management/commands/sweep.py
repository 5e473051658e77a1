"""manage.py sweep: what the worker does, without Celery and without Redis."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from kernel.time import now
from oncall.sweep import sweep


class Command(BaseCommand):
    help = "Climb every rung that is reached and send every page that waits. Safe beside the worker."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--forever", action="store_true", help="again twice a second, until stopped")

    def handle(self, *args: Any, **options: Any) -> None:
        while True:
            swept = sweep(at=now())
            if not options["forever"]:
                self.stdout.write(f"{swept.clocks} clocks climbed, {swept.sent} pages sent.")
                return
            time.sleep(0.5)
