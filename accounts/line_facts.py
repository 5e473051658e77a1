"""The facts in the ledger lines of people, sign-in, settings and hospital systems: see `ledger.facts`. Pure."""

from collections.abc import Sequence
from typing import Any, NotRequired, TypedDict

from ledger.facts import Facts


class SignedIn(Facts, total=False):
    """By which way, and what an NHS identity proved or why it was refused."""

    way: str
    assurance: str
    role: str
    organisation: str
    why: str
    in_place_of: str  # an NHS identity that the person has and did not use


SignInFailed = SignedIn


class SessionEnded(Facts):
    user: int
    sessions: int
    way: NotRequired[str]


class SecondFactorChanged(Facts):
    user: int
    change: str
    kind: NotRequired[str]


class NhsIdentityChanged(Facts):
    user: int
    change: str


class NhsRoleChanged(Facts):
    change: str
    code: str
    at: str
    role_here: str


class UserChanged(Facts, total=False):
    user: int | str
    new: bool
    role: str
    duties: Sequence[str]
    active: bool
    safety_officer: bool
    password_changed: bool


class OrganisationChanged(Facts):
    organisation: str
    successor: NotRequired[str | None]


SettingChanged = TypedDict(
    "SettingChanged", {"setting": str, "from": NotRequired[Any], "to": Any, "default": NotRequired[Any]}
)


class AccessLinkSent(Facts):
    purpose: str
    user: NotRequired[int]


class AccessLinkUsed(Facts):
    purpose: str


class CalendarLinkMade(Facts):
    user: int


class ClientRevoked(Facts):
    client: int


class ClientAdded(ClientRevoked):
    organisation: str
    scopes: list[str]


ClientChanged = ClientAdded


class CredentialAdded(ClientRevoked):
    credential: int
    type: str
    kid: str
    overlap_days: NotRequired[int]  # for how long the secrets before it hold


CredentialEnded = CredentialAdded
