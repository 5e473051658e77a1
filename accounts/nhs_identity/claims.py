"""What an identity provider says of somebody, as NHS CIS2 words it. Pure, and safe against any shape."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

ROLES = ("nhsid_nrbac_roles", "nrbac_roles")  # of the scope nationalrbacaccess
UIDS = ("nhsid_useruid", "uid")
IDENTITY = ("id_assurance_level", "idassurancelevel")
MOST = 255  # characters of an identifier
MOST_ROLES = 200
CODE = re.compile(r"[A-Z0-9:]{1,60}\Z")
ORGANISATION = re.compile(r"[A-Z0-9]{1,9}\Z")
AAL = re.compile(r"AAL([0-3])")


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldRole:
    """A role that somebody holds at an organisation, such as S8000:G8000:R8000 at RXX01."""

    code: str
    name: str
    organisation: str  # its ODS code

    @property
    def job(self) -> str:
        """The last part of the code, such as R8000."""
        return self.code.rpartition(":")[2]

    @property
    def words(self) -> str:
        return f"{self.job} {self.name} at {self.organisation}".replace("  ", " ")


def uid_of(claims: Mapping[str, Any]) -> str:
    """The identifier by which accounts are linked, never an e-mail address; "" without one."""
    return next((uid for name in (*UIDS, "sub") if (uid := identifier(claims.get(name)))), "")


def identifier(value: object) -> str:
    """A printable identifier as it is; "" for anything else."""
    fits = isinstance(value, str) and value.isprintable() and 0 < len(value) <= MOST
    return str(value) if fits else ""


def roles_of(claims: Mapping[str, Any]) -> tuple[HeldRole, ...] | None:
    """The roles of somebody, each once; None if the provider says nothing of roles, which takes none away."""
    for name in ROLES:
        listed = claims.get(name)
        if isinstance(listed, list):
            roles = (_role(entry) for entry in listed[:MOST_ROLES] if isinstance(entry, Mapping))
            return tuple(dict.fromkeys(role for role in roles if role is not None))
    return None


def _role(entry: Mapping[str, Any]) -> HeldRole | None:
    code = str(entry.get("role_code") or "").strip().upper()
    organisation = str(entry.get("org_code") or "").strip().upper()
    if not CODE.match(code) or not ORGANISATION.match(organisation):
        return None
    words = re.findall(r'"([^"]+)"', str(entry.get("role_name") or "")) or [str(entry.get("role_name") or "")]
    name = " ".join(words[-1].split())[:80]
    return HeldRole(code=code, name=name if name.isprintable() else "", organisation=organisation)


def level_of(claims: Mapping[str, Any]) -> int:
    """The authenticator assurance level, 0 to 3. A range counts as its lowest, unless the provider says which it was."""
    named = [int(number) for number in AAL.findall(str(claims.get("acr") or ""))]
    if not named:
        return 0
    exact = _digit(claims.get("authentication_assurance_level"))
    return exact if min(named) <= exact <= max(named) else min(named)


def identity_level_of(claims: Mapping[str, Any]) -> int:
    """How well the provider has checked who this is, 0 to 3; 0 if it does not say."""
    return max((_digit(claims.get(name)) for name in IDENTITY), default=0)


def _digit(value: object) -> int:
    text = str(value if value is not None else "")
    return int(text) if text in ("1", "2", "3") else 0


def meets(acr: object, claims: Mapping[str, Any]) -> bool:
    """Whether an ID token shows the assurance that was asked for, such as AAL3_ANY. A missing one never does.

    `acr` may list several with spaces: the lowest is enough. Values of another scheme have to be the same word.
    """
    asked = str(acr).split()
    levels = [int(number) for word in asked for number in AAL.findall(word)]
    if levels:
        return level_of(claims) >= max(min(levels), 2)
    return isinstance(claims.get("acr"), str) and claims["acr"] in asked


def assurance_words(claims: Mapping[str, Any]) -> str:
    """The assurance of a sign-in for people, such as AAL3."""
    level = level_of(claims)
    return f"AAL{level}" if level else identifier(claims.get("acr")) or "no assurance"
