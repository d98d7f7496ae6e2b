"""The RFC 6962 Merkle tree over the stored entry bytes.

The tree lets one old row be checked against one 32-byte root without reading the others. `Frontier` grows the tree one
leaf at a time and knows its root; the nodes of complete subtrees that it hands out are kept beside the entries, are not
trusted, and are proved by `root_through`: the root recomputed from a leaf and its stored siblings must be the one known.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable

Node = Callable[[int, int], bytes | None]
"""Looks up a complete subtree's hash by (level, index): the subtree over leaves [index·2^level, (index+1)·2^level)."""


def leaf_hash(data: bytes) -> bytes:
    """RFC 6962, 2.1: the hash of one leaf."""
    return hashlib.sha256(b"\x00" + data).digest()


def _join(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


class Frontier:
    """The right edge of a growing tree: one hash for each one bit of its size, largest subtree first."""

    def __init__(self, size: int = 0, edge: Iterable[bytes] = ()) -> None:
        self.size = size
        self.edge = list(edge)
        if len(self.edge) != size.bit_count():
            raise ValueError("a frontier has one hash for each one bit of its size")

    def append(self, leaf: bytes) -> list[tuple[int, int, bytes]]:
        """Add a leaf hash; return the nodes (level, index, hash) of all subtrees it completes, the leaf first."""
        level, index, node = 0, self.size, leaf
        made = [(level, index, node)]
        while index & 1:
            node = _join(self.edge.pop(), node)
            level, index = level + 1, index >> 1
            made.append((level, index, node))
        self.edge.append(node)
        self.size += 1
        return made

    def root(self) -> bytes:
        """The tree's root; for an empty tree the hash of nothing."""
        if not self.edge:
            return hashlib.sha256(b"").digest()
        root = self.edge[-1]
        for left in reversed(self.edge[:-1]):
            root = _join(left, root)
        return root

    def copy(self) -> Frontier:
        """An independent frontier of the same tree."""
        return Frontier(self.size, self.edge)


def root_through(leaf: bytes, index: int, size: int, node: Node) -> bytes | None:
    """The root of a tree of `size` leaves that has `leaf` at `index`, taking all other hashes from `node`.

    None where a node is missing. The result proves the leaf only by being equal to a root that is trusted.
    """

    def subtree(start: int, count: int) -> bytes | None:
        if start <= index < start + count:
            if count == 1:
                return leaf
        elif count & (count - 1) == 0:
            level = count.bit_length() - 1
            return node(level, start >> level)
        split = 1 << ((count - 1).bit_length() - 1)
        left, right = subtree(start, split), subtree(start + split, count - split)
        return None if left is None or right is None else _join(left, right)

    return subtree(0, size) if 0 <= index < size else None
