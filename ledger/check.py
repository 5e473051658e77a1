"""Checks every line, link and seal: what was changed, taken out, put in, cut off, or hashed and sealed again."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import connection

from ledger.append import GENESIS
from ledger.fault import Fault
from ledger.key import Keys, keys_in
from ledger.models import Line, Seal
from ledger.seal import BINDING_LEAVES, content_of, leaves, merkle_root, published, trees_of
from ledger.tree import Growing, node_hash

ENOUGH = 20  # faults; more would say no more
UNSEALED = "1 hour"  # longer than a seal ever takes
TOGETHER = 5_000  # entries of one statement, so that no limit of a statement ends the check of a long ledger
LINES = """SELECT id, chain, position, "case"::text, kind, (at AT TIME ZONE 'UTC')::text,
    (witnessed_at AT TIME ZONE 'UTC')::text, actor, role, organisation, request, facts::text, previous_hash, hash
    FROM ledger_line WHERE id BETWEEN %s AND %s ORDER BY id"""
FIRST = (0, GENESIS)
Published = Mapping[str, Any]


@dataclass(slots=True, kw_only=True)
class Check:
    """What was checked and found. `seal` is the newest seal up to which everything holds."""

    lines: int = 0
    seal: int | None = None
    faults: list[Fault] = field(default_factory=list)

    def add(self, why: str, *, line: int | None = None) -> None:
        """Add a fault."""
        self.faults.append(Fault(line=line, why=why))


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A size and root that a tree has to have after a line or binding, and the seal that says so."""

    last: int
    size: int
    root: str
    seal: str
    is_own: bool


def verify(*, since: int | None = None, outside: Sequence[Published] = ()) -> tuple[int, Fault | None]:
    """How many lines were checked, and the first fault: see `check`."""
    result = check(since=since, outside=outside)
    return result.lines, result.faults[0] if result.faults else None


def check(*, since: int | None = None, outside: Sequence[Published] = ()) -> Check:
    """Check all lines, bindings and seals; with `since`, a seal that was verified before, only those behind it.

    `outside` are seals that were kept elsewhere, as they were published.
    """
    result = Check()
    start = Seal.objects.get(pk=since) if since is not None else None
    seals = list(Seal.objects.filter(pk__gt=since or 0).order_by("id"))
    keys = keys_in(settings.ENVIRONMENT.seal_key_file)
    after = (start.last_line, start.last_binding) if start and start.trees else (0, 0)
    lines, bindings = trees_of(start)
    last = _newest()
    each_line = _lines(result, after[0], last[0])
    _walk(result, each_line, lines, _marks(seals, outside, "lines", "last_line", after[0]))
    behind = _bindings(after[1], last[1])
    _walk(result, behind, bindings, _marks(seals, outside, "bindings", "last_binding", after[1]))
    _check_seals(result, seals, start, keys)
    _check_former(result, seals, start)
    _check_outside(result, outside, keys)
    _check_unsealed(result)
    result.seal = None if result.faults else seals[-1].pk if seals else since
    return result


def _marks(
    seals: Iterable[Seal], outside: Iterable[Published], tree: str, last: str, after: int
) -> list[Mark]:
    """What each seal says of one of the trees, in the order of their ends."""
    own = [(published(seal), f"seal {seal.pk}", True) for seal in seals]
    elsewhere = [(seal, _name(seal), False) for seal in outside]
    marks = [
        Mark(
            last=seal[last],
            size=seal["trees"][tree]["size"],
            root=seal["trees"][tree]["root"],
            seal=name,
            is_own=is_own,
        )
        for seal, name, is_own in [*own, *elsewhere]
        if seal["trees"] and seal[last] >= after
    ]
    return sorted(marks, key=lambda mark: mark.last)


def _name(seal: Published) -> str:
    return f"the outside seal of {seal['made_at']}"


def _walk(result: Check, content: Iterable[tuple[int, bytes]], tree: Growing, marks: list[Mark]) -> None:
    """Let the tree grow over lines or bindings, and compare it with each mark on the way.

    Once a seal does not fit, no later one can: one fault of our own seals is named, and one of those outside.
    """
    rest = iter(marks)
    mark = next(rest, None)
    leaves_until: list[bytes] = []
    fitting = {True: True, False: True}
    for number, leaf in content:
        while mark is not None and number > mark.last:
            tree.extend(leaves_until)
            leaves_until.clear()
            _compare(result, tree, mark, fitting)
            mark = next(rest, None)
        leaves_until.append(leaf)
    tree.extend(leaves_until)
    while mark is not None:
        _compare(result, tree, mark, fitting)
        mark = next(rest, None)


