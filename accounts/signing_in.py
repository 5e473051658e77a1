"""Sign-ins and sign-outs, in the ledger."""

from datetime import datetime

from django.db import transaction

from kernel.actors import Actor, Role
from ledger.append import append
from ledger.kinds import Kind

ANONYMOUS = Actor(key="anonymous", role=Role.SYSTEM)


@transaction.atomic
def record_sign_in(actor: Actor, *, at: datetime) -> None:
    append(Kind.SIGNED_IN, by=actor, at=at)


@transaction.atomic
def record_sign_out(actor: Actor, *, at: datetime) -> None:
    append(Kind.SIGNED_OUT, by=actor, at=at)


@transaction.atomic
def record_password_change(actor: Actor, *, at: datetime) -> None:
    facts = {"user": actor.user_id, "password_changed": True}
    append(Kind.USER_CHANGED, by=actor, at=at, facts=facts)


@transaction.atomic
def record_refused(*, at: datetime) -> None:
    """A sign-in that failed; whose it would have been is not kept, it may be a mistyped password."""
    append(Kind.SIGN_IN_FAILED, by=ANONYMOUS, at=at)
