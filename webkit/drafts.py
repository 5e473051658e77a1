"""Drafts: forms that were typed and not sent. Stored by place, restored when the owner returns, deleted when sent."""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.http import HttpRequest

from kernel.time import now
from webkit.models import Draft

UNKEPT = frozenset({"csrfmiddlewaretoken", "username", "version"})
LIFE = timedelta(days=7)
MOST_CHARACTERS = 60_000


def keep_typed(request: HttpRequest) -> None:
    """Store the fields of a form whose sender has to sign in again first."""
    save(request.user, place=request.path, typed=dict(request.POST.lists()), at=now())


def save(owner: Any, *, place: str, typed: dict[str, list[str]], at: datetime) -> None:
    """Store the values typed at a place, without passwords. A place is the address that the form is sent to."""
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
    """Lock this place against other writers until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 2))", [f"{owner.pk}:{place}"])


def draft_at(owner: Any, place: str) -> Draft | None:
    """The draft at a place, sent or not."""
    return Draft.objects.filter(owner=owner, place=place).first()


def newest_below(owner: Any, place: str) -> Draft | None:
    """The draft saved last of those below an address that were not sent."""
    drafts = Draft.objects.filter(owner=owner, place__startswith=place, led_to="")
    return drafts.order_by("-saved_at").first()


def mark_sent(owner: Any, *, place: str, led_to: str) -> None:
    """Delete the text of a draft and keep what it led to, so that sending it again leads there too."""
    Draft.objects.filter(owner=owner, place=place).update(typed={}, led_to=led_to)


def typed_at(owner: Any, place: str) -> dict[str, list[str]]:
    """The draft at a place; empty when there is none."""
    return Draft.objects.filter(owner=owner, place=place).values_list("typed", flat=True).first() or {}


def typed_below(owner: Any, place: str) -> dict[str, dict[str, list[str]]]:
    """The drafts at the places below an address, by place: one query."""
    drafts = Draft.objects.filter(owner=owner, place__startswith=place, led_to="")
    return dict(drafts.values_list("place", "typed"))


def begun_below(owner: Any, place: str) -> dict[str, datetime]:
    """When each draft below an address was begun, by place: one query."""
    return dict(begun_by(owner.pk, below=place).values_list("place", "began_at"))


def begun_by(owner: int | None, *, below: Any) -> QuerySet[Draft]:
    """The drafts below an address, which may be an expression: to read them with something else in one query."""
    return Draft.objects.filter(owner=owner, place__startswith=below, led_to="")


def forget(owner: Any, *, place: str) -> None:
    """Delete the draft at a place, because the form was sent."""
    Draft.objects.filter(owner=owner, place=place).delete()


def forget_old(*, at: datetime) -> int:
    """Delete drafts that are a week old; how many."""
    return Draft.objects.filter(saved_at__lt=at - LIFE).delete()[0]
