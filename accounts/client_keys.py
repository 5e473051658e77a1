"""The public keys of hospital systems: which are accepted, and what each is for."""

import json
from typing import Any

from jwt import PyJWK
from jwt.exceptions import PyJWTError

# Only signatures by a private key. None of them can be made with public data.
ALGORITHMS = (
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "EdDSA",
)
PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
LEAST_RSA_BITS, MOST_KEYS = 2048, 10
TYPES = ("RSA", "EC", "OKP")


def read_keys(text: str) -> list[dict[str, Any]]:
    """The keys of a JWKS, or of one JWK; ValueError with a sentence when one cannot be taken."""
    try:
        sent = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError("Paste the key set as JSON") from None
    keys = sent.get("keys", [sent]) if isinstance(sent, dict) else None
    if not isinstance(keys, list) or not 0 < len(keys) <= MOST_KEYS:
        raise ValueError(f"Paste a key set with 1 to {MOST_KEYS} keys")
    read = [_read(key) for key in keys]
    if len({key["kid"] for key in read}) != len(read):
        raise ValueError("Two keys have the same kid")
    return read


def _read(key: Any) -> dict[str, Any]:
    if not isinstance(key, dict) or key.get("kty") not in TYPES:
        raise ValueError("Each key is an RSA, EC or OKP key")
    if PRIVATE & set(key):
        raise ValueError("This is a private key: keep it to yourself, and paste the public one")
    kid = key.get("kid")
    if not isinstance(kid, str) or not kid.isprintable() or not 0 < len(kid) <= 200:
        raise ValueError("Each key has a kid of 1 to 200 printable characters")
    if key.get("use", "sig") != "sig":
        raise ValueError(f"The key {kid} is not for signatures")
    try:
        loaded: Any = PyJWK(key).key
    except (PyJWTError, ValueError, TypeError) as problem:
        raise ValueError(f"The key {kid} cannot be read") from problem
    if key["kty"] == "RSA" and loaded.key_size < LEAST_RSA_BITS:
        raise ValueError(f"The key {kid} is too short: an RSA key has {LEAST_RSA_BITS} bits or more")
    return key
