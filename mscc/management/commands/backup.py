"""manage.py backup: one dump of the database into a folder, with a note of what it must hold."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from kernel.time import now
from mscc.backups import back_up


class Command(BaseCommand):
    help = "Back up the database as its owner. Prove it with restore_drill."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="an encrypted folder, copied to another place")
        parser.add_argument("--keep", type=int, default=48, help="how many backups stay")
        parser.add_argument("--programs", default="", help="the folder of PostgreSQL's programs")

    def handle(self, *args: Any, **options: Any) -> None:
        keep = max(options["keep"], 1)
        backup = back_up(options["folder"], at=now(), programs=options["programs"], keep=keep)
        held = backup.holding
        self.stdout.write(
            f"{backup.dump.name}: {held.lines} ledger lines, newest seal {held.seal} with root {held.root or 'none'}"
        )
