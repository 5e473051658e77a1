"""manage.py sign_in_table ADDRESS: where the demo is served and who can sign in."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from accounts.models import User
from accounts.people import ROLE_WORDS
from demo.people import CLIENT_ID, CLIENT_SECRET, PASSWORD
from kernel.actors import Role


class Command(BaseCommand):
    help = "Print the address and the demo accounts."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("address")

    def handle(self, *args: Any, **options: Any) -> None:
        people = User.objects.filter(is_demo=True, is_active=True).order_by("pk")
        lines = [f"  {user.username:<20} {ROLE_WORDS[Role(user.role)]}, {user.name}" for user in people]
        self.stdout.write(
            f"\nMSCC Coordinator (demo) on {options['address']}\n\n"
            f"Sign in with one of these and the password {PASSWORD}:\n" + "\n".join(lines) + "\n\n"
            f"Hospital system: client id {CLIENT_ID}, secret {CLIENT_SECRET}\n"
            "Ctrl-C stops everything.\n"
        )
