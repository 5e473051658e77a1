"""manage.py prepare: migrations, grants and static files; with --demo also demo data where there is none."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser

from mscc.database import prepare


class Command(BaseCommand):
    help = "Get the database and the static files ready. Safe to repeat."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--demo", action="store_true", help="add demo data to an empty database")
        parser.add_argument(
            "--without-static", action="store_true", help="leave the static files as they are"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        prepare()
        if not options["without_static"]:
            call_command("collectstatic", verbosity=0, interactive=False)
        if options["demo"]:
            call_command("seed_demo")
