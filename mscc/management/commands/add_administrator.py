"""manage.py add_administrator NAME: the first account of an installation, asked for its password."""

import getpass
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.administration import Person, save_user
from accounts.models import Organisation, User
from kernel.actors import Actor, Role
from kernel.refusals import Invalid
from kernel.time import now

INSTALLER = Actor(key="service", role=Role.ADMINISTRATOR, name="Installation")


class Command(BaseCommand):
    help = "Add a service administrator; for a fresh installation."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="the person's name")
        parser.add_argument("--username", default="administrator")
        parser.add_argument("--organisation", required=True, help="ODS code of the service's organisation")
        parser.add_argument("--organisation-name", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        if User.objects.filter(role=Role.ADMINISTRATOR.value, is_demo=False, is_active=True).exists():
            raise CommandError("There is an administrator: further users are added in Settings.")
        code = options["organisation"].upper()
        Organisation.objects.get_or_create(pk=code, defaults={"name": options["organisation_name"] or code})
        person = Person(
            username=options["username"],
            name=options["name"],
            role=Role.ADMINISTRATOR.value,
            organisation=code,
            password=getpass.getpass("Password (at least 12 characters): "),
        )
        try:
            save_user(person, by=INSTALLER, at=now())
        except Invalid as invalid:
            raise CommandError(
                "; ".join(text for texts in invalid.errors.values() for text in texts)
            ) from None
        self.stdout.write(f"{options['username']} can sign in.")
