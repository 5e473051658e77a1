"""Whom the pages of a case go to in the coordinator's place: the colleague who accepted it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from accounts.models import User
from accounts.people import Duty
from oncall.models import Clock, Owner

OWNED = timedelta(hours=12)  # a shift; after it the pages go to whoever holds the duty


def person_key(person: int) -> str:
    """The key of one person among the holders of duties."""
    return f"user:{person}"


def owner_key(case: int) -> str:
    """The key of the owner of a case among the holders of duties."""
    return f"case:{case}"


def give(case: int, person: int, *, at: datetime) -> None:
    """Let the pages of a case go to a colleague who accepted it."""
    Owner.objects.update_or_create(case=case, defaults={"person_id": person, "until": at + OWNED})


def take_back(case: int) -> None:
    """The pages go to whoever holds the duty again; safe to repeat."""
    Owner.objects.filter(case=case).delete()


def owner_of(case: int, *, at: datetime) -> int | None:
    """The account of whoever accepted a case and owns it still."""
    return Owner.objects.filter(case=case, until__gt=at).values_list("person_id", flat=True).first()


def owner_name(case: int, *, at: datetime) -> str:
    """The name of whoever owns a case still; empty when nobody does: one query."""
    names = Owner.objects.filter(case=case, until__gt=at).values_list("person__name", flat=True)
    return names.first() or ""


def holders_for(
    clocks: Iterable[Clock], holders: Mapping[str, Sequence[User]], *, at: datetime
) -> dict[str, Sequence[User]]:
    """The holders of duties with the owners of these cases and the people whom their ladders name: two queries.

    An owner who is on no rota now is paged beside the holder of the duty, never in their place.
    """
    every = dict(holders)
    on_duty = {person.pk for people in holders.values() for person in people}
    owners = Owner.objects.filter(
        case__in={clock.case for clock in clocks}, until__gt=at, person__is_active=True
    )
    for owner in owners.select_related("person"):
        beside = () if owner.person_id in on_duty else holders.get(Duty.COORDINATOR, ())
        every[owner_key(owner.case)] = (owner.person, *beside)
    named = {rung["person"] for clock in clocks for rung in clock.ladder if rung.get("person")}
    for person in User.objects.filter(pk__in=named, is_active=True) if named else ():
        every[person_key(person.pk)] = (person,)
    return every
