"""Changes by the service administrator: settings, users, organisations. Each change is in the ledger."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from accounts.line_facts import OrganisationChanged, SettingChanged, UserChanged
from accounts.models import Organisation, Setting, User
from accounts.open_sessions import end_all_sessions
from accounts.people import DUTIES, ROLES, SPECIALTIES
from accounts.service import SETTING_AT, SETTINGS, current
from kernel.actors import Actor, Role
from kernel.identifiers import OdsCode
from kernel.refusals import Denied, Invalid, NotFound
from kernel.text import fault, tidy
from ledger.append import append
from ledger.keep import keep, save_before_its_line
from ledger.kinds import Kind
from ledger.transaction import one_transaction

MOST_OF_AN_ADDRESS = 254


def refuse_unless_administrator(by: Actor) -> None:
    """Denied for everybody but the service administrator."""
    if by.role != Role.ADMINISTRATOR:
        raise Denied("Only the service administrator changes this")


@one_transaction()
def change_settings(entries: Mapping[str, str], *, by: Actor, at: datetime) -> int:
    """Change the settings that differ from the present ones; how many. Running clocks keep their limits."""
    refuse_unless_administrator(by)
    errors: dict[str, list[str]] = {}
    values = {}
    for kind in SETTINGS:
        try:
            values[kind.key] = kind.read(entries.get(kind.key, ""))
        except ValueError as problem:
            errors[kind.key] = [str(problem)]
    if errors:
        raise Invalid("No setting was changed: correct the ones named here and save again", errors=errors)
    before = current()
    changes = {key: value for key, value in values.items() if value != before[key]}
    for key, value in changes.items():
        default = SETTING_AT[key].default
        facts: SettingChanged = {"setting": key, "from": before[key], "to": value, "default": default}
        line = append(Kind.SETTING_CHANGED, by=by, at=at, facts=facts)
        row = Setting.objects.select_for_update().filter(pk=key).first() or Setting(pk=key)
        row.value = value
        keep(row, line=line, by=by, at=at)
    return len(changes)


def set_by() -> dict[str, tuple[str, datetime]]:
    """Who changed each setting last, and when; without settings that still have their default. One query."""
    newest = Setting.history.order_by("key", "-history_id").distinct("key").select_related("history_user")
    return {
        row.key: (row.history_user.name if row.history_user else "this service", row.history_date)
        for row in newest
    }


@one_transaction()
def add_organisation(
    code: str, name: str, *, succeeded_by: str | None = None, by: Actor, at: datetime
) -> Organisation:
    """Add an organisation, or correct its name and its successor; None leaves the successor as it is.

    People of the successor see and act on the referrals of its predecessors.
    """
    refuse_unless_administrator(by)
    errors: dict[str, list[str]] = {}
    try:
        ods_code = OdsCode.read(code).code
    except ValueError as problem:
        ods_code, errors["ods_code"] = "", [str(problem)]
    if problem_of_name := fault(name) or (None if tidy(name) else "Enter the name"):
        errors["name"] = [problem_of_name]
    row = Organisation.objects.filter(pk=ods_code).first() or Organisation(pk=ods_code)
    if succeeded_by is not None:
        row.succeeded_by, refusal = _successor(row, succeeded_by.strip().upper())
        errors |= {"succeeded_by": [refusal]} if refusal else {}
    if errors:
        raise Invalid(
            "The organisation was not saved: correct the answers named here and save it again", errors=errors
        )
    facts = OrganisationChanged(organisation=ods_code, successor=row.succeeded_by_id)
    line = append(Kind.ORGANISATION_CHANGED, by=by, at=at, facts=facts)
    row.name = tidy(name)
    return keep(row, line=line, by=by, at=at)


def _successor(row: Organisation, code: str) -> tuple[Organisation | None, str]:
    """The successor with this code, and the problem with it; None and empty without a code."""
    if not code:
        return None, ""
    successor = Organisation.objects.filter(pk=code).first()
    if successor is None:
        return None, "Add the successor first, with its own code"
    later: Organisation | None = successor
    while later is not None:
        if later.pk == row.pk:
            return None, "An organisation cannot take its own place"
        later = later.succeeded_by
    return successor, ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A user as the form sends it. An empty password leaves the present one."""

    username: str
    name: str
    role: str
    organisation: str
    email: str = ""
    telephone: str = ""
    specialty: str = ""
    duties: tuple[str, ...] = ()
    active: bool = True
    safety_officer: bool = False
    password: str = ""
    confirmed: bool = False  # a self-registered referrer, now seen as one of the organisation


