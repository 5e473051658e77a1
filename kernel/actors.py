"""Actors: a person, a hospital system, or this service itself."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    REFERRER = "referrer"
    COORDINATOR = "coordinator"
    MDT_MEMBER = "mdt"
    LEAD = "lead"
    ADMINISTRATOR = "admin"
    CLIENT = "client"
    SYSTEM = "system"


class ActingRole(StrEnum):
    """The capacity in which a person does a coordinator's work."""

    COORDINATOR = "coordinator"
    COVERING_CLINICIAN = "covering_clinician"
    OTHER_DESIGNATED = "other_designated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """A person or system that acts; the ledger stores its `key`, such as user:12."""

    key: str
    role: Role
    name: str = ""
    organisation: str = ""
    acting_role: ActingRole | None = None
    specialty: str = ""
    duties: tuple[str, ...] = ()
    own_only: bool = False  # sees their own referrals only, not their organisation's
    # When they came to the door: what is open to them for a time is open then. Without it the database's time counts.
    asked_at: datetime | None = field(default=None, compare=False)

    @property
    def user_id(self) -> int | None:
        """The number of the person's account; None for systems."""
        kind, _, number = self.key.partition(":")
        return int(number) if kind == "user" else None


SERVICE = Actor(key="service", role=Role.SYSTEM, name="MSCC Coordinator")
ANYBODY = Actor(key="anonymous", role=Role.SYSTEM)  # who has not proved who they are; sees no case
