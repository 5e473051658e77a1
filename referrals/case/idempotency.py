"""A key makes a request that is sent twice act once: per owner, for seven days. Each form is drawn with its own key."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta

from kernel.actors import Actor
from kernel.refusals import OutOfTurn
from kernel.time import near
from ledger.append import canonical
from referrals.case.models import IdempotencyKey

LIFE = timedelta(days=7)


def use_key(key: str, *, content: object, by: Actor, at: datetime) -> IdempotencyKey:
    """Claim a key, or find its earlier use. Waits for a request that is using it now; a refusal releases it."""
    content_hash = hashlib.sha256(canonical(content)).hexdigest()
    IdempotencyKey.objects.filter(owner=by.key, key=key, used_at__lt=at - LIFE).delete()
    fresh = IdempotencyKey(owner=by.key, key=key, content_hash=content_hash, used_at=at)
    IdempotencyKey.objects.bulk_create([fresh], ignore_conflicts=True)
    use = IdempotencyKey.objects.select_for_update().get(owner=by.key, key=key)
    if use.content_hash != content_hash:
        raise OutOfTurn("This Idempotency-Key was used with other content: use a new key for something new")
    return use


def settle(use: IdempotencyKey, *, result: int) -> None:
    """Store the result of the request that used the key."""
    use.result = result
    use.save(update_fields=["result"])


class AlreadyRecorded(OutOfTurn):
    """The same form was sent before and was recorded then."""


@dataclass(slots=True, kw_only=True)
class SentForm:
    """A form that is being sent: its key, which includes its content, and its ledger line once the act is recorded."""

    key: str
    by: Actor
    at: datetime
    line: int = 0


_sent: ContextVar[SentForm | None] = ContextVar("form", default=None)


@contextmanager
def sent_once(key: str, *, content: object, by: Actor, at: datetime) -> Iterator[None]:
    """Run the block once for this key and content, in the transaction of its act.

    Other content under the same key is new, such as a form that the user went back to and changed.
    """
    content_hash = hashlib.sha256(canonical(content)).hexdigest()
    token = _sent.set(SentForm(key=f"form:{key[:64]}:{content_hash}", by=by, at=at) if key else None)
    try:
        yield
    finally:
        _sent.reset(token)


def refuse_if_recorded() -> None:
    """Refuse a form that was sent before. The caller has locked the case, so two requests at once run one after the other."""
    form = _sent.get()
    if form is None or form.line:
        return
    use = IdempotencyKey.objects.filter(
        owner=form.by.key, key=form.key, used_at__gte=form.at - LIFE, result__isnull=False
    ).first()
    if use is not None:
        raise AlreadyRecorded(
            f"This was already recorded at {near(use.used_at, at=form.at)}. Nothing was added"
        )


def remember(line: int) -> None:
    """Note the ledger line of the act of the form that is being sent, if there is one."""
    form = _sent.get()
    if form is not None and not form.line:
        settle(use_key(form.key, content="", by=form.by, at=form.at), result=line)
        form.line = line
