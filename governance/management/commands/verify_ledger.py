"""manage.py verify_ledger: every line, link and seal, and every record that a line binds.

With --seal also against seals that were kept outside. Exit code 1 and the first bad line if one is bad.
"""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from governance.verification import verify_everything
from ledger.outside import SealFileUnreadable, read


class Command(BaseCommand):
    help = "Check every ledger line, every chain and every seal, and the records that the lines bind."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--seal", type=Path, help="a file of seals that was kept outside the database")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            outside = read(options["seal"]) if options["seal"] else []
        except SealFileUnreadable as fault_of_file:
            raise CommandError(str(fault_of_file)) from fault_of_file
        lines, records, fault = verify_everything(outside)
        if fault is None:
            self.stdout.write(
                f"{lines} lines and {records} records verified; every chain and seal is intact, and every record is as it was bound."
            )
        elif fault.line is None:
            raise CommandError(f"The ledger was cut: {fault.why}. {lines} lines verified.")
        else:
            raise CommandError(f"Line {fault.line} is bad: {fault.why}. {lines} lines verified before it.")
