"""manage.py seed_demo: invented people, a rota and about forty cases. Demo mode only, safe to repeat."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from demo.cases import play_all
from demo.people import add_people, add_rota
from kernel.time import now
from referrals.case.models import Referral


class Command(BaseCommand):
    help = "Add demo data where there is none."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("Demo data is for demo mode only: set DEMO=true.")
        at = now()
        add_people(at=at)
        add_rota(at=at)
        if not Referral.objects.exists():
            self.stdout.write(f"{play_all(at=at)} invented cases added.")
