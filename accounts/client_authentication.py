"""How a hospital system proves who it is: by a secret, or by a signed assertion (private_key_jwt, RFC 7523)."""

import base64
import hashlib
import hmac
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote_plus

import jwt
import redis
import structlog
from django.conf import settings
from django.core.cache import cache
from django.db.models import Q
from django.urls import reverse
from jwt.exceptions import PyJWTError
from oauth2_provider.oauth2_validators import OAuth2Validator

from accounts.client_keys import ALGORITHMS
from accounts.models import ApiClient, ClientCredential
from kernel.time import now

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LONGEST = 300  # seconds from now until an assertion ends
LEEWAY = 30  # seconds by which the clocks of two machines may differ
MOST_OF_ASSERTION = 8192
USE_NOTED_EVERY = timedelta(minutes=1)
_WITHOUT_TIMES: Any = {
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
    "verify_aud": False,
    "verify_iss": False,
    "verify_sub": False,
    "verify_jti": False,
}
_UNVERIFIED: Any = {**_WITHOUT_TIMES, "verify_signature": False}
log = structlog.get_logger(__name__)


class Refused(Exception):
    """An assertion that is refused, and why: for the log, never for the sender."""


def token_address() -> str:
    """The address that an assertion names as its audience, character for character."""
    return settings.BASE_URL + reverse("token")


class ClientValidator(OAuth2Validator):
    """The library's checks, with several secrets or keys for a client."""

    def authenticate_client(self, request: Any, *args: Any, **kwargs: Any) -> bool:
        at = now()
        if getattr(request, "client_assertion", None) is not None:
            return self._proven_by_assertion(request, at=at)
        client_id, secret = self._sent_secret(request)
        client = self._load_application(client_id, request) if client_id else None
        if client is None or not secret:
            return bool(super().authenticate_client(request, *args, **kwargs))
        if (credential := _secret_of(client, secret, at=at)) is not None:
            _note_use(client, credential, at=at)
            return True
        proven = bool(super().authenticate_client(request, *args, **kwargs))
        if proven:
            _note_use(client, None, at=at)
        return proven

    def _proven_by_assertion(self, request: Any, *, at: datetime) -> bool:
        try:
            if request.client_assertion_type != ASSERTION_TYPE:
                raise Refused("type of assertion")
            client, credential = client_of(str(request.client_assertion), at=at)
            named = getattr(request, "client_id", None)
            if named and named != client.client_id:
                raise Refused("another client is named")
        except Refused as refusal:
            log.warning("assertion_refused", why=str(refusal))
            return False
        request.client = client
        _note_use(client, credential, at=at)
        return True

    def _sent_secret(self, request: Any) -> tuple[str, str]:
        """The client and its secret, from the Basic header or the body."""
        basic = self._extract_basic_auth(request)
        if not basic:
            return str(getattr(request, "client_id", None) or ""), str(
                getattr(request, "client_secret", None) or ""
            )
        try:
            decoded = _from_base64(basic)
        except ValueError:
            return "", ""
        client_id, _, secret = decoded.partition(":")
        return unquote_plus(client_id), unquote_plus(secret)

    def revoke_token(self, token: str, token_type_hint: str, request: Any, *args: Any, **kwargs: Any) -> None:
        """Revoke a token of the client that asks; the token of another stays."""
        stored = self._load_access_token(token)
        if stored is not None and stored.application_id == request.client.pk:
            stored.delete()


def _from_base64(text: str) -> str:
    return base64.b64decode(text).decode("utf-8")


def hash_of_secret(secret: str) -> str:
    """The form in which a secret is kept: it is long and random, so that one hash is enough."""
    return hashlib.sha256(secret.encode()).hexdigest()


def holding(at: datetime) -> Q:
    """The credentials that are valid at an instant."""
    return Q(ended_at=None) & (Q(expires_at=None) | Q(expires_at__gt=at))


def _secret_of(client: ApiClient, secret: str, *, at: datetime) -> ClientCredential | None:
    sent = hash_of_secret(secret)
    rows = client.credentials.filter(holding(at), kind=ClientCredential.SECRET)
    return next((row for row in rows if hmac.compare_digest(row.secret_hash, sent)), None)


def _note_use(client: ApiClient, credential: ClientCredential | None, *, at: datetime) -> None:
    """When it was last used, to the minute."""
    for row in (client, credential):
        if row is not None and (row.last_used_at is None or at - row.last_used_at > USE_NOTED_EVERY):
            row.last_used_at = at
            row.save(update_fields=["last_used_at"])


def client_of(assertion: str, *, at: datetime) -> tuple[ApiClient, ClientCredential]:
    """The client that signed an assertion, and its key; Refused when anything about it is wrong. Each works once."""
    header, claims = _unverified(assertion)
    if header.get("alg") not in ALGORITHMS:
        raise Refused("algorithm")
    subject = claims.get("sub")
    if not isinstance(subject, str) or not subject.isprintable() or claims.get("iss") != subject:
        raise Refused("issuer or subject")
    client = ApiClient.objects.filter(client_id=subject, revoked_at=None).first()
    if client is None:
        raise Refused("unknown client")
    for credential in _keys_of(client, header.get("kid"), at=at):
        try:
            key = jwt.PyJWK(credential.jwk or {}, algorithm=header["alg"])
            jwt.decode(assertion, key=key, algorithms=[header["alg"]], options=_WITHOUT_TIMES)
        except (PyJWTError, ValueError, TypeError):
            continue
        _check_times(claims, at=at)
        _use_once(client, claims, at=at)
        return client, credential
    raise Refused("signature")


def _unverified(assertion: str) -> tuple[dict[str, Any], dict[str, Any]]:
    if len(assertion) > MOST_OF_ASSERTION:
        raise Refused("length")
    try:
        whole = jwt.decode_complete(assertion, options=_UNVERIFIED)
    except (PyJWTError, ValueError, TypeError, RecursionError):
        raise Refused("not a token") from None
    return whole["header"], whole["payload"]


def _keys_of(client: ApiClient, kid: object, *, at: datetime) -> Iterator[ClientCredential]:
    rows = client.credentials.filter(holding(at), kind=ClientCredential.KEY)
    return (row for row in rows if kid is None or row.kid == kid)


def _check_times(claims: Any, *, at: datetime) -> None:
    """Refused unless it is meant for this address and ends soon."""
    audience = claims.get("aud")
    named = audience if isinstance(audience, list) else [audience]
    if token_address() not in named:
        raise Refused("audience")
    instant, ends = at.timestamp(), claims.get("exp")
    if not _is_number(ends) or not instant - LEEWAY < ends <= instant + LONGEST + LEEWAY:
        raise Refused("end")
    for name in ("iat", "nbf"):
        begins = claims.get(name)
        if begins is not None and (not _is_number(begins) or begins > instant + LEEWAY):
            raise Refused(name)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _use_once(client: ApiClient, claims: dict[str, Any], *, at: datetime) -> None:
    """Refused when its number was used before, and when nobody can tell because the cache is away."""
    number = claims.get("jti")
    if not isinstance(number, str) or not 0 < len(number) <= 255:
        raise Refused("number")
    key = hashlib.sha256(f"{client.pk} {number}".encode("utf-8", "backslashreplace")).hexdigest()
    try:
        is_new = cache.add(f"assertion:{key}", 1, LONGEST + 3 * LEEWAY)
    except redis.RedisError:
        raise Refused("the cache is away") from None
    if not is_new:
        raise Refused("used before")
