"""Who acts, when, and under which settings of the service."""

from dataclasses import dataclass
from datetime import datetime

from accounts.service import Service
from kernel.actors import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One act of an actor at an instant, made once at a door and passed on whole. Its settings never change within it."""

    by: Actor
    at: datetime
    service: Service
