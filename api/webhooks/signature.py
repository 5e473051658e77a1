"""The signatures of a delivery: Standard Webhooks, and the header of this service's own."""

import base64
import hashlib
import hmac
import uuid
from datetime import datetime

from django.conf import settings

from api.webhooks.models import Webhook

PREFIX = "whsec_"


def secret_of(salt: uuid.UUID) -> str:
    """The secret of a salt, as its owner keeps it. Nobody can make it from the database alone."""
    key = hmac.new(settings.SECRET_KEY.encode(), f"webhook {salt}".encode(), hashlib.sha256).digest()
    return PREFIX + base64.b64encode(key).decode()


def headers_of(webhook: Webhook, number: uuid.UUID, body: bytes, *, at: datetime) -> dict[str, str]:
    """The headers of a delivery; while a new secret is brought in, signed by both."""
    secrets = [secret_of(webhook.salt)]
    if webhook.earlier_salt is not None and webhook.earlier_until is not None and at < webhook.earlier_until:
        secrets.append(secret_of(webhook.earlier_salt))
    instant, name = int(at.timestamp()), f"msg_{number.hex}"
    standard = [_standard(secret, f"{name}.{instant}.".encode() + body) for secret in secrets]
    own = [f"v1={_own(secret, f'{instant}.'.encode() + body)}" for secret in secrets]
    return {
        "webhook-id": name,
        "webhook-timestamp": str(instant),
        "webhook-signature": " ".join(standard),
        "X-MSCC-Signature": ",".join([f"t={instant}", *own]),
    }


def _standard(secret: str, content: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return "v1," + base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()


def _own(secret: str, content: bytes) -> str:
    return hmac.new(secret.encode(), content, hashlib.sha256).hexdigest()
