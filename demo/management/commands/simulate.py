"""manage.py simulate --per-hour N: sends new invented cases at the pace of a real service."""

import random
import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from demo.cases import PLAYS, cast, send
from kernel.time import now
from referrals.case.models import Referral


class Command(BaseCommand):
    help = "Send invented cases at random intervals until stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--per-hour", type=float, required=True, help="how many cases an hour, on average"
        )
        parser.add_argument("--cases", type=int, default=0, help="stop after so many; 0 goes on until Ctrl-C")
        parser.add_argument(
            "--seed", type=int, default=None, help="the same cases at the same intervals again"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("Invented cases are for demo mode only: set DEMO=true.")
        if options["per_hour"] <= 0:
            raise CommandError("--per-hour is more than 0.")
        chance = random.Random(options["seed"])  # chance, not secrecy
        count = 0
        while not options["cases"] or count < options["cases"]:
            time.sleep(chance.expovariate(options["per_hour"] / 3600))
            newest = Referral.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
            case = send(chance.choice(PLAYS), newest + 1000, at=now(), cast=cast())
            count += 1
            self.stdout.write(f"{case.reference} ({case.stream})")
