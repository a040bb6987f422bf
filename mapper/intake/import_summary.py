"""What became of a file's rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from mapper.files.batches import Row

Refuse = Callable[[Row, Sequence[tuple[str, str]]], None]  # the row, and (field, reason) pairs


@dataclass
class Summary:
    """What became of the rows: read = accepted + duplicates + rejected.

    `reasons` counts why rows were rejected; of accepted rows, `unread` counts the fields that could not be
    read and `flags` what is odd about positions.
    """

    read: int = 0
    accepted: int = 0
    duplicates: int = 0
    rejected: int = 0
    needs_location: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    unread: Counter[str] = field(default_factory=Counter)
    flags: Counter[str] = field(default_factory=Counter)

    def refuse(self, errors: Sequence[tuple[str, str]]) -> None:
        """Count a rejected row; `errors` are (field, reason) pairs."""
        self.rejected += 1
        for pointer, detail in errors:
            self.reasons[f"{pointer} {detail}" if pointer else detail] += 1

    def counts(self) -> dict[str, int]:
        """Return the five counts of the contract."""
        names = ("read", "accepted", "duplicates", "rejected", "needs_location")
        return {name: getattr(self, name) for name in names}

    def as_json(self) -> dict[str, Any]:
        """Return everything, as it is kept with the import."""
        return {**self.counts(), "reasons": self.reasons, "unread": self.unread, "flags": self.flags}
