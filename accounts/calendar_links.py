"""The address from which a calendar reads its owner's shifts: shown once, renewed by its owner, and good for half a year."""

import secrets
from datetime import datetime, timedelta

from accounts.line_facts import CalendarLinkMade
from accounts.models import AccessLink, User
from accounts.one_time_links import CALENDAR, hash_of
from ledger.append import append
from ledger.kinds import Kind
from ledger.transaction import one_transaction

LIFE = timedelta(days=183)


@one_transaction()
def make_calendar_link(user: User, *, at: datetime) -> str:
    """The secret of a new calendar address of this person. An earlier one ends."""
    AccessLink.objects.filter(user=user, purpose=CALENDAR, used_at=None).update(used_at=at)
    token = secrets.token_urlsafe(32)
    AccessLink.objects.create(
        token_hash=hash_of(token),
        purpose=CALENDAR,
        email=user.email,
        user=user,
        asked_at=at,
        expires_at=at + LIFE,
    )
    append(Kind.CALENDAR_LINK_MADE, by=user.actor, at=at, facts=CalendarLinkMade(user=user.pk))
    return token


def owner_of(token: str, *, at: datetime) -> User | None:
    """The person whose shifts this address gives; None for a forged, renewed or expired one, and for a leaver."""
    links = AccessLink.objects.select_related("user").filter(
        purpose=CALENDAR, used_at=None, expires_at__gt=at
    )
    link = links.filter(token_hash=hash_of(token)).first()
    return link.user if link and link.user and link.user.is_active else None


def expiry_of(user: User, *, at: datetime) -> datetime | None:
    """When the present calendar address of this person ends; None without one."""
    links = AccessLink.objects.filter(user=user, purpose=CALENDAR, used_at=None, expires_at__gt=at)
    return links.values_list("expires_at", flat=True).first()
