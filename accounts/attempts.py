"""Wrong secrets slow down the person who tries them, and never lock out the owner of a name.

django-axes locks a name for the address that tried it. Two things are added here: an address that tries many names has to
pause between tries, and tries from elsewhere do not count against a device on which the owner has signed in before. Counts live in
the cache; without the cache nothing is slowed down, because a referral matters more.
"""

import hashlib
import secrets
from typing import Any

import redis
from django.conf import settings
from django.core import signing
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse

from accounts.backends import name_tried
from accounts.models import User
from webkit.client_address import client_network

COUNTED_FOR = 900  # seconds for which a wrong secret is counted
MOST_OF_ADDRESS, PAUSE = (
    20,
    5,
)  # wrong secrets of one address before it has to pause; seconds between its tries then
MOST_OF_DEVICE = 10  # wrong passwords on a known device; after them it is a device like any other
DEVICE, KNOWN_FOR = "mscc_device", 90 * 24 * 3600


def pause(request: HttpRequest) -> int:
    """The seconds this address has to wait before its next try; 0 when it may try now, which begins the next pause."""
    address = client_network(request)
    if is_known_device(request, name_tried(request)) or count(f"address:{address}") < MOST_OF_ADDRESS:
        return 0
    try:
        return 0 if cache.add(_key(f"try:{address}"), 1, PAUSE) else PAUSE
    except redis.RedisError:
        return 0


def record_wrong(request: HttpRequest, name: str) -> None:
    """Count a wrong secret against its address and, on a device known for this name, against the device."""
    count_one_more(f"address:{client_network(request)}")
    if device := _device_of(request, name):
        count_one_more(f"device:{device}")


def is_known_device(request: HttpRequest, name: str) -> bool:
    """Whether the owner of this name has signed in on this device before and few passwords were wrong on it since."""
    device = _device_of(request, name)
    return bool(device) and count(f"device:{device}") < MOST_OF_DEVICE


def is_never_locked(request: HttpRequest, credentials: dict[str, Any] | None = None) -> bool:
    """For django-axes: tries on a known device are neither refused nor counted for its address."""
    return is_known_device(request, name_tried(request, credentials))


def remember_device(request: HttpRequest, answer: HttpResponse, user: User) -> None:
    """Let this browser prove later that its owner has signed in here, for ninety days. The cookie signs nobody in."""
    device = _device_of(request, user.username) or secrets.token_urlsafe(16)
    answer.set_signed_cookie(
        f"{settings.COOKIE_PREFIX}{DEVICE}",
        f"{device} {user.username}",
        max_age=KNOWN_FOR,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _device_of(request: HttpRequest, name: str) -> str:
    """The number of the device if it is known for this name, otherwise ""."""
    try:
        cookie = request.get_signed_cookie(f"{settings.COOKIE_PREFIX}{DEVICE}", max_age=KNOWN_FOR)
    except (KeyError, signing.BadSignature):
        return ""
    device, _, known = (cookie or "").partition(" ")
    return device if name and known == name else ""


def count(of: str) -> int:
    """How many secrets were wrong in the last quarter of an hour."""
    try:
        return int(cache.get(_key(of), 0))
    except redis.RedisError:
        return 0


def count_one_more(of: str) -> None:
    """Count a wrong secret. The quarter of an hour runs from the first one: a further try does not renew it."""
    try:
        cache.add(_key(of), 0, COUNTED_FOR)
        cache.incr(_key(of))
    except (redis.RedisError, ValueError):  # away, or forgotten in between
        return


def _key(of: str) -> str:
    return f"wrong-secrets:{hashlib.sha256(of.encode()).hexdigest()}"
