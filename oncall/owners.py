"""Owners of cases: a colleague who accepts a case gets the coordinator's pages for it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from accounts.models import User
from accounts.people import Duty
from oncall.models import Clock, Owner

OWNERSHIP = timedelta(hours=12)  # one shift; then the pages go to the holder of the duty


def person_key(person: int) -> str:
    """The key of one person among the holders of duties."""
    return f"user:{person}"


def owner_key(case: int) -> str:
    """The key of the owner of a case among the holders of duties."""
    return f"case:{case}"


def give(case: int, person: int, *, at: datetime) -> None:
    """Send the pages of a case to the colleague who accepted it."""
    Owner.objects.update_or_create(case=case, defaults={"person_id": person, "until": at + OWNERSHIP})


def take_back(case: int) -> None:
    """Send the pages to the holder of the duty again; safe to repeat."""
    Owner.objects.filter(case=case).delete()


def owner_of(case: int, *, at: datetime) -> int | None:
    """The account of the present owner of a case."""
    return Owner.objects.filter(case=case, until__gt=at).values_list("person_id", flat=True).first()


def owner_name(case: int, *, at: datetime) -> str:
    """The name of the present owner of a case; empty when there is none: one query."""
    names = Owner.objects.filter(case=case, until__gt=at).values_list("person__name", flat=True)
    return names.first() or ""


def holders_for(
    clocks: Iterable[Clock], holders: Mapping[str, Sequence[User]], *, at: datetime
) -> dict[str, Sequence[User]]:
    """The holders of duties, the owners of these cases and the people their ladders name: two queries.

    An owner who is not on duty now is paged beside the holder of the duty, never instead.
    """
    recipients = dict(holders)
    on_duty = {person.pk for people in holders.values() for person in people}
    owners = Owner.objects.filter(
        case__in={clock.case for clock in clocks}, until__gt=at, person__is_active=True
    )
    for owner in owners.select_related("person"):
        beside = () if owner.person_id in on_duty else holders.get(Duty.COORDINATOR, ())
        recipients[owner_key(owner.case)] = (owner.person, *beside)
    numbers = {rung["person"] for clock in clocks for rung in clock.ladder if rung.get("person")}
    for person in User.objects.filter(pk__in=numbers, is_active=True) if numbers else ():
        recipients[person_key(person.pk)] = (person,)
    return recipients
