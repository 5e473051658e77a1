"""manage.py verify_ledger: every line, link and seal, and every record that a line binds.

Exit code 1 and the first bad line if one is bad.
"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from governance.verification import verify_everything


class Command(BaseCommand):
    help = "Check every ledger line, every chain and every seal, and the records that the lines bind."

    def handle(self, *args: Any, **options: Any) -> None:
        lines, records, fault = verify_everything()
        if fault is None:
            self.stdout.write(
                f"{lines} lines and {records} records verified; every chain and seal holds, "
                "and every record is as it was bound."
            )
        elif fault.line is None:
            raise CommandError(f"The ledger was cut: {fault.why}. {lines} lines verified.")
        else:
            raise CommandError(f"Line {fault.line} is bad: {fault.why}. {lines} lines verified before it.")
