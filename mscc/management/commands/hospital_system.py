"""manage.py hospital_system: add a hospital system, give it a secret or keys, and revoke it, without the pages."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import machine_clients as systems
from accounts.models import ApiClient
from kernel.actors import Actor, Role
from kernel.refusals import Refusal
from kernel.time import now

INSTALLER = Actor(key="service", role=Role.ADMINISTRATOR, name="Installation")


class Command(BaseCommand):
    help = "Add a hospital system, give it a secret or keys, list them, or revoke one."

    def add_arguments(self, parser: CommandParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True)
        add = acts.add_parser("add")
        add.add_argument("name")
        add.add_argument("--organisation", required=True, help="ODS code")
        add.add_argument("--scope", action="append", required=True)
        secret = acts.add_parser("secret")
        secret.add_argument("--overlap-days", type=int, default=7)
        keys = acts.add_parser("keys", help="the JWKS is read from standard input")
        revoke = acts.add_parser("revoke")
        for each in (secret, keys, revoke):
            each.add_argument("client_id")
        acts.add_parser("list")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self.stdout.write(getattr(self, f"_{options['act']}")(options))
        except Refusal as refusal:
            texts = [text for texts in refusal.errors.values() for text in texts]
            raise CommandError("; ".join([refusal.sentence, *texts])) from None

    def _add(self, options: dict[str, Any]) -> str:
        typed = systems.ClientTyped(
            name=options["name"], organisation=options["organisation"].upper(), scopes=tuple(options["scope"])
        )
        return f"client id {systems.save_client(typed, by=INSTALLER, at=now()).client_id}"

    def _secret(self, options: dict[str, Any]) -> str:
        number = _number_of(options["client_id"])
        secret = systems.add_secret(number, overlap_days=options["overlap_days"], by=INSTALLER, at=now())
        return f"secret {secret}\nIt is not kept here and is not shown again."

    def _keys(self, options: dict[str, Any]) -> str:
        added = systems.add_keys(_number_of(options["client_id"]), sys.stdin.read(), by=INSTALLER, at=now())
        return f"keys {', '.join(added)}"

    def _revoke(self, options: dict[str, Any]) -> str:
        return (
            f"revoked {systems.revoke_client(_number_of(options['client_id']), by=INSTALLER, at=now()).name}"
        )

    def _list(self, options: dict[str, Any]) -> str:
        return "\n".join(
            f"{row.client_id}  {row.name}  {row.organisation_id}  {'revoked' if row.revoked_at else 'in use'}"
            for row in systems.clients()
        )


def _number_of(client_id: str) -> int:
    row = ApiClient.objects.filter(client_id=client_id).first()
    if row is None:
        raise CommandError("There is no such hospital system")
    return int(row.pk)