def _compare(result: Check, tree: Growing, mark: Mark, fitting: dict[bool, bool]) -> None:
    if not fitting[mark.is_own]:
        return
    fitting[mark.is_own] = tree.size == mark.size and tree.root.hex() == mark.root
    if tree.size < mark.size:
        result.add(f"{mark.seal} counted {mark.size} entries where {tree.size} are left: some were cut off")
    elif tree.size > mark.size:
        result.add(f"{mark.seal} counted {mark.size} entries where {tree.size} are: some were put in later")
    elif not fitting[mark.is_own]:
        result.add(f"{mark.seal} does not fit its lines: they were hashed again or put in another order")


def _newest() -> tuple[int, int]:
    """The newest line and binding now, where the check ends: what an act writes meanwhile is checked the next time.

    An act that has not ended holds its chain, so no line behind the newest one can follow a line that is not seen yet.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce((SELECT max(id) FROM ledger_line), 0), coalesce((SELECT max(id) FROM ledger_binding), 0)"
        )
        line, binding = cursor.fetchone()
        return line, binding


def _lines(result: Check, after: int, last: int) -> Iterator[tuple[int, bytes]]:
    """The number and leaf of each line behind one; checks its place, its link and its hash on the way."""
    ends = _ends(after)
    unhex, sha = bytes.fromhex, hashlib.sha256
    for row in _rows(after, last):
        number, chain, place, previous, stored = row[0], row[1], row[2], row[12], row[13]
        position, end = ends.get(chain, FIRST)
        if place != position + 1:
            result.add(_misplaced(place, position, chain), line=number)
        elif previous != end:
            result.add("it does not follow the line before it", line=number)
        if _hash(row) != stored:
            result.add("its content was changed after it was written", line=number)
        ends[chain] = (place, stored)
        result.lines += not result.faults
        yield number, sha(b"\x00" + unhex(stored)).digest()


def _rows(after: int, last: int) -> Iterator[Sequence[Any]]:
    """The columns of each line, in the order of their numbers: numbers as they are, all else as text."""
    while (first := _first_behind(after)) is not None and first <= last:
        after = min(first + TOGETHER - 1, last)
        yield from _part(first, after)


def _first_behind(number: int, *, of: str = "ledger_line") -> int | None:
    """The next line or binding after a number, whatever the gap."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT min(id) FROM {of} WHERE id > %s", [number])
        (first,) = cursor.fetchone()
        return first


def _part(first: int, last: int) -> Sequence[Sequence[Any]]:
    """Some lines at once: fetching each by itself took a third of the time.

    Both ends are named. With a limit in place of the end, a database without statistics sorts the whole rest each time.
    """
    with connection.cursor() as cursor:
        cursor.execute(LINES, [first, last])
        rows: Sequence[Sequence[Any]] = cursor.fetchall()
        return rows


def _bindings(after: int, last: int) -> Iterator[tuple[int, bytes]]:
    """The number and leaf of each binding, in the order of their numbers."""
    while (first := _first_behind(after, of="ledger_binding")) is not None and first <= last:
        after = min(first + TOGETHER - 1, last)
        yield from leaves(BINDING_LEAVES, first - 1, after)


def _misplaced(place: int, position: int, chain: str) -> str:
    if place > position:
        return f"line {position + 1} of chain {chain} is missing"
    return f"it is at position {place} of chain {chain}, behind position {position}"


def _ends(after: int) -> dict[str, tuple[int, str]]:
    """The places at one line of the chains that go on after it."""
    if not after:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT chain, position, hash FROM (SELECT DISTINCT chain FROM ledger_line WHERE id > %s) going_on"
            " JOIN LATERAL (SELECT position, hash FROM ledger_line WHERE chain = going_on.chain AND id <= %s"
            " ORDER BY position DESC LIMIT 1) AS newest ON true",
            [after, after],
        )
        return {chain: (position, hash_) for chain, position, hash_ in cursor.fetchall()}


