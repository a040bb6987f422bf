"""The rules by which incidents become public numbers: pure, and the same for the same input.

Every incident is counted in at most one row of the release. A row changes in three ways only:

- it grows by a *batch* of at least `minimum_count` incidents, in conflict mode of several places and
  sources, so that comparing two releases never shows fewer;
- it is *dissolved* whole, because an incident in it was withdrawn or because the policy now forbids it,
  and what is left of it counts among what it is merged into, less enough held back that the total falls
  by nothing or by at least `minimum_count`: nobody can tell how many were withdrawn;
- it stays.

What is held back (and what found no batch) was public before, so it never counts towards a batch's size
again; it joins one that is large enough without it.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from mapper.geography.positions import distance_m
from mapper.publication.partition import Key, Partition
from mapper.vocabulary.sectors import MULTIPLE

SAME_PLACE_M = 50.0  # incidents closer together count as one place: a building with its yard
MOST_BLURRED = 4  # a remainder does not absorb a batch larger than so many minimum counts


class ReleaseUnsafe(Exception):
    """A release breaks its own rules; nothing is published. This is an error of the program."""


@dataclass(frozen=True)
class Candidate:
    """An incident that may be counted."""

    id: uuid.UUID
    place: tuple[float, float] | None  # longitude, latitude
    sources: frozenset[str]  # who reported it


@dataclass(frozen=True)
class Rules:
    """How many a number must stand for."""

    minimum_count: int
    fewest_distinct: int = 0  # places, and sources

    def allow(self, batch: Sequence[Candidate]) -> bool:
        """Whether a batch is large and varied enough to be shown."""
        return (
            len(batch) >= self.minimum_count
            and len(frozenset().union(*(item.sources for item in batch))) >= self.fewest_distinct
            and self._places(batch) >= self.fewest_distinct
        )

    def _places(self, batch: Sequence[Candidate]) -> int:
        """Count places apart from each other, up to the number needed; all unknown places are one."""
        apart: list[tuple[float, float]] = []
        for item in batch:
            if len(apart) >= self.fewest_distinct:
                break
            if item.place and all(distance_m(*item.place, *other) > SAME_PLACE_M for other in apart):
                apart.append(item.place)
        return len(apart) + (len(apart) < self.fewest_distinct and any(item.place is None for item in batch))


@dataclass(frozen=True)
class Plan:
    """What a release changes."""

    dissolved: frozenset[Key] = frozenset()
    batches: Mapping[Key, tuple[uuid.UUID, ...]] = field(default_factory=dict)
    waiting: Mapping[uuid.UUID, Key] = field(default_factory=dict)  # public once, now held back
    withdrawn: frozenset[uuid.UUID] = frozenset()

    @property
    def changes_rows(self) -> bool:
        """Whether anything public changes."""
        return bool(self.dissolved or self.batches)


def plan(
    partition: Partition,
    rules: Rules,
    rows: Mapping[Key, Collection[uuid.UUID]],
    waiting: Mapping[uuid.UUID, Key],
    verified: Mapping[uuid.UUID, Candidate],
    pool: Mapping[uuid.UUID, tuple[Key, ...]],
) -> Plan:
    """Return the next release.

    `rows` are the incidents behind each published row, `waiting` those held back earlier with the key
    they wait at, `verified` every incident that is still true, and `pool` where each incident that was
    never counted and may now be seen can be counted, finest first.
    """
    dissolved = {
        key: members
        for key, members in rows.items()
        if partition.level_of(key.area) != key.level
        or not rules.allow([verified[item] for item in members if item in verified])
        or any(item not in verified for item in members)
    }
    left = _dissolve(dissolved, partition, rules, verified)
    new = _merge(_open(pool, dissolved), verified, rules)
    _absorb(_open(pool, dissolved), new, partition, rules)
    # Apart from the new ones: together, a few new ones would be the difference between two releases.
    moved = _merge(_open(left.moving, dissolved), verified, rules)
    placed = {item for batch in moved.values() for item in batch}
    waits = {item: key for item, key in waiting.items() if item in verified} | left.held
    waits |= {item: keys[0] for item, keys in left.moving.items() if item not in placed}
    joined = _join(waits, new, partition)
    batches: dict[Key, list[uuid.UUID]] = defaultdict(list)
    for part in (new, moved, left.renewed):
        for key, items in part.items():
            batches[key] += items
    return Plan(
        dissolved=frozenset(dissolved),
        batches={key: tuple(sorted(batch)) for key, batch in batches.items()},
        waiting={item: key for item, key in waits.items() if item not in joined},
        withdrawn=frozenset(
            item for members in (*rows.values(), waiting) for item in members if item not in verified
        ),
    )


def _open(
    places: Mapping[uuid.UUID, tuple[Key, ...]], dissolved: Collection[Key]
) -> dict[uuid.UUID, tuple[Key, ...]]:
    """Leave out the rows that this release dissolves: back at once, one would only seem to have changed."""
    return {item: tuple(key for key in keys if key not in dissolved) for item, keys in places.items()}


@dataclass
class _Left:
    """What is left of dissolved rows."""

    moving: dict[uuid.UUID, tuple[Key, ...]] = field(default_factory=dict)  # to be counted now
    held: dict[uuid.UUID, Key] = field(default_factory=dict)
    renewed: dict[Key, list[uuid.UUID]] = field(default_factory=dict)  # the top has nothing above it


def _dissolve(
    dissolved: Mapping[Key, Collection[uuid.UUID]],
    partition: Partition,
    rules: Rules,
    verified: Mapping[uuid.UUID, Candidate],
) -> _Left:
    left = _Left()
    for key, members in dissolved.items():
        survivors = sorted(item for item in members if item in verified)
        withdrawn = len(members) - len(survivors)
        hold = max(0, rules.minimum_count - withdrawn) if withdrawn else 0
        kept, back = survivors[: len(survivors) - hold], survivors[max(0, len(survivors) - hold) :]
        above = partition.after(key)
        if above:
            left.moving |= dict.fromkeys(kept, above)
        elif withdrawn and rules.allow([verified[item] for item in kept]):
            left.renewed[key] = kept
        else:
            back = survivors
        left.held |= dict.fromkeys(back, above[0] if above else key)
    return left


def _merge(
    open_keys: Mapping[uuid.UUID, tuple[Key, ...]], verified: Mapping[uuid.UUID, Candidate], rules: Rules
) -> dict[Key, list[uuid.UUID]]:
    """Return the batches that are large enough, each as fine as it can be."""
    batches: dict[Key, list[uuid.UUID]] = {}
    unplaced = dict(open_keys)
    for rank in sorted({_rank(key) for keys in open_keys.values() for key in keys}):
        groups: dict[Key, list[uuid.UUID]] = defaultdict(list)
        for item, keys in unplaced.items():
            for key in keys:
                if _rank(key) == rank:
                    groups[key].append(item)
        for key, items in groups.items():
            if rules.allow([verified[item] for item in items]):
                batches[key] = items
                for item in items:
                    del unplaced[item]
    return batches


def _rank(key: Key) -> tuple[int, bool]:
    """Order keys from the finest: a level's sectors, then all its sectors together, then the next level."""
    return -key.level, key.sector == MULTIPLE


