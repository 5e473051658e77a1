"""manage.py swept_lately: exit code 1 when no sweep has ended well in the last minute."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.web.page import is_stale
from kernel.time import now, rfc3339
from oncall.sweep import last_sweep


class Command(BaseCommand):
    help = "Say whether clocks are being swept; for a supervisor or a health check."

    def handle(self, *args: Any, **options: Any) -> None:
        swept_at = last_sweep()
        if is_stale(swept_at, at=now()):
            raise CommandError(f"The last sweep ended at {rfc3339(swept_at) if swept_at else 'no time yet'}.")
        self.stdout.write(f"Swept at {rfc3339(swept_at)}." if swept_at else "")
