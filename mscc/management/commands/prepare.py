"""manage.py prepare: migrations, grants and static files; with --demo also demo data for an empty database."""

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.urls import reverse

from mscc.database import prepare
from referrals.web.first_run import first_token, has_administrator


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
        if not has_administrator():
            address = settings.BASE_URL + reverse("first_administrator", args=[first_token()])
            self.stdout.write(f"Nobody administers this service yet. Open this address, once: {address}")
