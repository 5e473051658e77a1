"""The Merkle tree: its roots are those of RFC 6962, and no proof fits another leaf, place, size or root."""

import hashlib

import pytest

from ledger.tree import Growing, consistency, inclusion, is_consistent, is_included, leaf_hash, root_of

# The inputs and roots with which implementations of RFC 6962 are tested.
CONTENTS = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = {
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}
LEAVES = [leaf_hash(content) for content in CONTENTS]


@pytest.mark.parametrize(("size", "root"), ROOTS.items())
def test_the_roots_are_those_of_the_standard(size: int, root: str) -> None:
    assert root_of(LEAVES[:size]).hex() == root


def test_an_empty_tree_has_the_hash_of_nothing() -> None:
    assert Growing().root == hashlib.sha256(b"").digest()


def test_a_tree_that_grew_in_steps_is_the_same_tree() -> None:
    tree = Growing()
    for size in range(1, 9):
        tree = Growing(size=tree.size, peaks=list(tree.peaks))
        tree.extend(LEAVES[size - 1 : size])
        assert tree.root == root_of(LEAVES[:size])


def test_each_leaf_is_proven_and_nothing_else() -> None:
    for size in range(1, 9):
        leaves = LEAVES[:size]
        root = root_of(leaves)
        for place in range(size):
            path = inclusion(place, leaves)
            assert is_included(leaves[place], place=place, size=size, path=path, root=root)
            assert not is_included(leaf_hash(b"other"), place=place, size=size, path=path, root=root)
            assert not is_included(leaves[place], place=place, size=size, path=path, root=leaf_hash(b"other"))
            assert not is_included(leaves[place], place=place, size=size, path=[*path, root], root=root)
            assert (
                not is_included(leaves[place], place=(place + 1) % size, size=size, path=path, root=root)
                or size == 1
            )


def test_growth_is_proven_and_a_changed_past_is_not() -> None:
    for size in range(1, 9):
        for before in range(1, size + 1):
            old, new = root_of(LEAVES[:before]), root_of(LEAVES[:size])
            proof = consistency(before, LEAVES[:size])
            assert is_consistent(before=before, before_root=old, size=size, root=new, proof=proof)
            other = root_of([leaf_hash(b"other"), *LEAVES[1:before]])
            assert not is_consistent(before=before, before_root=other, size=size, root=new, proof=proof)
