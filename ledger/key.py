"""The key that signs seals: Ed25519, in a file outside the database.

The file holds PEM blocks: one private key, and the public keys that signed before it, if any.
"""

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

BLOCK = re.compile(r"-----BEGIN (PRIVATE|PUBLIC) KEY-----.+?-----END \1 KEY-----\n?", re.S)


class KeyFileUnreadable(RuntimeError):
    """The file of the key cannot be read, or holds something else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """The key that signs, if any, and every public key by its name."""

    private: Ed25519PrivateKey | None = None
    public: Mapping[str, Ed25519PublicKey] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The name of the key that signs; empty without one."""
        return name_of(self.private.public_key()) if self.private else ""

    def sign(self, content: bytes) -> str:
        """The signature as base64; empty without a key."""
        return base64.b64encode(self.private.sign(content)).decode() if self.private else ""

    def fits(self, signature: str, content: bytes, *, by: str) -> bool:
        """Whether the key of this name signed the content."""
        try:
            self.public[by].verify(base64.b64decode(signature, validate=True), content)
        except (KeyError, ValueError, InvalidSignature):
            return False
        return True

    def as_pem(self) -> str:
        """The public keys, the one that signs now first."""
        ours = sorted(self.public.items(), key=lambda item: item[0] != self.name)
        return "".join(
            key.public_bytes(
                serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
            ).decode()
            for _, key in ours
        )


def name_of(key: Ed25519PublicKey) -> str:
    """The first 16 hex digits of the SHA-256 of a public key."""
    raw = key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return hashlib.sha256(raw).hexdigest()[:16]


def keys_in(path: str) -> Keys:
    """The keys of a file; none where no file is named. KeyFileUnreadable."""
    if not path:
        return Keys()
    try:
        blocks = [(match[1], match[0].encode()) for match in BLOCK.finditer(Path(path).read_text())]
        private: list[Any] = [
            serialization.load_pem_private_key(pem, None) for kind, pem in blocks if kind == "PRIVATE"
        ]
        public: list[Any] = [
            serialization.load_pem_public_key(pem) for kind, pem in blocks if kind == "PUBLIC"
        ]
    except (OSError, ValueError) as fault:
        raise KeyFileUnreadable(f"{path}: {fault}") from fault
    wrong = any(not isinstance(key, Ed25519PrivateKey) for key in private) or any(
        not isinstance(key, Ed25519PublicKey) for key in public
    )
    if wrong or not blocks or len(private) > 1:
        raise KeyFileUnreadable(f"{path} holds no Ed25519 key, or more than one private one")
    all_public = [*(key.public_key() for key in private), *public]
    return Keys(private=private[0] if private else None, public={name_of(key): key for key in all_public})


def new_key() -> str:
    """A new private key as PEM."""
    return (
        Ed25519PrivateKey.generate()
        .private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        .decode()
    )
