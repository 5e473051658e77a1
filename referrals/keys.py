"""A key makes sending twice do once: per owner, for seven days."""

import hashlib
from datetime import datetime, timedelta

from kernel.actors import Actor
from kernel.refusals import OutOfTurn
from ledger.append import canonical
from referrals.models import IdempotencyKey

LIFE = timedelta(days=7)


def use_key(key: str, *, content: object, by: Actor, at: datetime) -> IdempotencyKey:
    """Claim a key, or find how it was used. Waits for whoever is using it now; a refusal gives it back."""
    content_hash = hashlib.sha256(canonical(content)).hexdigest()
    IdempotencyKey.objects.filter(owner=by.key, key=key, used_at__lt=at - LIFE).delete()
    fresh = IdempotencyKey(owner=by.key, key=key, content_hash=content_hash, used_at=at)
    IdempotencyKey.objects.bulk_create([fresh], ignore_conflicts=True)
    used = IdempotencyKey.objects.select_for_update().get(owner=by.key, key=key)
    if used.content_hash != content_hash:
        raise OutOfTurn("This Idempotency-Key was used with other content: use a new key for something new")
    return used


def settle(used: IdempotencyKey, *, result: int) -> None:
    """Remember what the key led to."""
    used.result = result
    used.save(update_fields=["result"])
