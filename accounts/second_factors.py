"""What a person has beside a password: an authenticator app, passkeys, and recovery codes that work once."""

import base64
import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyotp
from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.contrib.auth.hashers import identify_hasher, make_password
from django.db import transaction
from django.utils.crypto import get_random_string

from accounts import passkeys
from accounts.line_facts import SecondFactorChanged
from accounts.models import SecondFactor, User
from accounts.people import ROLE_WORDS
from accounts.service import Service
from kernel.actors import Actor, Role
from kernel.refusals import Denied, Invalid, NotFound
from kernel.text import fault, tidy
from ledger.append import append
from ledger.kinds import Kind
from ledger.transaction import one_transaction

APP, PASSKEY, RECOVERY = "app", "passkey", "recovery"
STEP = 30  # seconds for which an app shows one code
CODES = 10  # recovery codes in a set
WRONG = "This code is not right, or was used before. Wait for the next one and enter it"


def is_required(user: User, *, service: Service) -> bool:
    """Whether this person's role needs a second factor here. The demo asks for none."""
    return not settings.DEMO and ROLE_WORDS[Role(user.role)].lower() in str(service["second_factor_roles"])


def has_factor(user: User) -> bool:
    """Whether an app or a passkey is set up; recovery codes alone do not count."""
    return user.second_factors.filter(kind__in=(APP, PASSKEY)).exists()


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorLine:
    """One factor on the person's own page."""

    number: int
    kind: str
    label: str
    added_at: datetime
    used_at: datetime | None


def lines_of(user: User) -> tuple[FactorLine, ...]:
    """The apps and passkeys of a person, the oldest first."""
    rows = user.second_factors.filter(kind__in=(APP, PASSKEY)).order_by("pk")
    return tuple(
        FactorLine(number=row.pk, kind=row.kind, label=row.label, added_at=row.added_at, used_at=row.used_at)
        for row in rows
    )


def codes_left(user: User) -> int:
    """How many recovery codes still work."""
    return user.second_factors.filter(kind=RECOVERY, used_at=None).count()


def new_app_secret() -> str:
    """A secret for an app, which is kept once the app has shown a right code of it."""
    return pyotp.random_base32()


def app_address(user: User, secret: str, *, service: Service) -> str:
    """The content of the QR code: the secret, the person and the service."""
    return pyotp.TOTP(secret).provisioning_uri(name=user.username, issuer_name=service.name)


@one_transaction()
def add_app(user: User, secret: str, code: str, *, at: datetime) -> None:
    """Keep an app that has shown a right code; Invalid by the field `code`."""
    step = _step_of(secret, code, at=at, after=0)
    if not step:
        raise Invalid("The app is not set up", errors={"code": [WRONG]})
    SecondFactor.objects.filter(user=user, kind=APP).delete()
    SecondFactor.objects.create(
        user=user, kind=APP, label="Authenticator app", secret=_seal(secret), counter=step, added_at=at
    )
    _record(user, "added", APP, at=at)


@one_transaction()
def add_passkey(user: User, answer: str, state: Any, label: str, *, at: datetime) -> None:
    """Keep the passkey that a browser has made; Invalid by the field `label` when the answer does not fit."""
    problem = fault(label, limit=60)
    if problem or not tidy(label):
        raise Invalid(
            "The passkey is not kept", errors={"label": [problem or "Enter a name for the passkey"]}
        )
    credential, public, counter = passkeys.register(state, answer)
    if SecondFactor.objects.filter(credential=credential).exists():
        raise Invalid("The passkey is not kept", errors={"label": ["This passkey is kept already"]})
    SecondFactor.objects.create(
        user=user,
        kind=PASSKEY,
        label=tidy(label),
        secret=public,
        credential=credential,
        counter=counter,
        added_at=at,
    )
    _record(user, "added", PASSKEY, at=at)


@one_transaction()
def new_recovery_codes(user: User, *, at: datetime) -> tuple[str, ...]:
    """A new set of recovery codes, shown once; the earlier set ends."""
    codes = tuple(f"{secrets.randbelow(10**5):05}-{secrets.randbelow(10**5):05}" for _ in range(CODES))
    salt = get_random_string(
        22
    )  # one of a set, so that a typed code is hashed once and compared with all of them
    SecondFactor.objects.filter(user=user, kind=RECOVERY).delete()
    for code in codes:
        secret = make_password(code, salt=salt)
        SecondFactor.objects.create(
            user=user, kind=RECOVERY, label="Recovery code", secret=secret, added_at=at
        )
    _record(user, "added", RECOVERY, at=at)
    return codes


@one_transaction()
def remove_factor(user: User, number: int, *, service: Service, at: datetime) -> None:
    """Remove an app or a passkey; Denied for the last one of somebody who needs one."""
    rows = list(user.second_factors.select_for_update().filter(kind__in=(APP, PASSKEY)))
    row = next((row for row in rows if row.pk == number), None)
    if row is None:
        raise NotFound("There is no such second factor")
    if len(rows) == 1 and is_required(user, service=service):
        raise Denied("Your role needs a second factor: add another one before you remove this one")
    row.delete()
    if len(rows) == 1:
        SecondFactor.objects.filter(user=user, kind=RECOVERY).delete()
    _record(user, "removed", row.kind, at=at)