def _hash(row: Sequence[Any]) -> str:
    """The hash of a line, as `ledger.append.hash_of` makes it, from its columns as text."""
    _, chain, place, case, kind, at, witnessed_at, actor, role, organisation, request, facts, previous, _ = (
        row
    )
    content = (
        f'{{"actor":{_quoted(actor)},"at":"{_instant(at)}","case":{case or "null"},"chain":{_quoted(chain)},'
        f'"facts":{_canonical(facts)},"kind":{_quoted(kind)},"organisation":{_quoted(organisation)},'
        f'"position":{place},"previous_hash":{_quoted(previous)},"request":{_quoted(request)},'
        f'"role":{_quoted(role)},"witnessed_at":"{_instant(witnessed_at)}"}}'
    )
    return hashlib.sha256(content.encode()).hexdigest()


def _instant(text: str) -> str:
    """An instant of the database as `kernel.time.rfc3339` writes it."""
    fraction = text[19:]
    return f"{text[:10]}T{text[11:19]}{fraction.ljust(7, '0') if fraction else ''}Z"


_quoted = json.encoder.encode_basestring_ascii
# The encoder that JSONEncoder makes again for every text: sorted, compact, ASCII.
_module: Any = json.encoder
_encode = _module.c_make_encoder(None, str, _quoted, None, ":", ",", True, False, True)


def _canonical(facts: str) -> str:
    return "".join(_encode(json.loads(facts), 0))


def _check_seals(result: Check, seals: Sequence[Seal], start: Seal | None, keys: Keys) -> None:
    """Each seal follows the one before it, fits itself, and was signed by us. Later ones cover what earlier ones hold."""
    previous = start.root if start else GENESIS
    for seal in seals:
        if seal.previous_root != previous:
            result.add(f"seal {seal.pk} does not fit the seal before it, which is missing or another")
        previous = seal.root
        if seal.trees:
            lines, bindings = trees_of(seal)
            roots = (lines.root.hex(), bindings.root.hex(), node_hash(lines.root, bindings.root).hex())
            if roots != (seal.trees["lines"]["root"], seal.trees["bindings"]["root"], seal.root):
                result.add(f"seal {seal.pk} does not fit itself")
        if seal.signature and keys.public and not _is_signed(published(seal), keys):
            result.add(f"seal {seal.pk} was not signed by our key")
    if seals and keys.public and not seals[-1].signature:
        result.add(f"seal {seals[-1].pk}, the newest, is not signed")


def _is_signed(seal: Published, keys: Keys) -> bool:
    return keys.fits(seal["signature"], content_of(seal), by=seal["key"])


def _check_former(result: Check, seals: Sequence[Seal], start: Seal | None) -> None:
    """Seals from before they were signed: a root over the lines since the seal before."""
    after = start.last_line if start else 0
    for seal in seals:
        if seal.trees is None:
            lines = Line.objects.filter(id__gt=after, id__lte=seal.last_line).order_by("id")
            hashes = list(lines.values_list("hash", flat=True))
            if len(hashes) != seal.lines:
                result.add(f"seal {seal.pk} counted {seal.lines} lines where {len(hashes)} are left")
            elif merkle_root([seal.previous_root, merkle_root(hashes)]) != seal.root:
                result.add(f"seal {seal.pk} does not fit its lines")
        after = seal.last_line


def _check_outside(result: Check, outside: Sequence[Published], keys: Keys) -> None:
    """Each seal that was kept outside was signed by us, and is here too."""
    here = set(Seal.objects.values_list("root", flat=True)) if outside else set()
    for seal in outside:
        if keys.public and not _is_signed(seal, keys):
            result.add(f"{_name(seal)} was not signed by our key")
        elif seal["root"] not in here:
            result.add(f"{_name(seal)} is missing here: seals were cut off, or made again")


def _check_unsealed(result: Check) -> None:
    """Add a fault for a line that has waited too long for its seal."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT min(id) FROM ledger_line WHERE id > coalesce((SELECT max(last_line) FROM ledger_seal), 0)"
            f" AND witnessed_at < clock_timestamp() - interval '{UNSEALED}'"
        )
        (line,) = cursor.fetchone()
    if line is not None:
        result.add(
            f"it has had no seal for {UNSEALED}: the newest seals were cut off, or none is made", line=line
        )
