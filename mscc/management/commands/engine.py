"""manage.py engine: which version of the rules for clocks this code has, and which one the database asks for."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from kernel.time import now
from oncall import engine


class Command(BaseCommand):
    help = "Show the version of the engine; `--take-back` lets this older version climb clocks again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--take-back",
            action="store_true",
            help="after an update was rolled back and every newer sweeper was ended",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["take_back"]:
            before = engine.take_back(at=now())
            self.stdout.write(f"The database asked for version {before}. Now it asks for {engine.VERSION}.")
            return
        self.stdout.write(
            f"This code is version {engine.VERSION}. The database asks for {engine.version_of_database() or 'none'}."
        )
