"""How people are reached: always on the screen, by e-mail if they have an address, and by the methods they added."""

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
        """Every channel of this installation that pages the person, all at once."""
        channels = [method.channel for method in self.methods.get(person.pk, ()) if method.channel != EMAIL]
        return (SCREEN, *([EMAIL] if person.email else []), *(c for c in channels if c in settings.CHANNELS))

    def is_reached(self, person: User) -> bool:
        """Whether a person has a channel beside the screen: without one, a page passes to the next person at once."""
        return len(self.channels_of(person)) > 1

    def proven(self, person: User) -> tuple[str, ...]:
        """The channels whose test page reached the person at their present address."""
        methods = self.methods.get(person.pk, ())
        return tuple(
            method.channel
            for method in methods
            if method.proven_at is not None
            and method.channel in settings.CHANNELS
            and (method.channel != EMAIL or method.address == person.email)
        )


def reach_of(people: Iterable[User]) -> Reach:
    """The contact methods of these people: one query."""
    methods: dict[int, list[ContactMethod]] = {}
    for method in ContactMethod.objects.filter(person__in={person.pk for person in people}).order_by("id"):
        methods.setdefault(method.person_id, []).append(method)
    return Reach(methods={person: tuple(rows) for person, rows in methods.items()})


class NoAddress(ConnectionError):
    """The address of a person was removed since the page was written."""


def address_of(person: User, channel: str) -> str:
    """The address of a person on a channel; NoAddress when it was removed since the page was written."""
    if channel == EMAIL:
        return person.email
    method = ContactMethod.objects.filter(person=person, channel=channel).first()
    if method is None:
        raise NoAddress(f"no address for {channel}")
    return method.address
