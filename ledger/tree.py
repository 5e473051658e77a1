"""Merkle trees as in RFC 6962, over hashes of leaves in their order. Hashes are bytes; everything is pure."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

EMPTY = hashlib.sha256(b"").digest()


def leaf_hash(content: bytes) -> bytes:
    """The hash of one leaf."""
    return hashlib.sha256(b"\x00" + content).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash over two neighbours."""
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass(slots=True, kw_only=True)
class Growing:
    """A tree that only grows: its size, and the roots of its whole subtrees, largest first."""

    size: int = 0
    peaks: list[bytes] = field(default_factory=list)

    def extend(self, leaves: Iterable[bytes]) -> None:
        """Add hashes of leaves at the end."""
        peaks, size, sha = self.peaks, self.size, hashlib.sha256
        for leaf in leaves:
            size += 1
            rest = size
            while not rest & 1:
                leaf = sha(b"\x01" + peaks.pop() + leaf).digest()
                rest >>= 1
            peaks.append(leaf)
        self.size = size

    @property
    def root(self) -> bytes:
        """The root at this size."""
        if not self.peaks:
            return EMPTY
        root = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            root = node_hash(peak, root)
        return root


def root_of(leaves: Iterable[bytes]) -> bytes:
    """The root over these leaves."""
    tree = Growing()
    tree.extend(leaves)
    return tree.root


def _split(size: int) -> int:
    """The largest power of two below a size of at least two."""
    return 1 << ((size - 1).bit_length() - 1)


def inclusion(place: int, leaves: Sequence[bytes]) -> list[bytes]:
    """The path from the leaf at a place, counted from 0, to the root over all leaves (RFC 6962, 2.1.1)."""
    if len(leaves) <= 1:
        return []
    middle = _split(len(leaves))
    if place < middle:
        return [*inclusion(place, leaves[:middle]), root_of(leaves[middle:])]
    return [*inclusion(place - middle, leaves[middle:]), root_of(leaves[:middle])]


def is_included(leaf: bytes, *, place: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether a path leads from the leaf at a place to this root of a tree of this size."""
    if not 0 <= place < size:
        return False
    reached, last, steps = leaf, size - 1, list(path)
    for step in steps:
        if last == 0:
            return False
        if place & 1 or place == last:
            reached = node_hash(step, reached)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            reached = node_hash(reached, step)
        place, last = place >> 1, last >> 1
    return last == 0 and reached == root


def consistency(before: int, leaves: Sequence[bytes]) -> list[bytes]:
    """The proof that the tree over the first `before` leaves grew into the tree over all (RFC 6962, 2.1.2)."""
    return _consistency(before, leaves, whole=True) if 0 < before < len(leaves) else []


def _consistency(before: int, leaves: Sequence[bytes], *, whole: bool) -> list[bytes]:
    if before == len(leaves):
        return [] if whole else [root_of(leaves)]
    middle = _split(len(leaves))
    if before <= middle:
        return [*_consistency(before, leaves[:middle], whole=whole), root_of(leaves[middle:])]
    return [*_consistency(before - middle, leaves[middle:], whole=False), root_of(leaves[:middle])]


def is_consistent(*, before: int, before_root: bytes, size: int, root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether a proof shows that a tree grew from one size and root to another (RFC 9162, 2.1.4.2)."""
    if before == size:
        return not proof and before_root == root
    if not 0 < before < size or not proof:
        return False
    steps = list(proof) if before & (before - 1) else [before_root, *proof]
    first, last = before - 1, size - 1
    while first & 1:
        first, last = first >> 1, last >> 1
    old = new = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if first & 1 or first == last:
            old, new = node_hash(step, old), node_hash(step, new)
            while not first & 1 and first:
                first, last = first >> 1, last >> 1
        else:
            new = node_hash(new, step)
        first, last = first >> 1, last >> 1
    return last == 0 and old == before_root and new == root
