"""Features: how a pair of reports agrees, as numbers a linear model can weigh.

Distance counts relative to both accuracies, time in hours between what was observed, words by their
n-grams. What one of the two does not say is neutral: missing is a feature of its own, never a zero.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mapper.fusion.traits import Indices, TraitTable
from mapper.fusion.words import Floats, similarity
from mapper.geography.positions import EARTH_RADIUS_M

REFERENCE_M = 141.4  # both reports 100 m
NEAREST, FARTHEST = 0.5, 12.0  # accuracies: nearer proves no more, farther disproves no more
LONGEST_HOURS = 1_000.0
RESTORED_HOURS = 1_440.0  # a service may work again two months after the damage ...
RESTORED_LIKE_HOURS = 24.0  # ... and that counts like a day
REFERENCE_BITS = 100.0  # a text of some 60 letters
PHOTO_BITS = 6  # perceptual hashes that differ in no more are one photo

FEATURES = (
    "distance",  # log of metres over the joint accuracy ...
    "distance_over_1",  # ... and how much of it lies beyond so many accuracies
    "distance_over_3",
    "distance_over_7",
    "blur",  # log of the joint accuracy: nearness on a wide point proves little
    "crowd",  # log of how many different texts crowd the place: any two belong together less often
    "unlocated",  # one of the two has no position
    "hours",  # log of 1 + hours ...
    "hours_over_6",  # ... and how much of it lies beyond so many hours
    "hours_over_19",
    "hours_over_54",
    "words",  # likeness of the texts, 0 to 1 ...
    "words_over_30",  # ... and how much of it lies beyond .3 and .8
    "words_over_80",
    "words_long",  # likeness, counted by the length of the shorter text: long ones are not alike by chance
    "wordless",  # one of the two says nothing
    "same_category",
    "other_category",
    "same_place",  # likeness of the place names, when both give one
    "other_place",  # 1 - that likeness
    "same_address",  # likeness of place names that have the same numbers ...
    "other_address",  # ... and other ones
    "unlocated_words",
    "unlocated_place",
    "same_link",
    "same_photo",
)


@dataclass(frozen=True)
class Agreement:
    """How pairs agree, one row a pair: what the features are made of, and what an explanation tells."""

    distance_m: Floats  # NaN where one of the two has no position
    accuracy_m: Floats  # joint: the root of the sum of both squares
    crowd: Floats  # the geometric mean of both
    hours: Floats
    words: Floats
    shorter: Floats  # bits of the shorter text's signature
    is_wordless: NDArray[np.bool_]
    place: Floats
    both_placed: NDArray[np.bool_]
    same_numbers: NDArray[np.bool_]
    other_numbers: NDArray[np.bool_]
    same_category: NDArray[np.bool_]
    other_category: NDArray[np.bool_]
    same_link: NDArray[np.bool_]
    same_photo: NDArray[np.bool_]


def agreement(table: TraitTable, i: Indices, j: Indices) -> Agreement:
    """Compare rows `i` of the table with rows `j`, pair by pair."""
    same_category, other_category = _categories(table, i, j)
    both_placed = (table.place_text[i] != 0) & (table.place_text[j] != 0)
    return Agreement(
        distance_m=distances_m(table.lon[i], table.lat[i], table.lon[j], table.lat[j]),
        accuracy_m=np.hypot(table.accuracy_m[i], table.accuracy_m[j]),
        crowd=np.sqrt(table.crowd[i] * table.crowd[j]),
        hours=hours_between(table, i, j),
        words=similarity(table.words[i], table.word_counts[i], table.words[j], table.word_counts[j]),
        shorter=np.minimum(table.word_counts[i], table.word_counts[j]),
        is_wordless=(table.text[i] == 0) | (table.text[j] == 0),
        place=_likeness_of_places(table, i, j, both_placed),
        both_placed=both_placed,
        same_numbers=(table.address[i] == table.address[j]) & (table.address[i] != 0),
        other_numbers=(table.address[i] != table.address[j])
        & (table.address[i] != 0)
        & (table.address[j] != 0),
        same_category=same_category,
        other_category=other_category,
        same_link=(table.link[i] == table.link[j]) & (table.link[i] != 0),
        same_photo=_same_photos(table, i, j),
    )


def features(pairs: Agreement) -> Floats:
    """Return one row a pair and one column a name of `FEATURES`."""
    unlocated = np.isnan(pairs.distance_m)
    ratio = np.clip(np.where(unlocated, 1.0, pairs.distance_m) / pairs.accuracy_m, NEAREST, FARTHEST)
    distance = np.where(unlocated, 0.0, np.log(ratio))
    hours = np.log1p(np.minimum(pairs.hours, LONGEST_HOURS))
    place = np.where(pairs.both_placed, pairs.place, 0.0)
    columns = (
        distance,
        np.maximum(distance, 0.0),
        np.maximum(distance - 1.0, 0.0),
        np.maximum(distance - 2.0, 0.0),
        np.where(unlocated, 0.0, np.log(pairs.accuracy_m / REFERENCE_M)),
        np.where(unlocated, 0.0, np.log(pairs.crowd)),
        unlocated,
        hours,
        np.maximum(hours - 2.0, 0.0),
        np.maximum(hours - 3.0, 0.0),
        np.maximum(hours - 4.0, 0.0),
        pairs.words,
        np.maximum(pairs.words - 0.3, 0.0),
        np.maximum(pairs.words - 0.8, 0.0),
        pairs.words * np.log(np.maximum(pairs.shorter, 1.0) / REFERENCE_BITS),
        pairs.is_wordless,
        pairs.same_category,
        pairs.other_category,
        place,
        pairs.both_placed * (1.0 - place),
        pairs.same_numbers * place,
        pairs.other_numbers * place,
        unlocated * pairs.words,
        unlocated * place,
        pairs.same_link,
        pairs.same_photo,
    )
    return np.column_stack(columns).astype(np.float64)


def distances_m(lon_a: Floats, lat_a: Floats, lon_b: Floats, lat_b: Floats) -> Floats:
    """Return metres on the sphere between positions in degrees (haversine); NaN where one is missing."""
    phi_a, phi_b = np.radians(lat_a), np.radians(lat_b)
    across = np.sin(np.radians(lon_b - lon_a) / 2) ** 2 * np.cos(phi_a) * np.cos(phi_b)
    return np.asarray(2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.sin((phi_b - phi_a) / 2) ** 2 + across)))


def gap_hours(table: TraitTable, i: Indices, j: Indices) -> Floats:
    """Return the gap between what was observed; 0 where the two spans overlap."""
    gap = np.maximum(table.at[i] - table.until[j], table.at[j] - table.until[i])
    return np.asarray(np.maximum(gap, 0.0))


def hours_between(table: TraitTable, i: Indices, j: Indices) -> Floats:
    """Return the gap as far as it speaks against one damage.

    A service works again weeks after it was damaged, so time counts less towards a report of that; and
    what is reported damaged after it worked is another damage.
    """
    gap = gap_hours(table, i, j)
    restores_i, restores_j = table.restores[i], table.restores[j]
    if not (restores_i.any() or restores_j.any()):
        return gap
    behind = np.where(restores_i, table.at[i] < table.at[j], table.at[j] < table.at[i])
    relapse = (restores_i != restores_j) & behind
    eased = np.where(restores_i | restores_j, gap * (RESTORED_LIKE_HOURS / RESTORED_HOURS), gap)
    return np.asarray(np.where(relapse, LONGEST_HOURS, eased))


def _categories(table: TraitTable, i: Indices, j: Indices) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Say where categories agree and where they differ; two asset types of one sector do neither.

    A sender's own word that the vocabulary does not know is compared only with another such word.
    """
    kind_a, kind_b, sector_a, sector_b = table.kind[i], table.kind[j], table.sector[i], table.sector[j]
    both_kinds = (kind_a != 0) & (kind_b != 0)
    both_sectors = (sector_a != 0) & (sector_b != 0)
    own_words = (sector_a == 0) & (sector_b == 0) & both_kinds
    same = (both_kinds & (kind_a == kind_b)) | (both_sectors & (sector_a == sector_b) & ~both_kinds)
    other = (both_sectors & (sector_a != sector_b)) | (own_words & (kind_a != kind_b))
    return same, other


def _likeness_of_places(table: TraitTable, i: Indices, j: Indices, placed: NDArray[np.bool_]) -> Floats:
    """Return how alike the place names are; 0 where one of the two gives none, and nothing is compared."""
    likeness = np.zeros(len(i))
    rows, others = i[placed], j[placed]
    likeness[placed] = similarity(
        table.place[rows], table.place_counts[rows], table.place[others], table.place_counts[others]
    )
    return likeness


def _same_photos(table: TraitTable, i: Indices, j: Indices) -> NDArray[np.bool_]:
    same = np.zeros(len(i), dtype=bool)
    for row in np.flatnonzero(table.has_photos[i] & table.has_photos[j]):
        same[row] = share_photo(table.photos[i[row]], table.photos[j[row]])
    return same


def share_photo(a: tuple[int, ...], b: tuple[int, ...]) -> bool:
    """Whether two reports carry the same photo, perhaps re-encoded or resized."""
    return any((x ^ y).bit_count() <= PHOTO_BITS for x in a for y in b)