@one_transaction()
def save_user(
    person: Person,
    *,
    number: int | None = None,
    refuse: Callable[[User], None] = lambda user: None,
    by: Actor,
    at: datetime,
) -> User:
    """Add a user, or change the one with this number. `refuse` may raise a refusal of the change.

    Whoever gets another role or organisation, or is no longer active, is signed out everywhere: a session was opened with
    the proofs that the former role asks for. A new user without a password gets an invitation to set one: see `accounts.one_time_links.invite`.
    """
    refuse_unless_administrator(by)
    user = User() if number is None else User.objects.select_for_update().filter(pk=number).first()
    if user is None:
        raise NotFound("There is no such user")
    if user.pk is not None and by.user_id == user.pk and (not person.active or person.role != user.role):
        raise Denied("Another administrator changes your role, or ends your account")
    _check_person(person, user)
    refuse(user)
    standing = _standing_of(user)
    user.username, user.name, user.role = person.username.strip().lower(), tidy(person.name), person.role
    user.organisation_id, user.email = person.organisation, person.email.strip()
    user.telephone, user.specialty = tidy(person.telephone), person.specialty
    user.duties, user.is_active = list(person.duties), person.active
    user.is_safety_officer = person.safety_officer
    if person.password:
        user.set_password(person.password)
    elif user.pk is None:
        user.set_unusable_password()
    user.self_registered = user.self_registered and not person.confirmed
    new = user.pk is None
    if new:
        save_before_its_line(user)
    facts = UserChanged(
        user=user.pk,
        new=new,
        role=person.role,
        duties=person.duties,
        active=person.active,
        safety_officer=person.safety_officer,
        password_changed=bool(person.password),
    )
    line = append(Kind.USER_CHANGED, by=by, at=at, facts=facts)
    if not new and standing != _standing_of(user):
        end_all_sessions(user, by=by, at=at)
    return keep(user, line=line, by=by, at=at)


def _standing_of(user: User) -> tuple[str, str, bool]:
    """What decides what somebody sees here, and with which proofs."""
    return user.role, user.organisation_id, user.is_active


def _check_person(person: Person, user: User) -> None:
    """Invalid with every problem by field."""
    problems = {name: check(person, user) for name, check in _CHECKS.items()}
    errors = {name: texts for name, texts in problems.items() if texts}
    if errors:
        raise Invalid(
            "The user was not saved: correct the answers named here and save it again", errors=errors
        )


def _username_problems(person: Person, user: User) -> list[str]:
    username = person.username.strip().lower()
    if not username or fault(username, limit=60) or not username.replace("-", "").replace(".", "").isalnum():
        return ["Enter a user name of letters, digits, dashes and full stops"]
    if User.objects.filter(username=username).exclude(pk=user.pk).exists():
        return ["Another user has this user name"]
    return []


def _email_problems(person: Person, user: User) -> list[str]:
    email = person.email.strip()
    if not email:
        needs_invitation = user.pk is None and not person.password
        return (
            ["Enter an e-mail address for the invitation, or a first password below"]
            if needs_invitation
            else []
        )
    try:
        validate_email(email)
    except ValidationError:
        is_valid = False
    else:
        is_valid = len(email) <= MOST_OF_AN_ADDRESS
    return [] if is_valid else ["Enter an e-mail address such as name@example.nhs.uk, or leave it empty"]


def _password_problems(person: Person, user: User) -> list[str]:
    """Compared with the names on the form: a new account has no others yet."""
    if not person.password:
        return []
    named = User(username=person.username, name=person.name, email=person.email)
    try:
        password_validation.validate_password(person.password, named)
    except ValidationError as problem:
        return list(problem.messages)
    return []


def _require(is_right: Callable[[Person], bool], sentence: str) -> Callable[[Person, User], list[str]]:
    """A check of one field, with the sentence for a wrong one."""
    return lambda person, user: [] if is_right(person) else [sentence]


_CHECKS: dict[str, Callable[[Person, User], list[str]]] = {
    "username": _username_problems,
    "name": _require(
        lambda person: bool(tidy(person.name)) and not fault(person.name),
        "Enter the name as colleagues and referrers will read it",
    ),
    "role": _require(lambda person: person.role in dict(ROLES), "Choose a role"),
    "specialty": _require(
        lambda person: (
            person.specialty in {"", *dict(SPECIALTIES)} and set(person.duties) <= set(dict(DUTIES))
        ),
        "Choose from the list",
    ),
    "organisation": _require(
        lambda person: Organisation.objects.filter(pk=person.organisation).exists(),
        "Choose an organisation; add it first if it is not in the list",
    ),
    "telephone": _require(
        lambda person: not fault(person.telephone, limit=60),
        "Enter a telephone number of 60 characters or fewer",
    ),
    "email": _email_problems,
    "password": _password_problems,
}
