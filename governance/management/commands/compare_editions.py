"""manage.py compare_editions: every stored case under NG234 and CG75, with the differences."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from governance.editions import compare_case, newest_cases, tally


class Command(BaseCommand):
    help = "Evaluate the stored cases under NG234 (in force) and CG75 (2008, never active)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--differing", action="store_true", help="list only cases on which they differ")

    def handle(self, *args: Any, **options: Any) -> None:
        comparisons = []
        for case in newest_cases(None):
            line, comparison = compare_case(case)
            comparisons.append(comparison)
            if options["differing"] and line.agree:
                continue
            self.stdout.write(f"{line.reference}: NG234 {line.stream}; CG75 {line.outcome}. {line.because}")
            for difference in line.differences:
                self.stdout.write(f"    {difference.row}: {difference.says}")
        figures = tally(comparisons)
        self.stdout.write(
            f"{figures.cases} cases: {figures.agree} alike, {figures.not_computable} not computable under CG75. "
            + ", ".join(f"{row}: {number}" for row, number in figures.rows)
        )
