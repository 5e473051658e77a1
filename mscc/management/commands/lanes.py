"""manage.py lanes: climbs the clocks, sends pages and referrers' notices, each in its own process. Needs no broker."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.urls import reverse

from mscc.lanes import FOR_CLOCKS, lanes
from mscc.postgresql.fitness import refuse_unfit
from oncall.channels.deadline import SECONDS
from oncall.lanes import run


class Command(BaseCommand):
    help = "Keep every promise in time, until stopped: one process for the clocks, one for each channel and its notices."
    requires_system_checks: list[str] = []  # a check that opens a connection would be shared by every lane

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--page-seconds",
            type=float,
            default=SECONDS,
            help="the time for one page, from first byte to last",
        )
        parser.add_argument(
            "--clock-seconds",
            type=float,
            default=FOR_CLOCKS,
            help="the time after which a hanging sweep is ended",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        refuse_unfit(pooled=settings.ENVIRONMENT.database_pooler)
        reverse("on_call")  # loads every address once, for all lanes, and not in the time of the first page
        run(lanes(page_seconds=options["page_seconds"], clock_seconds=options["clock_seconds"]))
