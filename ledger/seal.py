"""Seals: proof that no line and no binding was changed, inserted or cut off."""

import hashlib
import time
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from kernel.time import rfc3339
from ledger.append import GENESIS, SEAL_LOCK, canonical
from ledger.key import keys_in
from ledger.models import Line, Seal
from ledger.tree import Growing, leaf_hash, node_hash

SEALER = 0x5EA2  # held by the process that makes a seal; no act asks for it
PATIENCE = 20.0  # longer than PostgreSQL lets a web request stay in a transaction
LIMITS = (
    "SET LOCAL statement_timeout = '20s'; SET LOCAL lock_timeout = '1s';"
    " SET LOCAL idle_in_transaction_session_timeout = '5s'"
)

LINE_LEAVES = "SELECT id, hash FROM ledger_line WHERE id > %s AND id <= %s ORDER BY id"
BINDING_LEAVES = """SELECT id, encode(sha256(convert_to(concat_ws('|', id, source, record, coalesce(history::text, ''),
    operation, coalesce(line::text, ''), form, extract(epoch FROM at), hash), 'UTF8')), 'hex')
    FROM ledger_binding WHERE id > %s AND id <= %s ORDER BY id"""
EMPTY_TREE: dict[str, Any] = {"size": 0, "peaks": []}


class StillWriting(RuntimeError):
    """An act that was writing when the seal began has not ended: seal again later."""


def merkle_root(leaves: Iterable[str]) -> str:
    """The root of seals before they were signed: of hex hashes in their order; an odd hash goes up alone."""
    level = [bytes.fromhex(leaf) for leaf in leaves] or [bytes(32)]
    while len(level) > 1:
        level = [hashlib.sha256(b"".join(level[i : i + 2])).digest() for i in range(0, len(level), 2)]
    return level[0].hex()


def make_seal(*, at: datetime, patience: float = PATIENCE) -> Seal | None:
    """Seal every line since the last seal; None when there is no new line, or another process makes the seal.

    Nobody waits for a seal. It waits for the acts that were writing when it began, at most `patience` seconds:
    StillWriting when one of them has not ended by then. It is safe to repeat.
    """
    last = _last_settled(patience)
    return _seal_until(last, at=at) if last[0] else None


def last_settled_line(patience: float) -> int:
    """The newest line, once every act has ended that could still add a line before it; 0 without lines. StillWriting
    after `patience` seconds.
    """
    return _last_settled(patience)[0]


def _last_settled(patience: float) -> tuple[int, int]:
    """The newest line and binding, once every act has ended that could still add one before them; 0 without any.

    Every act holds the shared lock before it numbers its lines and bindings and until its end. So a number below the newest
    line belongs to an act that has ended, or to one that holds the lock now.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce((SELECT max(id) FROM ledger_line), 0), coalesce((SELECT max(id) FROM ledger_binding), 0)"
        )
        last = cursor.fetchone()
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
def _seal_until(last: tuple[int, int], *, at: datetime) -> Seal | None:
    with connection.cursor() as cursor:
        cursor.execute(LIMITS)
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [SEALER])
        if not cursor.fetchone()[0]:
            return None
    previous = Seal.objects.order_by("-id").first()
    after = previous.last_line if previous else 0
    if after == last[0]:
        return None
    lines, bindings = trees_of(previous)
    lines.extend(leaf for _, leaf in leaves(LINE_LEAVES, after if lines.size else 0, last[0]))
    newest = previous.last_binding if previous else 0
    bindings.extend(leaf for _, leaf in leaves(BINDING_LEAVES, newest, last[1]))
    count = Line.objects.filter(id__gt=after, id__lte=last[0]).count()
    keys = keys_in(settings.ENVIRONMENT.seal_key_file)
    seal = Seal(
        made_at=at,
        last_line=last[0],
        lines=count,
        previous_root=previous.root if previous else GENESIS,
        root=node_hash(lines.root, bindings.root).hex(),
        last_binding=last[1],
        trees={"lines": _tree(lines), "bindings": _tree(bindings)},
        key=keys.name,
    )
    seal.signature = keys.sign(content_of(published(seal)))
    seal.save(force_insert=True)
    return seal


def leaves(query: str, after: int, last: int) -> Iterator[tuple[int, bytes]]:
    """The number and leaf of each line or binding after one and up to another, as they are now."""
    with connection.cursor() as cursor, cursor.copy(f"COPY ({query}) TO STDOUT", [after, last]) as rows:
        for number, content in rows.rows():
            yield int(number), leaf_hash(bytes.fromhex(content))


def trees_of(seal: Seal | None) -> tuple[Growing, Growing]:
    """The two trees at a seal, to grow on; empty where seals had none."""
    stored = seal.trees if seal is not None and seal.trees else {"lines": EMPTY_TREE, "bindings": EMPTY_TREE}
    return _grown(stored["lines"]), _grown(stored["bindings"])


def _grown(tree: Mapping[str, Any]) -> Growing:
    return Growing(size=tree["size"], peaks=[bytes.fromhex(peak) for peak in tree["peaks"]])


def _tree(tree: Growing) -> dict[str, Any]:
    return {"size": tree.size, "root": tree.root.hex(), "peaks": [peak.hex() for peak in tree.peaks]}


def published(seal: Seal) -> dict[str, Any]:
    """A seal as it goes outside. It holds only hashes and numbers."""
    return {
        "number": seal.pk,
        "made_at": rfc3339(seal.made_at),
        "last_line": seal.last_line,
        "lines": seal.lines,
        "last_binding": seal.last_binding,
        "trees": seal.trees,
        "previous_root": seal.previous_root,
        "root": seal.root,
        "key": seal.key,
        "signature": seal.signature,
    }


def content_of(seal: Mapping[str, Any]) -> bytes:
    """What is signed of a seal that went outside: all but its number and the signature."""
    return canonical({name: value for name, value in seal.items() if name not in ("number", "signature")})


def newest_seal() -> dict[str, Any] | None:
    """The newest seal as it goes outside."""
    seal = Seal.objects.order_by("-id").first()
    return published(seal) if seal else None


def seals_after(number: int) -> list[dict[str, Any]]:
    """The seals after this one as they go outside, oldest first."""
    return [published(seal) for seal in Seal.objects.filter(pk__gt=number).order_by("id")]


def first_seal_with(line: int) -> dict[str, Any] | None:
    """The first signed seal that holds a line, as it goes outside; None when there is none yet."""
    seal = Seal.objects.filter(last_line__gte=line).exclude(trees=None).order_by("id").first()
    return published(seal) if seal else None
