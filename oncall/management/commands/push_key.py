"""manage.py push_key: a new key for Web Push, to set as PUSH_KEY."""

import base64
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Print a new key for Web Push. With another key every browser has to subscribe again."

    def handle(self, *args: Any, **options: Any) -> None:
        key = generate_private_key(SECP256R1())
        encoding = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        self.stdout.write(base64.b64encode(encoding).decode())
