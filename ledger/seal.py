"""Proof that no line was changed, inserted or cut off."""

import hashlib
import time
from collections.abc import Iterable
from datetime import datetime

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from ledger.append import GENESIS, SEAL_LOCK, hash_of
from ledger.fault import Fault
from ledger.models import Line, Seal

SEALER = 0x5EA2  # held by the process that makes a seal; no act asks for it
PATIENCE = 20.0  # longer than PostgreSQL lets a web request sit in a transaction
LIMITS = (
    "SET LOCAL statement_timeout = '20s'; SET LOCAL lock_timeout = '1s';"
    " SET LOCAL idle_in_transaction_session_timeout = '5s'"
)


class StillWriting(RuntimeError):
    """An act that was writing when the seal began has not ended: seal again later."""


def merkle_root(leaves: Iterable[str]) -> str:
    """The Merkle root of hex hashes in their order; an odd hash goes up alone."""
    level = [bytes.fromhex(leaf) for leaf in leaves] or [bytes(32)]
    while len(level) > 1:
        level = [hashlib.sha256(b"".join(level[i : i + 2])).digest() for i in range(0, len(level), 2)]
    return level[0].hex()


def _root(previous_root: str, hashes: list[str]) -> str:
    return merkle_root([previous_root, merkle_root(hashes)])


def make_seal(*, at: datetime, patience: float = PATIENCE) -> Seal | None:
    """Seal every line since the last seal; None when there is no new line, or another process makes the seal.

    Nobody waits for a seal. It waits for the acts that were writing when it began, at most `patience` seconds:
    StillWriting when one of them has not ended by then. It is safe to repeat.
    """
    last = _last_settled_line(patience)
    return _seal_until(last, at=at) if last else None


def _last_settled_line(patience: float) -> int:
    """The newest line, once every act has ended that could still add a line before it; 0 without lines.

    Every act holds the shared lock before it numbers its lines and until its end. So a number below the newest
    line belongs to an act that has ended, or to one that holds the lock now.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(id) FROM ledger_line")
        last = cursor.fetchone()[0] or 0
        writing = _acts_that_write(cursor)
        ends = time.monotonic() + patience
        while writing:
            if time.monotonic() > ends:
                raise StillWriting(f"{len(writing)} acts have not ended: {', '.join(sorted(writing))}")
            time.sleep(0.02)
            writing &= _acts_that_write(cursor)
    return last


def _acts_that_write(cursor: CursorWrapper) -> set[str]:
    """The running transactions of others that hold the shared lock."""
    cursor.execute(
        "SELECT virtualtransaction FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1 AND classid = 0"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        " AND objid = %s AND granted AND pid <> pg_backend_pid()",
        [SEAL_LOCK],
    )
    return {name for (name,) in cursor.fetchall()}


@transaction.atomic
def _seal_until(last: int, *, at: datetime) -> Seal | None:
    with connection.cursor() as cursor:
        cursor.execute(LIMITS)
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [SEALER])
        if not cursor.fetchone()[0]:
            return None
    previous = Seal.objects.order_by("-id").first()
    after, previous_root = (previous.last_line, previous.root) if previous else (0, GENESIS)
    lines = list(Line.objects.filter(id__gt=after, id__lte=last).order_by("id").values_list("id", "hash"))
    if not lines:
        return None
    return Seal.objects.create(
        made_at=at,
        last_line=lines[-1][0],
        lines=len(lines),
        previous_root=previous_root,
        root=_root(previous_root, [hash_ for _, hash_ in lines]),
    )


def verify() -> tuple[int, Fault | None]:
    """Check every hash, link and seal; returns how many lines were checked, and the first fault."""
    count = 0
    ends: dict[str, tuple[int, str]] = {}
    for line in Line.objects.order_by("chain", "position").iterator(chunk_size=2000):
        position, previous = ends.get(line.chain, (0, GENESIS))
        if line.position != position + 1:
            return count, Fault(line=line.pk, why=f"line {position + 1} of chain {line.chain} is missing")
        if line.previous_hash != previous:
            return count, Fault(line=line.pk, why="it does not follow the line before it")
        if hash_of(line) != line.hash:
            return count, Fault(line=line.pk, why="its content was changed after it was written")
        ends[line.chain] = (line.position, line.hash)
        count += 1
    return count, _fault_of_seals()


def _fault_of_seals() -> Fault | None:
    after, previous_root = 0, GENESIS
    for seal in Seal.objects.order_by("id"):
        lines = Line.objects.filter(id__gt=after, id__lte=seal.last_line).order_by("id")
        hashes = list(lines.values_list("hash", flat=True))
        if len(hashes) != seal.lines:
            return Fault(
                line=None, why=f"seal {seal.pk} counted {seal.lines} lines where {len(hashes)} are left"
            )
        if seal.previous_root != previous_root or _root(previous_root, hashes) != seal.root:
            return Fault(line=None, why=f"seal {seal.pk} does not fit its lines")
        after, previous_root = seal.last_line, seal.root
    return None
