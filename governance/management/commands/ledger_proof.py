"""manage.py ledger_proof LINE: proofs of inclusion and consistency for one line, as JSON."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ledger.outside import NoSuchLine, proof_of


class Command(BaseCommand):
    help = "Print the proof that the newest seal includes one line, as in RFC 6962."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("line", type=int)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            proof = proof_of(options["line"])
        except NoSuchLine as fault:
            raise CommandError(str(fault)) from fault
        self.stdout.write(json.dumps(dict(proof), indent=1))
