"""Sign-ins and sign-outs, in the ledger."""

from datetime import datetime

from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import User
from kernel.actors import Actor, Role
from kernel.refusals import Invalid
from ledger.append import append
from ledger.keep import keep
from ledger.kinds import Kind
from ledger.transaction import one_transaction

ANONYMOUS = Actor(key="anonymous", role=Role.SYSTEM)


@transaction.atomic
def record_sign_in(actor: Actor, *, at: datetime) -> None:
    """Add this person's sign-in to the ledger."""
    append(Kind.SIGNED_IN, by=actor, at=at)


@transaction.atomic
def record_sign_out(actor: Actor, *, at: datetime) -> None:
    """Add this person's sign-out to the ledger."""
    append(Kind.SIGNED_OUT, by=actor, at=at)


@one_transaction()
def replace_password(user: User, present: str, password: str, again: str, *, at: datetime) -> None:
    """Change the user's own password; Invalid by the fields of the form."""
    errors: dict[str, list[str]] = {}
    if not user.check_password(present):
        errors["old_password"] = ["This is not your present password: enter it again"]
    if password != again:
        errors["new_password2"] = ["The two new passwords are not the same: enter the new one twice"]
    try:
        password_validation.validate_password(password, user)
    except ValidationError as problem:
        errors["new_password1"] = list(problem.messages)
    if errors:
        raise Invalid("The password is not changed", errors=errors)
    user.set_password(password)
    facts = {"user": user.pk, "password_changed": True}
    keep(user, line=append(Kind.USER_CHANGED, by=user.actor, at=at, facts=facts), by=user.actor, at=at)


@transaction.atomic
def record_refused(*, at: datetime) -> None:
    """Record a failed sign-in, without the name: it may be a mistyped password."""
    append(Kind.SIGN_IN_FAILED, by=ANONYMOUS, at=at)
