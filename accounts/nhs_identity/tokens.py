"""The checks of the provider's tokens: signature first, then every claim."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import jwt
import redis
from django.conf import settings
from django.core.cache import cache
from jwt.exceptions import PyJWTError

from accounts.nhs_identity.claims import identifier
from accounts.nhs_identity.provider import Provider, issuer

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
LOGOUT = "http://schemas.openid.net/event/backchannel-logout"
LEEWAY = 30  # seconds by which the clocks of two machines may differ
OLDEST = 300  # seconds since a token was made
MOST_OF_TOKEN = 64 * 1024
_OPTIONS: Any = {
    "verify_exp": False,  # checked here, at an instant that is an argument
    "verify_nbf": False,
    "verify_iat": False,
    "verify_jti": False,
    "verify_sub": False,
}


class Refused(Exception):
    """A token that is refused, and why: for the log, never for the sender."""


def check_id_token(
    token: object,
    *,
    access_token: str,
    nonce: str,
    proved_since: datetime | None = None,
    at: datetime,
    provider: Provider,
) -> dict[str, Any]:
    """The claims of an ID token; Refused when anything about it is wrong.

    With `proved_since` the person must have proved who they are after that instant.
    """
    claims, algorithm = _signed_claims(token, at=at, provider=provider)
    sent = claims.get("nonce")
    if not isinstance(sent, str) or not hmac.compare_digest(sent.encode(), nonce.encode()):
        raise Refused("nonce")
    party = claims.get("azp")
    if party not in (None, settings.ENVIRONMENT.oidc_client_id):
        raise Refused("authorised party")
    if party is None and isinstance(claims.get("aud"), list) and len(claims["aud"]) > 1:
        raise Refused("several audiences without an authorised party")
    if not identifier(claims.get("sub")):
        raise Refused("subject")
    if "at_hash" in claims and claims["at_hash"] != _half_hash(access_token, algorithm):
        raise Refused("hash of the access token")
    if proved_since is not None:
        proved_at: Any = claims.get("auth_time")
        if not _is_number(proved_at) or proved_at < proved_since.timestamp() - LEEWAY:
            raise Refused("no new proof")
    return claims


def check_logout_token(token: object, *, at: datetime, provider: Provider) -> dict[str, Any]:
    """The claims of a logout token (OpenID Connect Back-Channel Logout 1.0); Refused when anything is wrong. Each holds once."""
    claims, _ = _signed_claims(token, at=at, provider=provider)
    events = claims.get("events")
    if not isinstance(events, Mapping) or not isinstance(events.get(LOGOUT), Mapping):
        raise Refused("no event of a logout")
    if "nonce" in claims:
        raise Refused("an ID token in place of a logout token")
    if not (identifier(claims.get("sub")) or identifier(claims.get("sid"))):
        raise Refused("neither subject nor session")
    number = identifier(claims.get("jti"))
    if not number or not _is_new(number):
        raise Refused("used before, or without a number")
    return claims


def _signed_claims(token: object, *, at: datetime, provider: Provider) -> tuple[dict[str, Any], str]:
    """The claims of a token that the provider signed, for us, and that holds now."""
    if not isinstance(token, str) or len(token) > MOST_OF_TOKEN:
        raise Refused("no token")
    try:
        head = jwt.get_unverified_header(token)
        algorithm = head.get("alg")
        if algorithm not in ALGORITHMS:
            raise Refused("algorithm")
        claims = jwt.decode(
            token,
            key=provider.key(head.get("kid"), algorithm),
            algorithms=[algorithm],
            audience=settings.ENVIRONMENT.oidc_client_id,
            issuer=issuer(),
            options=_OPTIONS,
        )
    except (PyJWTError, ValueError, TypeError, RecursionError) as fault:
        raise Refused(type(fault).__name__) from None
    instant = at.timestamp()
    made: Any = claims.get("iat")
    ends: Any = claims.get("exp")
    if not _is_number(made) or not instant - OLDEST <= made <= instant + LEEWAY:
        raise Refused("made too long ago, or in the future")
    if ends is None and "events" in claims:  # earlier providers give a logout token no end
        ends = made + OLDEST
    if not _is_number(ends) or ends <= instant - LEEWAY:
        raise Refused("it has ended")
    return claims, algorithm


def _half_hash(access_token: str, algorithm: str) -> str:
    """The left half of the hash of an access token, as an ID token has it (OpenID Connect Core, 3.1.3.6)."""
    size = algorithm[-3:] if algorithm[-3:].isdigit() else "512"
    whole = hashlib.new(f"sha{size}", access_token.encode()).digest()
    return base64.urlsafe_b64encode(whole[: len(whole) // 2]).rstrip(b"=").decode()


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_new(number: str) -> bool:
    """Whether a logout token comes for the first time. Without the cache it counts as new: to end a session is safe."""
    key = hashlib.sha256(f"{issuer()} {number}".encode()).hexdigest()
    try:
        return bool(cache.add(f"logout-token:{key}", 1, OLDEST + 3 * LEEWAY))
    except redis.RedisError:
        return True
