"""Ids of many rows that are written together.

Each is a random UUID version 4, as every id is (`docs/decisions/001`); those of one batch begin with the same
random bytes and are in order. They lie side by side in every index, so that a batch touches as few
pages as numbered rows would, and they still tell neither when nor how many.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

SHARED_BYTES = 4  # 90 random bits are left to each id


@dataclass(frozen=True)
class Ids:
    """Ids in the forms in which they are used: bytes, hexadecimal digits, and digits with dashes."""

    raw: Sequence[bytes]
    digits: Sequence[str]
    texts: Sequence[str]


def neighbouring_ids(size: int) -> Ids:
    """Return random ids in order that lie next to each other in an index."""
    octets = np.frombuffer(os.urandom(16 * size), dtype=np.uint8).reshape(size, 16).copy()
    octets[:, :SHARED_BYTES] = np.frombuffer(os.urandom(SHARED_BYTES), dtype=np.uint8)
    octets[:, 6] = octets[:, 6] & 0x0F | 0x40  # version 4
    octets[:, 8] = octets[:, 8] & 0x3F | 0x80  # variant of RFC 9562
    order = np.argsort(np.ascontiguousarray(octets[:, SHARED_BYTES : SHARED_BYTES + 8]).view(">u8").ravel())
    together = octets[order].tobytes()
    written = together.hex()
    digits = [written[start : start + 32] for start in range(0, 32 * size, 32)]
    return Ids(
        [together[start : start + 16] for start in range(0, 16 * size, 16)],
        digits,
        [f"{one[:8]}-{one[8:12]}-{one[12:16]}-{one[16:20]}-{one[20:]}" for one in digits],
    )
