"""News: additions to a case by the referring side that no coordinator has read."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from kernel.actors import Actor, Role
from referrals.case.models import Referral


def news(case: Referral, *, by: Actor, at: datetime) -> Mapping[str, Any]:
    """The columns to change when a person adds to a case: it has news until a coordinator has read it."""
    if by.role == Role.COORDINATOR or case.news_since is not None:
        return {}
    return {"news_since": at}
