"""Merkle trees as RFC 6962 (section 2.1) hashes them: a root over many entries, and proofs that one is in it.

Leaves and nodes are hashed with different first bytes, so that no node can be passed off as a leaf. Hashes
are 32 bytes (SHA-256).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

LEAF, NODE = b"\x00", b"\x01"


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of one leaf's data."""
    return hashlib.sha256(LEAF + data).digest()


def levels(leaves: Sequence[bytes]) -> list[list[bytes]]:
    """Return the tree above leaf hashes, level by level, the root's level last.

    A lone node moves up as it is. Pairing from the left so gives the same root as RFC 6962's
    split at the largest power of two.
    """
    found = [list(leaves)]
    while len(found[-1]) > 1:
        below = found[-1]
        above = [_node(below[at], below[at + 1]) for at in range(0, len(below) - 1, 2)]
        found.append(above + below[2 * len(above) :])
    return found


def root_of(leaves: Sequence[bytes]) -> bytes:
    """Return the root over leaf hashes; of none, the hash of nothing."""
    return levels(leaves)[-1][0] if leaves else hashlib.sha256(b"").digest()


def inclusion(tree: Sequence[Sequence[bytes]], index: int) -> list[tuple[str, bytes]]:
    """Return the proof that a leaf is under the root: each sibling, and on which side it stands."""
    path = []
    for level in tree[:-1]:
        sibling = index ^ 1
        if sibling < len(level):
            path.append(("left" if sibling < index else "right", level[sibling]))
        index //= 2
    return path


def root_from(leaf: bytes, path: Sequence[tuple[str, bytes]]) -> bytes:
    """Return the root that a leaf hash and its proof lead to."""
    for side, sibling in path:
        leaf = _node(sibling, leaf) if side == "left" else _node(leaf, sibling)
    return leaf


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(NODE + left + right).digest()
