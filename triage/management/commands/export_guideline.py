"""manage.py export_guideline: the ruleset as one FHIR R4 PlanDefinition and its Library."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from triage.plan_definition import bundle


class Command(BaseCommand):
    help = "Write the ruleset as a FHIR R4 Bundle of a PlanDefinition and a Library."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", default="-", help="where to; - is standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        text = json.dumps(bundle(), indent=2, ensure_ascii=False)
        if options["file"] == "-":
            self.stdout.write(text)
        else:
            Path(options["file"]).write_text(text + "\n")
            self.stdout.write(f"{options['file']} written.")
