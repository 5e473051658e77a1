"""A key makes a request that is sent twice act once: per owner, for seven days. Each form is drawn with its own key."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from kernel.actors import Actor
from kernel.refusals import OutOfTurn
from kernel.time import near
from ledger.append import canonical
from referrals.case.models import IdempotencyKey

LIFE = timedelta(days=7)


class KeyReused(OutOfTurn):
    """A key was sent again with other content: a fault of the sender, and no conflict about the case."""

    code, title = "idempotency_key_reused", "Key used with other content"


def use_key(key: str, *, content: object, by: Actor, at: datetime) -> IdempotencyKey:
    """Claim a key, or find its earlier use. Waits for a request that is using it now; a refusal releases it."""
    content_hash = hashlib.sha256(canonical(content)).hexdigest()
    with connection.cursor() as cursor:
        cursor.execute(
            _CLAIM, {"owner": by.key, "key": key, "hash": content_hash, "at": at, "old": at - LIFE}
        )
        row = cursor.fetchone()
    use = IdempotencyKey.from_db(None, ("id", "owner", "key", "content_hash", "result", "used_at"), row)
    if use.content_hash != content_hash:
        raise KeyReused("This Idempotency-Key was used with other content: use a new key for something new")
    return use


# Adds the key, or locks the row of its earlier use; a use that is too old gives way to this one.
_CLAIM = """
INSERT INTO referrals_idempotencykey AS used (owner, key, content_hash, used_at)
VALUES (%(owner)s, %(key)s, %(hash)s, %(at)s)
ON CONFLICT (owner, key) DO UPDATE SET
    content_hash = CASE WHEN used.used_at < %(old)s THEN excluded.content_hash ELSE used.content_hash END,
    result = CASE WHEN used.used_at < %(old)s THEN NULL ELSE used.result END,
    used_at = CASE WHEN used.used_at < %(old)s THEN excluded.used_at ELSE used.used_at END
RETURNING id, owner, key, content_hash, result, used_at
"""


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
