"""The Merkle tree of RFC 6962: its roots are the published ones, and a proof holds for one leaf at one place only."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.merkle import Frontier, leaf_hash, root_through

# The eight leaves and the roots of the first n of them that Certificate Transparency's own tests use (certificate-transparency-go,
# merkle/logverifier tests; also transparency-dev/merkle).
LEAVES = [bytes.fromhex(x) for x in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def grown(leaves: list[bytes]) -> tuple[Frontier, dict[tuple[int, int], bytes]]:
    tree, nodes = Frontier(), {}
    for data in leaves:
        nodes.update({(level, index): node for level, index, node in tree.append(leaf_hash(data))})
    return tree, nodes


def naive(leaves: list[bytes]) -> bytes:
    """RFC 6962, 2.1, word by word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + naive(leaves[:k]) + naive(leaves[k:])).digest()


@pytest.mark.parametrize("size", range(9))
def test_the_roots_are_those_of_certificate_transparency(size: int) -> None:
    assert grown(LEAVES[:size])[0].root().hex() == ROOTS[size]


some = st.lists(st.binary(max_size=8), max_size=70)


@given(some)
def test_a_tree_grown_leaf_by_leaf_has_the_root_of_the_definition(leaves: list[bytes]) -> None:
    tree, nodes = grown(leaves)
    assert tree.root() == naive(leaves)
    assert len(nodes) <= 2 * len(leaves)
    again = Frontier(tree.size, tree.edge)
    assert again.root() == tree.root()


@given(some.filter(bool), st.data())
def test_a_leaf_is_proved_by_the_nodes_beside_it_and_another_is_not(leaves: list[bytes], data: st.DataObject) -> None:
    tree, nodes = grown(leaves)
    at = data.draw(st.integers(0, len(leaves) - 1))

    def node(level: int, index: int) -> bytes | None:
        return nodes.get((level, index))

    assert root_through(leaf_hash(leaves[at]), at, tree.size, node) == tree.root()
    assert root_through(leaf_hash(b"something else"), at, tree.size, node) != tree.root()
    elsewhere = data.draw(st.integers(0, len(leaves) - 1))
    if leaves[elsewhere] != leaves[at]:
        assert root_through(leaf_hash(leaves[at]), elsewhere, tree.size, node) != tree.root()
    for outside in (-1, tree.size, tree.size + 5):
        assert root_through(leaf_hash(leaves[at]), outside, tree.size, node) is None


@given(some.filter(lambda leaves: len(leaves) > 1), st.data())
def test_a_missing_or_wrong_node_proves_nothing(leaves: list[bytes], data: st.DataObject) -> None:
    tree, nodes = grown(leaves)
    at = data.draw(st.integers(0, len(leaves) - 1))
    asked: list[tuple[int, int]] = []

    def node(level: int, index: int) -> bytes | None:
        asked.append((level, index))
        return nodes.get((level, index))

    root_through(leaf_hash(leaves[at]), at, tree.size, node)
    assert 0 < len(asked) <= 2 * len(leaves).bit_length()
    key = data.draw(st.sampled_from(asked))
    for wrong in (None, bytes(32), b"", nodes[key] + b"\0"):
        changed = {**nodes, key: wrong}
        found = root_through(leaf_hash(leaves[at]), at, tree.size, lambda level, index, held=changed: held.get((level, index)))
        assert found != tree.root()


def test_a_leaf_is_never_taken_for_a_node() -> None:
    left, right = (leaf_hash(x) for x in (b"a", b"b"))
    assert leaf_hash(left + right) != grown([b"a", b"b"])[0].root()


def test_a_copy_grows_by_itself() -> None:
    tree, _ = grown(LEAVES[:3])
    root = tree.root()
    copy = tree.copy()
    copy.append(leaf_hash(b"more"))
    assert (tree.root(), tree.size) == (root, 3)


@pytest.mark.parametrize(("size", "edge"), [(0, [bytes(32)]), (3, [bytes(32)]), (4, []), (4, [bytes(32)] * 2)])
def test_an_edge_that_fits_no_size_is_refused(size: int, edge: list[bytes]) -> None:
    with pytest.raises(ValueError, match="one hash for each one bit"):
        Frontier(size, edge)
