"""What was typed and not sent: kept by place, given back when its owner returns, gone when it is sent."""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.http import HttpRequest

from kernel.time import now
from webkit.models import Draft

UNKEPT = frozenset({"csrfmiddlewaretoken", "username", "version"})
LIFE = timedelta(days=7)
MOST_CHARACTERS = 60_000


def keep_typed(request: HttpRequest) -> None:
    """Keep the fields of a form whose sender has to sign in again first."""
    save(request.user, place=request.path, typed=dict(request.POST.lists()), at=now())


def save(owner: Any, *, place: str, typed: dict[str, list[str]], at: datetime) -> None:
    """Keep what was typed at a place, but no password; a place is the address that the form is sent to."""
    typed = {name: values for name, values in typed.items() if name not in UNKEPT and "password" not in name}
    if sum(len(value) for values in typed.values() for value in values) > MOST_CHARACTERS:
        return
    Draft.objects.update_or_create(
        owner=owner,
        place=place[:200],
        defaults={"typed": typed, "saved_at": at},
        create_defaults={"typed": typed, "began_at": at, "saved_at": at},
    )


def hold(owner: Any, *, place: str) -> None:
    """Wait for whoever is saving at this place; until the transaction ends nobody else does."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 2))", [f"{owner.pk}:{place}"])


def typed_at(owner: Any, place: str) -> dict[str, list[str]]:
    """What was typed at a place and not sent; empty when nothing was."""
    return Draft.objects.filter(owner=owner, place=place).values_list("typed", flat=True).first() or {}


def typed_below(owner: Any, place: str) -> dict[str, dict[str, list[str]]]:
    """Everything typed at the places below an address, by place: one query."""
    found = Draft.objects.filter(owner=owner, place__startswith=place, led_to="")
    return dict(found.values_list("place", "typed"))


def begun_below(owner: Any, place: str) -> dict[str, datetime]:
    """When something was typed and not sent at the places below an address, by place: one query."""
    found = Draft.objects.filter(owner=owner, place__startswith=place, led_to="")
    return dict(found.values_list("place", "began_at"))


def forget(owner: Any, *, place: str) -> None:
    """It was sent."""
    Draft.objects.filter(owner=owner, place=place).delete()


def forget_old(*, at: datetime) -> int:
    """Drop what nobody has come back for in a week."""
    return Draft.objects.filter(saved_at__lt=at - LIFE).delete()[0]
