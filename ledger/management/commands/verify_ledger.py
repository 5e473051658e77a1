"""manage.py verify_ledger: every line, link and seal; exit code 1 and the first bad line if one is bad."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ledger.seal import verify


class Command(BaseCommand):
    help = "Check every ledger line, every chain and every seal."

    def handle(self, *args: Any, **options: Any) -> None:
        checked, fault = verify()
        if fault is None:
            self.stdout.write(f"{checked} lines verified; every chain and seal holds.")
        elif fault.line is None:
            raise CommandError(f"The ledger was cut: {fault.why}. {checked} lines verified.")
        else:
            raise CommandError(f"Line {fault.line} is bad: {fault.why}. {checked} lines verified before it.")
