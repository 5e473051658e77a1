"""manage.py restore_drill: restores the newest backup beside the service, verifies it, and says what would be lost."""

from contextlib import nullcontext
from pathlib import Path
from typing import Any

import psycopg
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, connections

from kernel.time import from_rfc3339, now
from mscc.backups import Holding, holding_of, newest, plain, restore, scratch_server, verify_copy


class Command(BaseCommand):
    help = "Restore the newest backup into a scratch server, verify every line and seal, and say how much would be lost."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="where backup puts its dumps")
        parser.add_argument(
            "--into", default="", help="address of an empty database; else a server is made for it"
        )
        parser.add_argument("--seal", default="", help="NUMBER:ROOT of the newest seal that is kept outside")
        parser.add_argument("--programs", default="", help="the folder of PostgreSQL's programs")

    def handle(self, *args: Any, **options: Any) -> None:
        backup = newest(options["folder"])
        programs = options["programs"]
        with nullcontext(options["into"]) if options["into"] else scratch_server(programs) as address:
            held = restore(backup, address, programs=programs)
            if held.last_line < backup.holding.last_line or held.lines < backup.holding.lines:
                raise CommandError(f"{backup.dump.name} lacks lines that were written before it was made.")
            self.stdout.write(verify_copy(address))
            if options["seal"]:
                self.stdout.write(_compare(address, options["seal"]))
        age = (now() - backup.made_at).total_seconds() / 60
        self.stdout.write(f"{backup.dump.name} can be restored. It is {age:.0f} minutes old. {_loss(held)}")


def _compare(address: str, text: str) -> str:
    """Whether the copy holds a seal that was kept outside, with the same root."""
    number, _, root = text.partition(":")
    if not number.isdigit() or not root:
        raise CommandError("Write the seal as NUMBER:ROOT, as backup prints it.")
    with psycopg.connect(address) as copy:
        row = copy.execute("SELECT root FROM ledger_seal WHERE id = %s", [int(number)]).fetchone()
    if row is None:
        return f"Seal {number}, kept outside, is newer than this backup."
    if row[0] != root:
        raise CommandError(
            f"Seal {number} has another root than the one kept outside: the ledger was changed."
        )
    return f"Seal {number} is the one kept outside."


def _loss(held: Holding) -> str:
    """What the live database has beyond the copy."""
    given = connections["owner"].get_connection_params()
    try:
        with psycopg.connect(**plain(given)) as live:
            present = holding_of(live)
    except (psycopg.Error, DatabaseError):
        return "The live database does not answer, so the loss cannot be counted."
    lost = present.lines - held.lines
    if lost <= 0:
        return "Nothing would be lost."
    since = from_rfc3339(held.written_at) if held.written_at else None
    span = (from_rfc3339(present.written_at) - since).total_seconds() / 60 if since else 0
    after = f", written within {span:.0f} minutes after {held.written_at}" if since else ""
    return f"Lost would be {lost} ledger lines{after}."
