"""One-time links by e-mail: a referrer signs in without their own account; an invited person sets a password."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.core.validators import validate_email
from django.db import connection, transaction
from django.urls import reverse

from accounts.backends import has_lost_role
from accounts.line_facts import AccessLinkSent, AccessLinkUsed, UserChanged
from accounts.models import AccessLink, Organisation, User
from accounts.service import Service
from kernel.actors import ANYBODY, Actor, Role
from kernel.identifiers import OdsCode
from kernel.patience import Patience
from kernel.refusals import Denied, Invalid, OutOfTurn
from kernel.text import fault, tidy
from ledger.append import append
from ledger.keep import keep
from ledger.kinds import Kind
from ledger.transaction import one_transaction

REFERRING, INVITATION, CALENDAR = "refer", "invite", "calendar"
LIVES = {REFERRING: timedelta(minutes=30), INVITATION: timedelta(days=3)}
HOUR = timedelta(hours=1)
MOST_CHARACTERS = 254
MOST_PER_ADDRESS, MOST_PER_PLACE = 5, 30  # links in an hour, by e-mail address and by network address
MAILING = Patience(seconds=5, most=2)  # a page waits for it, and half of the pages of a process are left


def domains(service: Service) -> tuple[str, ...]:
    """The work e-mail domains that may ask for a link; empty switches links off."""
    words = str(service["link_domains"]).replace(",", " ").split()
    return tuple(domain.strip().lstrip("@").lower() for domain in words)


def accepts(email: str, *, service: Service) -> bool:
    """Whether an address is in one of the domains; a subdomain is another domain."""
    return email.rpartition("@")[2].lower() in domains(service)


def ask_for_link(entry: str, *, asked_from: str, at: datetime, service: Service) -> str:
    """Send a one-time link to a work e-mail address, and return the address.

    Denied where links are switched off, Invalid for a wrong address, OutOfTurn after too many links in an hour.
    """
    email = entry.strip().lower()
    if not domains(service):
        raise Denied("This service does not send links by e-mail: ask for an account, or ring")
    try:
        validate_email(email)
        if len(email) > MOST_CHARACTERS:
            raise ValidationError("too long")
    except ValidationError:
        why = "Enter your work e-mail address, such as name@nhs.net"
        raise Invalid("The address cannot be read", errors={"email": [why]}) from None
    if not accepts(email, service=service):
        why = f"Links go to work addresses of {', '.join(domains(service))} only. Use one of these, or ring"
        raise Invalid("Not a known work address", errors={"email": [why]})
    user = User.objects.filter(email__iexact=email).order_by("-is_active", "self_registered", "pk").first()
    token = _issue(REFERRING, email, user=user, asked_from=asked_from, at=at)
    if user is not None and not user.self_registered and user.is_active:
        _send_account_reminder(email)  # the link is not sent, and would open nothing
        return email
    _send(email, "Your link to refer", _LINK.format(link=_address(token), minutes=30))
    return email


def invite(user: User, *, by: Actor, at: datetime) -> None:
    """Send a person the link to set their own password."""
    if not user.email:
        raise Invalid(
            "No e-mail address", errors={"email": ["Enter the e-mail address to which the invitation goes"]}
        )
    _revoke(user, at=at)
    token = _issue(INVITATION, user.email, user=user, asked_from="", at=at, by=by)
    _send(
        user.email,
        "Your account",
        _INVITED.format(name=user.name, username=user.username, link=_address(token)),
    )


def _revoke(user: User, *, at: datetime) -> None:
    """Make every unused link by which a person could sign in invalid."""
    AccessLink.objects.filter(user=user, purpose__in=LIVES, used_at=None).update(used_at=at)


@transaction.atomic
def _issue(
    purpose: str, email: str, *, user: User | None, asked_from: str, at: datetime, by: Actor = ANYBODY
) -> str:
    with connection.cursor() as cursor:  # two requests at once are counted one after the other
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 3))", [f"link:{email}"])
    place = hashlib.sha256(f"{settings.SECRET_KEY}:{asked_from}".encode()).hexdigest() if asked_from else ""
    recent = AccessLink.objects.filter(asked_at__gt=at - HOUR)
    if recent.filter(email=email).count() >= MOST_PER_ADDRESS or (
        place and recent.filter(asked_from=place).count() >= MOST_PER_PLACE
    ):
        raise OutOfTurn("Too many links were asked for in the last hour: use the newest one, wait, or ring")
    token = secrets.token_urlsafe(32)
    AccessLink.objects.create(
        token_hash=hash_of(token),
        purpose=purpose,
        email=email,
        user=user,
        asked_from=place,
        asked_at=at,
        expires_at=at + LIVES[purpose],
    )
    facts = AccessLinkSent(purpose=purpose)
    if user:
        facts["user"] = user.pk
    append(Kind.ACCESS_LINK_SENT, by=by, at=at, facts=facts)
    return token


def link_of(token: str, *, at: datetime) -> AccessLink:
    """The unused link of a token. Reading it changes nothing, because mail scanners follow links too."""
    links = AccessLink.objects.select_related("user").filter(purpose__in=LIVES)
    link = links.filter(token_hash=hash_of(token)).first()
    if link is None or link.used_at is not None or link.expires_at <= at:
        raise OutOfTurn("This link was used or has run out: ask for a new one, or ring")
    is_moved = link.purpose == INVITATION and link.user is not None and link.user.email != link.email
    if is_moved or (link.purpose == REFERRING and link.user is not None and not link.user.self_registered):
        raise OutOfTurn(
            "This link is for an address or an account that has changed: ask for a new one, or ring"
        )
    if link.user is not None and not link.user.is_active:
        raise Denied("This account was ended. Ask the service administrator, or ring")
    if link.user is not None and has_lost_role(link.user):
        raise Denied("The NHS role of this account has ended. Ask the service administrator, or ring")
    return link


@dataclass(frozen=True, slots=True, kw_only=True)
class Newcomer:
    """A referrer without an account, in their own words."""

    name: str
    job_title: str
    organisation: str
    telephone: str = ""
    registration_number: str = ""


@one_transaction()
def use_link(token: str, newcomer: Newcomer | None, *, at: datetime) -> User:
    """Use a link up and return its user: the account of an earlier link, or a new one for this newcomer.

    Such an account sees only its own referrals, until an administrator confirms it.
    """
    link = _locked_link(token, at=at)
    user = link.user or User.objects.filter(email=link.email, self_registered=True, is_active=True).first()
    facts = AccessLinkUsed(purpose=link.purpose)
    line = append(Kind.ACCESS_LINK_USED, by=user.actor if user else ANYBODY, at=at, facts=facts)
    if user is None:
        user = _new_user(link, newcomer, line=line, at=at)
    link.user, link.used_at = user, at
    link.save(update_fields=["user", "used_at"])
    return user


@one_transaction()
def accept_invitation(token: str, password: str, *, at: datetime) -> User:
    """Set a first password by the link of an invitation."""
    user = invited_account(token, at=at)
    try:
        password_validation.validate_password(password, user)
    except ValidationError as problem:
        raise Invalid("Choose another password", errors={"password": list(problem.messages)}) from None
    user.set_password(password)
    facts = UserChanged(user=user.pk, password_changed=True)
    line = append(Kind.USER_CHANGED, by=user.actor, at=at, facts=facts)
    keep(user, line=line, by=user.actor, at=at)
    _revoke(user, at=at)
    return user


def invited_account(token: str, *, at: datetime) -> User:
    """The account of an unused invitation, locked with its link; OutOfTurn for any other. The act ends with `use_up`."""
    link = _locked_link(token, at=at)
    if link.user is None or link.purpose != INVITATION:
        raise OutOfTurn("This is not the link of an invitation")
    return link.user


def use_up(user: User, *, at: datetime) -> None:
    """Use up the invitation of an account, and every other link that would sign in to it."""
    _revoke(user, at=at)


def _locked_link(token: str, *, at: datetime) -> AccessLink:
    """The link, locked, so that the second of two users at once is refused. Its account is locked before it.

    What an administrator changes of the account meanwhile is then read, and is not written over.
    """
    links = AccessLink.objects.filter(token_hash=hash_of(token))
    User.objects.select_for_update(of=("self",)).filter(pk__in=links.values("user")).first()
    links.select_for_update(of=("self",)).first()
    return link_of(token, at=at)


def _new_user(link: AccessLink, newcomer: Newcomer | None, *, line: int, at: datetime) -> User:
    if newcomer is None:
        raise Invalid("Who you are is missing", errors={"name": ["Enter your name"]})
    errors: dict[str, list[str]] = {}
    for field, ask in (
        ("name", "Enter your name"),
        ("job_title", "Enter your role, such as GP or ward doctor"),
    ):
        text = getattr(newcomer, field)
        if fault(text) or not tidy(text):
            errors[field] = [fault(text) or ask]
    for field in ("telephone", "registration_number"):
        if problem := fault(getattr(newcomer, field), limit=60):
            errors[field] = [problem]
    try:
        code = OdsCode.read(newcomer.organisation).code
    except ValueError as problem:
        code, errors["organisation"] = "", [str(problem)]
    if code and not Organisation.objects.filter(pk=code, active=True).exists():
        errors["organisation"] = ["This organisation is not known here: check its ODS code, or ring"]
    if errors:
        raise Invalid("This is not complete", errors=errors)
    user = User(
        username=f"link-{link.pk}",
        name=tidy(newcomer.name),
        email=link.email,
        telephone=tidy(newcomer.telephone),
        job_title=tidy(newcomer.job_title),
        registration_number=tidy(newcomer.registration_number),
        role=Role.REFERRER.value,
        organisation_id=code,
        self_registered=True,
    )
    user.set_unusable_password()
    return keep(user, line=line, by=ANYBODY, at=at)


def _send_account_reminder(email: str) -> None:
    _send(
        email,
        "You have an account",
        "You have an account here: sign in with your user name and password. "
        "If you have forgotten it, ask the service administrator. If it is urgent, ring.\n",
    )


def announce_nhs_identity(user: User) -> None:
    """Tell a person that an NHS identity now opens their account; OSError or SMTPException when the mail cannot be sent."""
    _send(
        user.email,
        "An NHS identity was linked",
        f"{user.name}, an administrator has linked an NHS identity to your account {user.username}. If it is not yours, ring "
        "the service now: somebody could sign in in your name.\n",
    )


def announce_new_password(user: User) -> None:
    """Tell a person that an administrator has set their password; OSError or SMTPException when the mail cannot be sent."""
    _send(
        user.email,
        "Your password was changed",
        f"{user.name}, an administrator has set a new password for your account {user.username}. If you did not ask for "
        "this, ring the service now: somebody could sign in in your name.\n",
    )


def announce_new_address(user: User, *, former: str) -> None:
    """Tell a person at their former address that it is theirs here no longer; OSError or SMTPException when the mail cannot
    be sent.
    """
    _send(
        former,
        "Your e-mail address was changed",
        f"{user.name}, an administrator has changed the e-mail address of your account {user.username}: pages and links no "
        "longer come here. If you did not ask for this, ring the service now: somebody could sign in in your name.\n",
    )


def _send(email: str, subject: str, body: str) -> None:
    """Send a letter; OSError, as every SMTPException is, when the mail server does not take it in time."""
    MAILING.wait_for(EmailMessage(subject=f"MSCC service: {subject}", body=body, to=[email]).send)


def _address(token: str) -> str:
    return settings.BASE_URL + reverse("use_link", args=[token])


def hash_of(token: str) -> str:
    """What is kept of a link's secret."""
    return hashlib.sha256(token.encode()).hexdigest()


_LINK = (
    "Open this link to refer, or to follow what you have referred: {link}\n\n"
    "It works once, for {minutes} minutes. If you did not ask for it, do nothing. If it is urgent, ring.\n"
)
_INVITED = (
    "{name}, there is an account for you. Your user name is {username}.\n\n"
    "Set your password here: {link}\n\nThe link works once, for three days.\n"
)
