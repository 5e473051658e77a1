"""Writing ledger lines. There is no other way to add a line, and no way to change one."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection

from kernel.actors import Actor
from kernel.time import as_utc, rfc3339
from ledger.kinds import Kind
from ledger.models import Line

GENESIS = "0" * 64
SEAL_LOCK = 0x5EA1
request_id: ContextVar[str] = ContextVar("request_id", default="")


class NotInTransaction(RuntimeError):
    """A ledger line must be written in the transaction of its act."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEntry:
    """The content of a line to write. `facts` are codes, numbers and instants, never text that a person wrote:
    such text stays in the case record, and the ledger gets only its hash.
    """

    kind: Kind
    case: int | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


def append(
    kind: Kind, *, by: Actor, at: datetime, case: int | None = None, facts: Mapping[str, Any] | None = None
) -> int:
    """Add a line and return its number. The lines of a case form one chain; other lines form one chain per actor.

    NotInTransaction outside the transaction of the act.
    """
    return append_all([NewEntry(kind=kind, case=case, facts=facts or {})], by=by, at=at)[0]


def append_all(entries: Sequence[NewEntry], *, by: Actor, at: datetime) -> list[int]:
    """Add lines in this order, each to the end of its chain, and return their numbers.

    Chains are locked in the order of their names, so that two acts about many cases never wait for each
    other. An act that also locks rows locks the rows first.
    """
    if not entries:
        return []
    if not connection.in_atomic_block:
        kinds = ", ".join(sorted({entry.kind for entry in entries}))
        raise NotInTransaction(f"{kinds} would be recorded without its act")
    chains = [f"case:{entry.case}" if entry.case is not None else by.key for entry in entries]
    ends, witnessed_at = _ends_of(sorted(set(chains)))
    lines = []
    for entry, chain in zip(entries, chains, strict=True):
        position, previous = ends[chain]
        line = Line(
            chain=chain,
            position=position + 1,
            case=entry.case,
            kind=str(entry.kind),
            at=as_utc(at),
            witnessed_at=witnessed_at,
            actor=by.key,
            role=str(by.acting_role or by.role),
            organisation=by.organisation,
            request=request_id.get(),
            facts=json.loads(json.dumps(entry.facts, default=_plain)),
            previous_hash=previous,
        )
        line.hash = hash_of(line)
        ends[chain] = (line.position, line.hash)
        lines.append(line)
    return [line.pk for line in Line.objects.bulk_create(lines)]


def _ends_of(chains: list[str]) -> tuple[dict[str, tuple[int, str]], datetime]:
    """Lock these chains; then read the last position and hash of each, and the database's time."""
    with connection.cursor() as cursor:
        # Writers share the first lock; nobody takes it alone. The sealer sees who holds it and waits for them, so
        # that it misses no line. The two statements go out together, but the second begins, and sees committed
        # lines, only after the first has its locks.
        cursor.execute(
            "SELECT pg_advisory_xact_lock_shared(%s) UNION ALL"
            " SELECT pg_advisory_xact_lock(hashtextextended(chain, 0)) FROM unnest(%s::text[]) AS chain;"
            " SELECT chain, coalesce(position, 0), coalesce(hash, %s), clock_timestamp()"
            " FROM unnest(%s::text[]) AS chain LEFT JOIN LATERAL"
            " (SELECT position, hash FROM ledger_line WHERE ledger_line.chain = chain.chain"
            "  ORDER BY position DESC LIMIT 1) AS newest ON true",
            [SEAL_LOCK, chains, GENESIS, chains],
        )
        cursor.nextset()
        rows = cursor.fetchall()
    return {chain: (position, previous) for chain, position, previous, _ in rows}, rows[0][3]


def hash_of(line: Line) -> str:
    """SHA-256 over the whole line, with the previous hash and without its own."""
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
    """The one form in which content is hashed: sorted, compact ASCII JSON."""
    return json.dumps(
        content, sort_keys=True, separators=(",", ":"), ensure_ascii=True, default=_plain
    ).encode()


def bind(content: Any, *, salt: str) -> str:
    """A hash that binds content of the case record to the ledger. The salt is deleted with the content."""
    return hashlib.sha256(salt.encode() + canonical(content)).hexdigest()


def _plain(value: Any) -> str:
    return rfc3339(value) if isinstance(value, datetime) else str(value)
