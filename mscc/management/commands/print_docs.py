"""manage.py print_docs: docs/guideline.md, docs/states.md, docs/clocks.md and ledger/forms.json, from the code that runs."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from mscc.documents import DOCUMENTS


class Command(BaseCommand):
    help = "Print the documents that are made from code."

    def handle(self, *args: Any, **options: Any) -> None:
        for name, write in DOCUMENTS.items():
            content = write()
            (Path(settings.ROOT) / "docs" / name).write_text(content)
            self.stdout.write(f"docs/{name}")