@one_transaction()
def forget_factors(number: int, *, by: Actor, at: datetime) -> User:
    """Remove every factor of a person who has lost them; only an administrator, and not for themselves."""
    if by.role != Role.ADMINISTRATOR or by.user_id == number:
        raise Denied("Another service administrator does this, once they are sure who asks")
    user = User.objects.select_for_update().filter(pk=number).first()
    if user is None:
        raise NotFound("There is no such user")
    SecondFactor.objects.filter(user=user).delete()
    facts = SecondFactorChanged(user=user.pk, change="all removed")
    append(Kind.SECOND_FACTOR_CHANGED, by=by, at=at, facts=facts)
    return user


@transaction.atomic
def accept_code(user: User, code: str, *, at: datetime) -> bool:
    """Whether a typed code is right now: of the app, or a recovery code. Each works once."""
    typed = "".join(code.split())
    app = SecondFactor.objects.select_for_update().filter(user=user, kind=APP).first()
    secret = _unseal(app.secret) if app else ""
    if app and secret and (step := _step_of(secret, typed, at=at, after=app.counter)):
        app.counter, app.used_at = step, at
        app.save(update_fields=["counter", "used_at"])
        return True
    if len(typed.replace("-", "")) != 10:
        return False
    codes = SecondFactor.objects.select_for_update().filter(user=user, kind=RECOVERY, used_at=None)
    written = f"{typed.replace('-', '')[:5]}-{typed.replace('-', '')[5:]}"
    hashes: dict[tuple[str, ...], str] = {}
    for row in codes:
        way = _way_of(row.secret)
        if way not in hashes:
            hashes[way] = _hashed(written, row.secret)
        if secrets.compare_digest(hashes[way], row.secret):
            row.used_at = at
            row.save(update_fields=["used_at"])
            return True
    return False


@transaction.atomic
def accept_passkey(user: User, answer: str, state: Any, *, at: datetime) -> bool:
    """Whether the answer of a browser is signed by a passkey of this person. A count that went back is a copy."""
    rows = list(SecondFactor.objects.select_for_update().filter(user=user, kind=PASSKEY))
    credential, counter = passkeys.check(state, answer, [row.secret for row in rows])
    row = next((row for row in rows if row.credential == credential), None)
    if row is None or ((counter or row.counter) and counter <= row.counter):
        return False
    row.counter, row.used_at = counter, at
    row.save(update_fields=["counter", "used_at"])
    return True


def passkeys_of(user: User) -> list[str]:
    """The public halves of a person's passkeys."""
    return list(user.second_factors.filter(kind=PASSKEY).values_list("secret", flat=True))


@transaction.atomic
def record_wrong(user: User, *, at: datetime) -> None:
    """Record that a second factor was wrong after a right password: the password may be known to somebody else."""
    append(Kind.SECOND_FACTOR_WRONG, by=user.actor, at=at)


@transaction.atomic
def record_confirmed(user: User, *, at: datetime) -> None:
    """Record that somebody proved again who they are, before an act that needs it."""
    append(Kind.CONFIRMED_AGAIN, by=user.actor, at=at)


def _way_of(secret: str) -> tuple[str, ...]:
    """How a recovery code was hashed, with its salt: all but the hash itself. An earlier set has a salt for each."""
    decoded = identify_hasher(secret).decode(secret)
    return tuple(str(part) for name, part in sorted(decoded.items()) if name not in ("hash", "checksum"))


def _hashed(typed: str, secret: str) -> str:
    """A typed code, hashed as this secret was."""
    hasher: Any = identify_hasher(secret)
    decoded = hasher.decode(secret)
    rounds = {"iterations": decoded["iterations"]} if "iterations" in decoded else {}
    hashed: str = hasher.encode(typed, decoded["salt"], **rounds)
    return hashed


def _record(user: User, change: str, kind: str, *, at: datetime) -> None:
    facts = SecondFactorChanged(user=user.pk, change=change, kind=kind)
    append(Kind.SECOND_FACTOR_CHANGED, by=user.actor, at=at, facts=facts)


def _step_of(secret: str, code: str, *, at: datetime, after: int) -> int:
    """The step of the code, at most one away from now and later than `after`; 0 for a wrong one."""
    app, now_step = pyotp.TOTP(secret), int(at.timestamp()) // STEP
    typed = "".join(code.split())
    steps = (step for step in (now_step, now_step - 1, now_step + 1) if step > after)
    return next((step for step in steps if secrets.compare_digest(_code(app, step), typed.encode())), 0)


def _code(app: pyotp.TOTP, step: int) -> bytes:
    return app.generate_otp(step).encode()


def _cipher() -> Fernet:
    key = hashlib.sha256(b"second factors:" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))


def _seal(secret: str) -> str:
    return _cipher().encrypt(secret.encode()).decode()


def _unseal(secret: str) -> str:
    """The secret of an app; empty when SECRET_KEY has changed since it was set up: no code fits then."""
    try:
        return _cipher().decrypt(secret.encode()).decode()
    except InvalidToken:
        return ""
