"""Refuses a change of a person that would leave a duty empty, until somebody else holds the duty."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q, QuerySet

from accounts.administration import Person
from accounts.models import User
from accounts.people import DUTY_WORDS, Duty
from kernel.actors import Role
from kernel.refusals import OutOfTurn
from kernel.time import in_words
from oncall.models import Shift


def refuse_if_empty(user: User, person: Person, *, at: datetime) -> None:
    """OutOfTurn when the person is on the rota for a duty they would lose, or is the last who can hold it.

    Called inside the transaction of the change, with the user locked and not changed yet.
    """
    if user.pk is None:
        return
    duties = _duties_of(person.role, person.duties) if person.active else set()
    shift = (
        Shift.objects.filter(holder=user, ends_at__gt=at)
        .exclude(duty__in=duties)
        .order_by("starts_at")
        .first()
    )
    if shift is not None:
        words = DUTY_WORDS[Duty(shift.duty)]
        raise OutOfTurn(
            f"{user.name} is on the rota: {words}, {in_words(shift.starts_at)} to {in_words(shift.ends_at)}. "
            "Give the shifts to somebody else first, so that no duty is left empty"
        )
    colleagues = User.objects.filter(is_active=True).exclude(pk=user.pk)
    for duty in sorted(_duties_of(user.role, user.duties) - duties):
        if user.is_active and not _holders(duty, colleagues).exists():
            raise OutOfTurn(
                f"Nobody else can hold the duty “{DUTY_WORDS[Duty(duty)]}”: give it to a colleague first"
            )
    stops_administering = not person.active or person.role != Role.ADMINISTRATOR
    administrators = colleagues.filter(Q(role=Role.ADMINISTRATOR.value))
    if user.role == Role.ADMINISTRATOR and stops_administering and not administrators.exists():
        raise OutOfTurn("This is the last administrator: add another one first")


def _holders(duty: str, people: QuerySet[User]) -> QuerySet[User]:
    """Those of some people who can hold a duty, by the rule of `_duties_of`."""
    holders = people.filter(duties__contains=[duty])
    return holders.filter(role=Role.COORDINATOR.value) if duty == Duty.COORDINATOR else holders


def _duties_of(role: str, duties: Iterable[str]) -> set[str]:
    """The duties that somebody can hold: without the coordinator's role nobody can open a case as one."""
    return set(duties) - (set() if role == Role.COORDINATOR else {Duty.COORDINATOR})
