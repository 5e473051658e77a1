"""manage.py seal_key: a new key that signs the seals of the ledger."""

from typing import Any

from django.core.management.base import BaseCommand

from ledger.key import new_key


class Command(BaseCommand):
    help = "Print a new private key for SEAL_KEY_FILE. Keep it outside the database and readable by the service alone."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(new_key(), ending="")
