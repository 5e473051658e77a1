"""The key with which this service proves itself to the identity provider (private_key_jwt, RFC 7523)."""

import base64
import hashlib
import json
import secrets
from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

LASTS = 60  # seconds
OF_RSA = ("RS512", "PS512", "RS384", "PS384", "RS256", "PS256")  # NHS platforms ask for RS512
OF_CURVE = {256: "ES256", 384: "ES384", 521: "ES512"}
THUMBPRINT = {"RSA": ("e", "kty", "n"), "EC": ("crv", "kty", "x", "y")}


class UnusableKey(ValueError):
    """The file of OIDC_KEY holds no RSA or elliptic private key in PEM."""


def assertion(pem: str, *, client_id: str, audience: str, supported: Iterable[str], at: datetime) -> str:
    """A statement of this service about itself, for one token request."""
    key, now = _key(pem), int(at.timestamp())
    claims = {
        "iss": client_id,
        "sub": client_id,
        "aud": audience,
        "iat": now,
        "exp": now + LASTS,
        "jti": secrets.token_urlsafe(24),
    }
    return jwt.encode(
        claims, key, algorithm=_algorithm(key, set(supported)), headers={"kid": _public(pem)["kid"]}
    )


def public_keys(pem: str) -> dict[str, Any]:
    """The public half as a JWKS, for the provider."""
    return {"keys": [{**_public(pem), "use": "sig"}] if pem else []}


def _algorithm(key: Any, supported: set[str]) -> str:
    if isinstance(key, EllipticCurvePrivateKey):
        return OF_CURVE[key.curve.key_size]
    return next((name for name in OF_RSA if name in supported), OF_RSA[0])


@cache
def _key(pem: str) -> RSAPrivateKey | EllipticCurvePrivateKey:
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError):
        raise UnusableKey("OIDC_KEY is not a private key in PEM") from None
    if not isinstance(key, RSAPrivateKey | EllipticCurvePrivateKey):
        raise UnusableKey("OIDC_KEY is not an RSA or elliptic key")
    return key


@cache
def _public(pem: str) -> dict[str, Any]:
    key = _key(pem)
    algorithm: Any = jwt.get_algorithm_by_name("RS256" if isinstance(key, RSAPrivateKey) else "ES256")
    jwk: dict[str, Any] = algorithm.to_jwk(key.public_key(), as_dict=True)
    jwk = {name: value for name, value in jwk.items() if name in THUMBPRINT[jwk["kty"]]}
    ordered = json.dumps(jwk, sort_keys=True, separators=(",", ":")).encode()
    kid = base64.urlsafe_b64encode(hashlib.sha256(ordered).digest()).rstrip(b"=").decode()  # RFC 7638
    return {**jwk, "kid": kid}
