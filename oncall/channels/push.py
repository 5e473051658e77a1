"""Web Push (RFC 8030, 8291, 8292): a notification in the browser that a person subscribed, encrypted for it.

A push service has no look-up. It replaces an undelivered message of the same topic, and the browser replaces a
notification of the same tag, so that a page sent twice shows once.
"""

import base64
from datetime import datetime
from functools import lru_cache
from urllib.parse import urlsplit

import requests
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
)
from django.conf import settings
from pydantic import ValidationError
from webpush import WebPush
from webpush.types import WebPushSubscription
from webpush.vapid import VAPID

from oncall.channels.deadline import in_time
from oncall.channels.faults import Refused, fault_of_answer
from oncall.channels.text import link_of, short_text_of, subject_of
from oncall.models import Page
from oncall.reach import address_of

PATIENCE = 5  # seconds
TIME_TO_LIVE = 3600  # seconds for which the push service keeps what it cannot deliver
UNSUBSCRIBED = (404, 410)
POINT_BYTES, AUTH_BYTES = 65, 16


def send(page: Page, *, at: datetime) -> bool:
    """Send one page to the push service of the person's browser; OSError when it refuses."""
    subscription = WebPushSubscription.model_validate_json(address_of(page.recipient, "push"))
    text, _, _ = short_text_of(page, at=at).rpartition(" ")
    content = {
        "title": subject_of(page, at=at),
        "body": text,
        "link": link_of(page),
        "tag": str(page.client_reference),
    }
    try:
        message = _pusher(settings.ENVIRONMENT.push_key).get(content, subscription)
    except ValueError:
        raise Refused("the keys of the browser cannot be used") from None
    headers = {**message.headers, "topic": page.client_reference.hex, "urgency": "high"}
    with in_time():
        answer = requests.post(
            str(subscription.endpoint),
            data=message.encrypted,
            headers=headers,
            timeout=PATIENCE,
            allow_redirects=False,
        )
    if answer.status_code in UNSUBSCRIBED:
        raise Refused("the browser is no longer subscribed")
    if not 200 <= answer.status_code < 300:
        raise fault_of_answer("the push service", answer.status_code, answer.headers)
    return True


def fault_of(subscription: str) -> str:
    """What is wrong with a browser's subscription; empty when nothing is.

    This server will post to its address, so only the push services of known browsers are allowed.
    """
    try:
        details = WebPushSubscription.model_validate_json(subscription)
    except ValidationError:
        return "This browser sent no subscription that can be read"
    parts = urlsplit(str(details.endpoint))
    host = parts.hostname or ""
    is_known = any(host == name or host.endswith(f".{name}") for name in settings.ENVIRONMENT.push_hosts)
    if parts.scheme != "https" or parts.port not in (None, 443) or not is_known:
        return "This browser's push service is not among those that this service sends to"
    fits = _is_point(_decoded(details.keys.p256dh)) and len(_decoded(details.keys.auth)) == AUTH_BYTES
    return "" if fits else "The keys of this subscription cannot be read"


def public_key() -> str:
    """The key that a browser subscribes with; empty where Web Push is not set up."""
    key = settings.ENVIRONMENT.push_key
    return VAPID.get_application_server_key(_private(key).public_key()) if key else ""


def _decoded(key: str) -> bytes:
    """The bytes of a key; none where it cannot be read."""
    try:
        return base64.urlsafe_b64decode(key + "=" * (-len(key) % 4))
    except ValueError:
        return b""


def _is_point(key: bytes) -> bool:
    """Whether it is a public key that something can be encrypted for: a page would fail on any other."""
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), key)
    except ValueError:
        return False
    return len(key) == POINT_BYTES


def _private(key: str) -> PrivateKeyTypes:
    return load_der_private_key(base64.b64decode(key), password=None)


@lru_cache(maxsize=2)
def _pusher(key: str) -> WebPush:
    private = _private(key)
    return WebPush(
        private_key=private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        public_key=private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        subscriber=settings.DEFAULT_FROM_EMAIL,
        ttl=TIME_TO_LIVE,
    )
