"""manage.py sweep: the work of the worker, without Celery or Redis."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from oncall.present import present
from oncall.sweep import sweep


class Command(BaseCommand):
    help = "Climb every rung that is reached and send every page that waits. Safe beside the worker."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--forever", action="store_true", help="again twice a second, until stopped")

    def handle(self, *args: Any, **options: Any) -> None:
        while True:
            counts = sweep(at=present())
            if not options["forever"]:
                self.stdout.write(f"{counts.clocks} clocks climbed, {counts.sent} pages sent.")
                return
            time.sleep(0.5)