def _absorb(
    open_keys: Mapping[uuid.UUID, tuple[Key, ...]],
    batches: dict[Key, list[uuid.UUID]],
    partition: Partition,
    rules: Rules,
) -> None:
    """Put what is too small on its own with others of this release: prefer merging to leaving out."""
    placed = {item for batch in batches.values() for item in batch}
    for item in sorted(set(open_keys) - placed):
        keys = open_keys[item]
        key = next((key for key in keys if key in batches), None) or _blur(keys, batches, partition, rules)
        if key is not None:
            batches[key].append(item)


def _blur(
    keys: Iterable[Key], batches: dict[Key, list[uuid.UUID]], partition: Partition, rules: Rules
) -> Key | None:
    """Lift the smallest new batch that a remainder can be counted with, and return where it now is."""
    for key in keys:
        below = [
            (len(batch), other)
            for other, batch in batches.items()
            if len(batch) <= MOST_BLURRED * rules.minimum_count and key in partition.after(other)
        ]
        if below:
            _size, smallest = min(below)
            batches[key] = batches.pop(smallest)
            return key
    return None


def _join(
    waits: Mapping[uuid.UUID, Key], batches: dict[Key, list[uuid.UUID]], partition: Partition
) -> set[uuid.UUID]:
    """Add what was public once to batches that are large enough without it; return what was added."""
    joined = set()
    for item, waits_at in waits.items():
        key = next((key for key in (waits_at, *partition.after(waits_at)) if key in batches), None)
        if key is not None:
            batches[key].append(item)
            joined.add(item)
    return joined


def apply(
    rows: Mapping[Key, Collection[uuid.UUID]], planned: Plan, rules: Rules
) -> dict[Key, frozenset[uuid.UUID]]:
    """Return the incidents behind each row after a release; raises ReleaseUnsafe if a rule is broken."""
    after = {key: frozenset(members) for key, members in rows.items() if key not in planned.dissolved}
    for key, batch in planned.batches.items():
        before = len(rows[key]) if key in planned.dissolved else 0
        if len(batch) < rules.minimum_count or (before and before - len(batch) < rules.minimum_count):
            raise ReleaseUnsafe(f"{key} would change by fewer than {rules.minimum_count}")
    counted = [item for members in (*after.values(), *planned.batches.values()) for item in members]
    if len(counted) != len(set(counted)) or not planned.withdrawn.isdisjoint(counted):
        raise ReleaseUnsafe("an incident would be counted twice, or after it was withdrawn")
    return after | {key: after.get(key, frozenset()) | set(batch) for key, batch in planned.batches.items()}
