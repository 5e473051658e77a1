"""manage.py replay_assessments: every stored assessment evaluated again by the ruleset that gave it."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from triage.assess import replay
from triage.models import Assessment


class Command(BaseCommand):
    help = "Evaluate every stored assessment again by its own ruleset; exit code 1 if an answer differs."

    def handle(self, *args: Any, **options: Any) -> None:
        same, differing = 0, []
        for assessment in Assessment.objects.order_by("id").iterator(chunk_size=500):
            if replay(assessment):
                same += 1
            else:
                differing.append(str(assessment.pk))
        if differing:
            raise CommandError(f"{same} alike; these assessments differ: {', '.join(differing[:20])}")
        self.stdout.write(f"{same} assessments replayed, every answer the same.")
