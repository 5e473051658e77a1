"""manage.py clean: deletes ended sessions and tokens, used links and keys. The scheduler does so every hour."""

from typing import Any

from django.core.management.base import BaseCommand

from kernel.time import now
from mscc.leftovers import clear


class Command(BaseCommand):
    help = (
        "Delete expired sessions, tokens, links and keys: never a record of a case, a page or a ledger line."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        counts = clear(at=now())
        self.stdout.write(", ".join(f"{count} {name}" for name, count in counts.items()) + " deleted")
