"""How people are reached: on the screen always, by e-mail where they have an address, and by what they added."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.conf import settings

from accounts.models import User
from oncall.ladder import EMAIL, SCREEN
from oncall.models import ContactMethod


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """The contact methods of some people, by person."""

    methods: Mapping[int, tuple[ContactMethod, ...]]

    def channels_of(self, person: User) -> tuple[str, ...]:
        """Every channel of this installation by which somebody is paged, all of them at once."""
        added = [method.channel for method in self.methods.get(person.pk, ()) if method.channel != EMAIL]
        return (SCREEN, *([EMAIL] if person.email else []), *(c for c in added if c in settings.CHANNELS))

    def is_reached(self, person: User) -> bool:
        """Whether somebody has a channel beside the screen: without one, a page goes on to the next at once."""
        return len(self.channels_of(person)) > 1

    def proven(self, person: User) -> tuple[str, ...]:
        """The channels by which a test page reached somebody at the address that they have now."""
        found = self.methods.get(person.pk, ())
        return tuple(
            method.channel
            for method in found
            if method.proven_at is not None
            and method.channel in settings.CHANNELS
            and (method.channel != EMAIL or method.address == person.email)
        )


def reach_of(people: Iterable[User]) -> Reach:
    """The contact methods of these people: one query."""
    methods: dict[int, list[ContactMethod]] = {}
    for method in ContactMethod.objects.filter(person__in={person.pk for person in people}).order_by("id"):
        methods.setdefault(method.person_id, []).append(method)
    return Reach(methods={person: tuple(found) for person, found in methods.items()})


def address_of(person: User, channel: str) -> str:
    """The address of somebody on a channel; OSError when it was taken away since the page was written."""
    if channel == EMAIL:
        return person.email
    method = ContactMethod.objects.filter(person=person, channel=channel).first()
    if method is None:
        raise ConnectionError(f"no address for {channel}")
    return method.address
