"""Writing a line. There is no other way in, and no way to change one."""

import hashlib
import json
from collections.abc import Mapping
from contextvars import ContextVar
from datetime import datetime
from typing import Any

from django.db import connection

from kernel.actors import Actor
from kernel.time import as_utc, rfc3339
from ledger.kinds import Kind
from ledger.models import Line

GENESIS = "0" * 64
SEALING = 0x5EA1
request_id: ContextVar[str] = ContextVar("request_id", default="")


class NotInTransaction(RuntimeError):
    """A ledger line is written together with the act it is about, or not at all."""


def append(
    kind: Kind, *, by: Actor, at: datetime, case: int | None = None, facts: Mapping[str, Any] | None = None
) -> int:
    """Add a line and return its number. Lines of a case form one chain, other lines one per actor.

    Must run inside the transaction of the act. `facts` are codes, numbers and instants, never text
    that a person wrote: such text stands in the case record and only its hash comes here.
    """
    if not connection.in_atomic_block:
        raise NotInTransaction(f"{kind} would be recorded without its act")
    chain = f"case:{case}" if case is not None else by.key
    position, previous, witnessed_at = _end_of(chain)
    line = Line(
        chain=chain,
        position=position + 1,
        case=case,
        kind=str(kind),
        at=as_utc(at),
        witnessed_at=witnessed_at,
        actor=by.key,
        role=str(by.acting_role or by.role),
        organisation=by.organisation,
        request=request_id.get(),
        facts=json.loads(json.dumps(facts or {}, default=_plain)),
        previous_hash=previous,
    )
    line.hash = hash_of(line)
    line.save(force_insert=True)
    return line.pk


def _end_of(chain: str) -> tuple[int, str, datetime]:
    """Wait for whoever is writing to this chain, then read where it ends and what the time is."""
    with connection.cursor() as cursor:
        # The first lock is shared with every writer and exclusive to the sealer, who must miss no line.
        cursor.execute(
            "SELECT pg_advisory_xact_lock_shared(%s), pg_advisory_xact_lock(hashtextextended(%s, 0))",
            [SEALING, chain],
        )
        cursor.execute(
            "SELECT position, hash, clock_timestamp() FROM ledger_line WHERE chain = %s"
            " ORDER BY position DESC LIMIT 1",
            [chain],
        )
        row = cursor.fetchone()
        if row is None:
            cursor.execute("SELECT 0, %s, clock_timestamp()", [GENESIS])
            row = cursor.fetchone()
    return row


def hash_of(line: Line) -> str:
    """SHA-256 over everything in the line but its own hash, the previous hash included."""
    content = {
        "chain": line.chain,
        "position": line.position,
        "case": line.case,
        "kind": line.kind,
        "at": rfc3339(line.at),
        "witnessed_at": rfc3339(line.witnessed_at),
        "actor": line.actor,
        "role": line.role,
        "organisation": line.organisation,
        "request": line.request,
        "facts": line.facts,
        "previous_hash": line.previous_hash,
    }
    return hashlib.sha256(canonical(content)).hexdigest()


def canonical(content: Any) -> bytes:
    """The one way in which content is written down before it is hashed."""
    return json.dumps(
        content, sort_keys=True, separators=(",", ":"), ensure_ascii=True, default=_plain
    ).encode()


def bind(content: Any, *, salt: str) -> str:
    """A hash that binds content kept in the case record. The salt is deleted with the content."""
    return hashlib.sha256(salt.encode() + canonical(content)).hexdigest()


def _plain(value: Any) -> str:
    return rfc3339(value) if isinstance(value, datetime) else str(value)
