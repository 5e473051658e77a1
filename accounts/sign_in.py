"""Sign-ins and sign-outs, in the ledger."""

from datetime import datetime

from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.line_facts import SignedIn, SignInFailed, UserChanged
from accounts.models import NhsIdentity, User
from kernel.actors import ANYBODY, Actor
from kernel.refusals import Invalid
from ledger.append import append
from ledger.keep import keep
from ledger.kinds import Kind
from ledger.transaction import one_transaction

WAYS = {"password": "password", "second_factor": "password and second factor", "link": "one-time link"}


@transaction.atomic
def record_sign_in(user: User, *, way: str, about: SignedIn | None = None, at: datetime) -> None:
    """Add a person's sign-in to the ledger: by which way, and what was proved. It notes a password used in place of an NHS identity that is linked, so that a night without the provider shows later."""
    is_instead = way != "nhs_identity" and NhsIdentity.objects.filter(user=user).exists()
    facts: SignedIn = {**(about or {}), "way": way}
    if is_instead:
        facts["in_place_of"] = "nhs_identity"
    append(Kind.SIGNED_IN, by=user.actor, at=at, facts=facts)


@transaction.atomic
def record_sign_out(actor: Actor, *, at: datetime) -> None:
    """Add this person's sign-out to the ledger."""
    append(Kind.SIGNED_OUT, by=actor, at=at)


@one_transaction()
def replace_password(user: User, present: str, password: str, again: str, *, at: datetime) -> None:
    """Change the user's own password; Invalid by the fields of the form."""
    errors: dict[str, list[str]] = {}
    if not user.check_password(present):
        errors["old_password"] = ["This is not your current password: enter it again"]
    if password != again:
        errors["new_password2"] = ["The two new passwords are not the same: enter the new one twice"]
    try:
        password_validation.validate_password(password, user)
    except ValidationError as problem:
        errors["new_password1"] = list(problem.messages)
    if errors:
        raise Invalid("The password is not changed", errors=errors)
    user.set_password(password)
    facts = UserChanged(user=user.pk, password_changed=True)
    keep(user, line=append(Kind.USER_CHANGED, by=user.actor, at=at, facts=facts), by=user.actor, at=at)


@transaction.atomic
def record_refused(*, about: SignInFailed | None = None, at: datetime) -> None:
    """Record a failed sign-in, without the name: it may be a mistyped password."""
    append(Kind.SIGN_IN_FAILED, by=ANYBODY, at=at, facts=about)


def in_words(facts: SignedIn) -> tuple[str, ...]:
    """How somebody signed in or failed to, or by what a session ended, from the facts of the line."""
    if facts.get("way") == "nhs_identity":
        role = f"role {facts['role']} at {facts['organisation']}" if "role" in facts else ""
        why = f"refused: {facts['why']}" if "why" in facts else ""
        details = ("NHS identity", facts.get("assurance", ""), role, why)
        return tuple(detail for detail in details if detail)
    words = WAYS.get(facts.get("way", ""), "")
    return (f"{words}, in place of the NHS identity" if "in_place_of" in facts else words,) if words else ()
