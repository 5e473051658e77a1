"""Writing ledger lines. There is no other way to add a line, and no way to change one."""

import hashlib
import json
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import connection

from kernel import spans
from kernel.actors import Actor
from kernel.time import as_utc, rfc3339
from ledger.facts import Facts
from ledger.insert import insert
from ledger.kinds import Kind
from ledger.models import Line
from ledger.unit import Draft, NewEntry, Unit, current

GENESIS = "0" * 64
SEAL_LOCK = 0x5EA1
request_id: ContextVar[str] = ContextVar("request_id", default="")


class NotInTransaction(RuntimeError):
    """A ledger line must be written in the transaction of its act."""


def append(
    kind: Kind, *, by: Actor, at: datetime, case: int | None = None, facts: Facts | None = None
) -> int:
    """Add a line and return its number. The lines of a case form one chain; other lines form one chain per actor.
    `facts` are of the type of their kind: see `ledger.facts`.

    NotInTransaction outside the transaction of the act.
    """
    return append_all([NewEntry(kind=kind, case=case, facts=facts or Facts())], by=by, at=at)[0]


def append_all(entries: Sequence[NewEntry], *, by: Actor, at: datetime) -> list[int]:
    """Add lines in this order, each to the end of its chain, and return their numbers.

    Chains are locked in the order of their names, so that two acts about many cases never wait for each
    other. An act that also locks rows locks the rows first.
    """
    numbers: list[int] = []
    _write([Draft(entry=_fixed(entry), by=by, at=at, then=numbers.append) for entry in entries])
    return numbers


def draft(entry: NewEntry, *, by: Actor, at: datetime, then: Callable[[int], None]) -> None:
    """Add a line whose number is not needed yet: `then` gets it. Inside an act it is written with the next line that
    is needed, or at the end; outside one at once.
    """
    new = Draft(entry=_fixed(entry), by=by, at=at, then=then)
    unit = current()
    if unit is None:
        _write([new])
    else:
        unit.drafts.append(new)


def write_drafts() -> None:
    """Write the lines that wait in the open act."""
    _write([])


def _fixed(entry: NewEntry) -> NewEntry:
    """The entry with its facts as plain JSON, as they are now."""
    return replace(entry, facts=json.loads(json.dumps(entry.facts, default=_plain)))


def _write(new: list[Draft]) -> None:
    """Write the drafts of the open act and then these, in their order, and hand out the numbers."""
    unit = current()
    drafts = [*unit.drafts, *new] if unit is not None else new
    if not drafts:
        return
    if not connection.in_atomic_block:
        kinds = ", ".join(sorted({draft.entry.kind for draft in drafts}))
        raise NotInTransaction(f"{kinds} would be recorded without its act")
    chains = [_chain(draft) for draft in drafts]
    ends, witnessed_at = _ends_of(sorted(set(chains)), unit)
    request, lines = request_id.get(), []
    for new_line, chain in zip(drafts, chains, strict=True):
        line = _line(new_line, chain, ends[chain], witnessed_at=witnessed_at, request=request)
        ends[chain] = (line.position, line.hash)
        lines.append(line)
        spans.note(kind=line.kind)
    insert(lines)
    if unit is not None:
        unit.drafts.clear()
        unit.ends.update(ends)
    for new_line, line in zip(drafts, lines, strict=True):
        new_line.then(line.pk)


def _chain(draft: Draft) -> str:
    return f"case:{draft.entry.case}" if draft.entry.case is not None else draft.by.key


def _line(draft: Draft, chain: str, end: tuple[int, str], *, witnessed_at: datetime, request: str) -> Line:
    position, previous = end
    line = Line(
        chain=chain,
        position=position + 1,
        case=draft.entry.case,
        kind=str(draft.entry.kind),
        at=as_utc(draft.at),
        witnessed_at=witnessed_at,
        actor=draft.by.key,
        role=str(draft.by.acting_role or draft.by.role),
        organisation=draft.by.organisation,
        request=request,
        facts=draft.entry.facts,
        previous_hash=previous,
    )
    line.hash = hash_of(line)
    return line


def _ends_of(chains: list[str], unit: Unit | None) -> tuple[dict[str, tuple[int, str]], datetime]:
    """The last position and hash of each chain, locked, and the database's time.

    Within an act the lock is held until its end, so that a chain is read once.
    """
    if unit is not None and unit.witnessed_at is not None and all(chain in unit.ends for chain in chains):
        return {chain: unit.ends[chain] for chain in chains}, unit.witnessed_at
    ends, witnessed_at = _lock_and_read(chains)
    if unit is not None:
        unit.witness(witnessed_at)
    return ends, witnessed_at


def _lock_and_read(chains: list[str]) -> tuple[dict[str, tuple[int, str]], datetime]:
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
