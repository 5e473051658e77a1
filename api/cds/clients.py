"""Which hospital records may call: each signs its calls with a key of the set that this installation was given.

Nothing is fetched. A `jku` in a token is ignored, so that no token can make this service read an address.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import jwt
import redis
import structlog
from django.conf import settings
from django.core.cache import cache
from jwt.exceptions import PyJWTError
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed

from accounts.client_keys import ALGORITHMS, read_keys
from kernel.time import now

LONGEST, LEEWAY = 300, 30  # seconds until a token ends; seconds by which two clocks may differ
MOST_OF_TOKEN = 8192
OPEN = "demo"  # the one caller of a demo without clients
_SIGNATURE_ALONE: Any = {
    f"verify_{name}": False for name in ("exp", "nbf", "iat", "aud", "iss", "sub", "jti")
}
_UNVERIFIED: Any = {**_SIGNATURE_ALONE, "verify_signature": False}
log = structlog.get_logger(__name__)


class Refused(Exception):
    """A token that is refused, and why: for the log, never for the sender."""


class CardClient:
    """A hospital record that may call."""

    is_authenticated = True

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer
        self.pk = f"cds:{hashlib.sha256(issuer.encode()).hexdigest()[:32]}"


class CardToken(BaseAuthentication):
    """A signed token for exactly this address. A demo without clients answers everybody."""

    def authenticate(self, request: Any) -> tuple[CardClient, None] | None:
        clients: Mapping[str, str] = settings.CDS_CLIENTS
        if settings.DEMO and not clients:
            return CardClient(OPEN), None
        scheme, _, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if not scheme:
            return None
        try:
            if scheme.lower() != "bearer":
                raise Refused("scheme")
            return CardClient(issuer_of(token.strip(), clients, address=request.path, at=now())), None
        except Refused as refusal:
            log.warning("card_token_refused", why=str(refusal))
            raise AuthenticationFailed("The token is not valid for this address, or has ended") from None

    def authenticate_header(self, request: Any) -> str:
        return 'Bearer realm="cds-services"'


def issuer_of(token: str, clients: Mapping[str, str], *, address: str, at: datetime) -> str:
    """The issuer that signed a token for this address; Refused when anything about it is wrong. Each works once."""
    header, claims = _unverified(token)
    issuer, algorithm = claims.get("iss"), header.get("alg")
    if algorithm not in ALGORITHMS:
        raise Refused("algorithm")
    if not isinstance(issuer, str) or issuer not in clients:
        raise Refused("issuer")
    key = next((key for key in _keys(clients[issuer]) if key["kid"] == header.get("kid")), None)
    if key is None:
        raise Refused("key")
    try:
        jwt.decode(
            token, key=jwt.PyJWK(key, algorithm=algorithm), algorithms=[algorithm], options=_SIGNATURE_ALONE
        )
    except (PyJWTError, ValueError, TypeError):
        raise Refused("signature") from None
    _check_claims(claims, address=address, at=at)
    _use_once(issuer, claims["jti"])
    return issuer


def _unverified(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    if len(token) > MOST_OF_TOKEN:
        raise Refused("length")
    try:
        whole = jwt.decode_complete(token, options=_UNVERIFIED)
    except (PyJWTError, ValueError, TypeError, RecursionError):
        raise Refused("not a token") from None
    return whole["header"], whole["payload"]


def _keys(file: str) -> list[dict[str, Any]]:
    """The keys in a file, read again each time: a key is changed without a restart."""
    try:
        return read_keys(Path(file).read_text())
    except (OSError, ValueError) as problem:
        log.error("key_set_unreadable", file=file, why=type(problem).__name__)
        raise Refused("key set") from None


def _check_claims(claims: Mapping[str, Any], *, address: str, at: datetime) -> None:
    audience = claims.get("aud")
    named = audience if isinstance(audience, list) else [audience]
    called = (settings.BASE_URL.rstrip("/") + address).rstrip("/")
    if called not in [name.rstrip("/") for name in named if isinstance(name, str)]:
        raise Refused("audience")
    instant = at.timestamp()
    ends: Any = claims.get("exp")
    begins: Any = claims.get("iat")
    if not _is_number(ends) or not instant - LEEWAY < ends <= instant + LONGEST + LEEWAY:
        raise Refused("end")
    if not _is_number(begins) or begins > instant + LEEWAY:
        raise Refused("begin")
    number = claims.get("jti")
    if not isinstance(number, str) or not 0 < len(number) <= 255:
        raise Refused("number")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _use_once(issuer: str, number: str) -> None:
    """Refused when it was used before, and when nobody can tell because the cache is away."""
    key = hashlib.sha256(f"{issuer} {number}".encode("utf-8", "backslashreplace")).hexdigest()
    try:
        is_new = cache.add(f"card:{key}", 1, LONGEST + 3 * LEEWAY)
    except redis.RedisError:
        raise Refused("the cache is away") from None
    if not is_new:
        raise Refused("used before")
