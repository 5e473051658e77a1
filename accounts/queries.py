"""Reads of people and organisations, for pages."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import QuerySet

from accounts.models import Organisation, User
from kernel.actors import Actor, Role


def organisations() -> QuerySet[Organisation]:
    """Every organisation by name."""
    return Organisation.objects.order_by("name")


def active_organisations() -> QuerySet[Organisation]:
    """The organisations that can be chosen, by name."""
    return organisations().filter(active=True)


def organisation_rows() -> list[tuple[str, str, bool]]:
    """The code of every organisation, its name, and whether it can be chosen."""
    return list(Organisation.objects.values_list("ods_code", "name", "active"))


def names_of_organisations(codes: Iterable[str]) -> dict[str, str]:
    """The name of each organisation by its code: one query."""
    wanted = {code for code in codes if code}
    return dict(Organisation.objects.filter(pk__in=wanted).values_list("pk", "name")) if wanted else {}


def is_known_organisation(code: str) -> bool:
    """Whether an organisation with this code is on record."""
    return Organisation.objects.filter(pk=code).exists()


def people() -> QuerySet[User]:
    """Every account with its organisation, the active ones first."""
    return User.objects.select_related("organisation").order_by("-is_active", "name")


def person_at(number: int) -> User | None:
    """The account with this number."""
    return User.objects.filter(pk=number).first()


def newest_account() -> int:
    """The highest number of an account; 0 without any."""
    return User.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def account_of(actor: Actor) -> User:
    """The account of somebody who is signed in."""
    return User.objects.get(pk=actor.user_id or 0)


def active_person_at(number: int) -> User | None:
    """The account with this number, unless it is closed."""
    return User.objects.filter(pk=number, is_active=True).first()


def self_registered(email: str) -> User | None:
    """The account that somebody made for this address by a one-time link."""
    return User.objects.filter(email=email, self_registered=True).first()


def people_with_duties() -> list[User]:
    """The active people who can hold a duty, by name."""
    return list(User.objects.filter(is_active=True).exclude(duties=[]).order_by("name"))


def duties_with_people() -> set[str]:
    """The duties that somebody active can hold."""
    held = User.objects.filter(is_active=True).values_list("duties", flat=True)
    return {duty for duties in held for duty in duties}


def has_active(role: Role, *, with_demo: bool = True) -> bool:
    """Whether an active account has this role; without `with_demo`, accounts of the demo do not count."""
    users = User.objects.filter(role=role.value, is_active=True)
    return (users if with_demo else users.filter(is_demo=False)).exists()


def colleagues_of(number: int, *, role: Role) -> dict[str, str]:
    """The names of the other active people with this role, by user name."""
    others = User.objects.filter(role=role.value, is_active=True).exclude(pk=number)
    return dict(others.order_by("name").values_list("username", "name"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A person by name, and when their account was ended, if it was."""

    name: str
    ended_at: datetime | None


def accounts_of(keys: Iterable[str]) -> dict[str, Account]:
    """The accounts of these people by key: two queries at most."""
    numbers = [int(key.removeprefix("user:")) for key in keys if key.startswith("user:")]
    rows = list(User.objects.filter(pk__in=numbers).values_list("pk", "name", "is_active"))
    ended: dict[int, datetime | None] = {}
    gone = [number for number, _, is_active in rows if not is_active]
    changes = User.history.filter(id__in=gone).order_by("history_id") if gone else ()
    for change in changes:
        ended[change.id] = None if change.is_active else ended.get(change.id) or change.history_date
    return {f"user:{number}": Account(name=name, ended_at=ended.get(number)) for number, name, _ in rows}


FIRST_ADMINISTRATOR = 0xF1A57  # a lock of the database that no other act takes


def hold_first_administrator() -> None:
    """Wait for anybody else who is making the first administrator, until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [FIRST_ADMINISTRATOR])
