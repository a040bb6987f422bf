"""Mapbox Vector Tile 2.1 layers from columns, packed by NumPy instead of feature by feature.

Every feature of a layer has the same number of geometry integers, so that the features are one matrix
of varints: points and axis-parallel squares are all that incidents and their cells need. Tile
coordinates are whole numbers, x to the right, y down, 0 to `EXTENT` across the tile.

Source: github.com/mapbox/vector-tile-spec, version 2.1, sections 4.2 to 4.4; Protocol Buffers encoding.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

EXTENT = 4096
POINT, POLYGON = 1, 3
MOVE_TO_ONE, LINE_TO_THREE, CLOSE_PATH = 9, 26, 15

# Field numbers with their wire type, as they stand in the file.
_TILE_LAYER, _LAYER_NAME, _FEATURE, _KEY, _VALUE, _LAYER_EXTENT, _VERSION = (
    0x1A, 0x0A, 0x12, 0x1A, 0x22, 0x28, 0x78,
)  # fmt: skip
_TAGS, _TYPE, _GEOMETRY = 0x12, 0x18, 0x22
_STRING_VALUE, _INT_VALUE = 0x0A, 0x20

Integers = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Geometry:
    """What the features of one layer are, and their command integers, shape (features, integers)."""

    kind: int
    commands: npt.NDArray[np.uint64]


def points(x: Integers, y: Integers) -> Geometry:
    """One point a feature at tile coordinates `x`, `y`."""
    move = np.full(len(x), MOVE_TO_ONE, np.uint64)
    return Geometry(POINT, np.column_stack([move, _zigzag(x), _zigzag(y)]))


def squares(x: Integers, y: Integers, size: int) -> Geometry:
    """One square of side `size` a feature, its upper left corner at `x`, `y`; wound as the standard asks."""
    right, left = int(_zigzag(np.int64(size))), int(_zigzag(np.int64(-size)))
    rest = np.array([LINE_TO_THREE, right, 0, 0, right, left, 0, CLOSE_PATH], np.uint64)
    corner = points(x, y).commands
    return Geometry(POLYGON, np.hstack([corner, np.broadcast_to(rest, (len(x), len(rest)))]))


def encode_layer(name: str, geometry: Geometry, columns: Mapping[str, pa.Array]) -> bytes:
    """Return one layer, framed as a part of a tile: a tile is the concatenation of such parts.

    `columns` hold whole numbers, strings or dictionary-encoded strings, one value a feature; a null is
    a property the feature does not have. Equal values are written once.
    """
    values, indices = _value_table(columns)
    body = b"".join(
        [
            bytes([_VERSION, 2]),
            _framed(_LAYER_NAME, name.encode()),
            _features(geometry, indices),
            *(_framed(_KEY, key.encode()) for key in columns),
            values,
            bytes([_LAYER_EXTENT]) + varints(np.array([EXTENT], np.uint64)).tobytes(),
        ]
    )
    return _framed(_TILE_LAYER, body)


def varints(values: npt.NDArray[np.uint64]) -> Bytes:
    """Return the base-128 varints of `values`, one after the other."""
    lengths = _varint_lengths(values)
    ends = np.cumsum(lengths)
    starts = ends - lengths
    packed = np.empty(int(ends[-1]) if len(ends) else 0, np.uint8)
    for byte in range(int(lengths.max(initial=0))):
        here = np.flatnonzero(lengths > byte)
        seven_bits = (values[here] >> np.uint64(7 * byte)) & np.uint64(0x7F)
        goes_on = (lengths[here] > byte + 1).astype(np.uint64) << np.uint64(7)
        packed[starts[here] + byte] = seven_bits | goes_on
    return packed


_VARINT_STEPS = np.array([1 << (7 * n) for n in range(1, 10)], np.uint64)


def _varint_lengths(values: npt.NDArray[np.uint64]) -> Integers:
    return np.searchsorted(_VARINT_STEPS, values, side="right") + 1


def _zigzag(values: Integers | np.int64) -> npt.NDArray[np.uint64]:
    return np.asarray((values << np.int64(1)) ^ (values >> np.int64(63))).astype(np.uint64)


def _framed(tag: int, body: bytes) -> bytes:
    return bytes([tag]) + varints(np.array([len(body)], np.uint64)).tobytes() + body


def _features(geometry: Geometry, indices: list[Integers]) -> bytes:
    """The framed features: per row the frame, the present tags, the type and the geometry."""
    commands = geometry.commands
    count = len(commands)
    tags, present = _tags(indices, count)
    tag_bytes = np.where(present, _varint_lengths(tags), 0).sum(axis=1)
    command_bytes = _varint_lengths(commands).sum(axis=1)
    has_tags = tag_bytes > 0
    framed_tags = np.where(has_tags, 1 + _varint_lengths(tag_bytes.astype(np.uint64)) + tag_bytes, 0)
    framed_commands = 1 + _varint_lengths(command_bytes.astype(np.uint64)) + command_bytes
    frame = _columns(count, _FEATURE, framed_tags + 2 + framed_commands)
    tag_frame = _columns(count, _TAGS, tag_bytes)
    middle = _columns(count, _TYPE, geometry.kind, _GEOMETRY, command_bytes)
    rows = np.hstack([frame, tag_frame, tags, middle, commands])
    kept = np.ones(rows.shape, bool)
    kept[:, 2:4] = has_tags[:, None]
    kept[:, 4 : 4 + tags.shape[1]] = present
    return varints(rows[kept]).tobytes()


def _columns(count: int, *parts: int | Integers) -> npt.NDArray[np.uint64]:
    filled = [np.broadcast_to(np.asarray(part, np.uint64), count) for part in parts]
    return np.column_stack(filled)


def _tags(indices: list[Integers], count: int) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.bool_]]:
    """Pairs of key and value number a feature, and which of them it has (a number below 0 is none)."""
    tags = np.zeros((count, 2 * len(indices)), np.uint64)
    present = np.zeros(tags.shape, bool)
    for key, index in enumerate(indices):
        has = index >= 0
        tags[:, 2 * key] = key
        tags[:, 2 * key + 1] = np.where(has, index, 0)
        present[:, 2 * key : 2 * key + 2] = has[:, None]
    return tags, present


def _value_table(columns: Mapping[str, pa.Array]) -> tuple[bytes, list[Integers]]:
    """Write every distinct value once; return them and, a column each, which value a feature has."""
    texts = {key: _texts(column) for key, column in columns.items() if not _is_integer(column)}
    numbers = {key: column for key, column in columns.items() if _is_integer(column)}
    labels, text_index = _distinct_texts(texts)
    whole, number_index = _distinct_numbers(numbers, len(labels))
    index = text_index | number_index
    return _string_values(labels) + _integer_values(whole), [index[key] for key in columns]


def _is_integer(column: pa.Array) -> bool:
    return bool(pa.types.is_integer(column.type))


def _texts(column: pa.Array) -> tuple[pa.Array, Integers]:
    """The column's own distinct texts and each row's place among them, -1 where null."""
    encoded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    places = encoded.indices.cast(pa.int64()).fill_null(-1).to_numpy(zero_copy_only=False)
    used, among_used = np.unique(places, return_inverse=True)
    nulls = int(len(used) > 0 and used[0] < 0)
    return encoded.dictionary.take(pa.array(used[nulls:])), among_used - nulls


def _distinct_texts(texts: Mapping[str, tuple[pa.Array, Integers]]) -> tuple[pa.Array, dict[str, Integers]]:
    parts = [labels.cast(pa.string()) for labels, _ in texts.values()]
    merged = pa.concat_arrays([pa.array([], pa.string()), *parts]).dictionary_encode()
    places = merged.indices.to_numpy(zero_copy_only=False)
    index, start = {}, 0
    for key, (labels, among_own) in texts.items():
        own = places[start : start + len(labels)].astype(np.int64)
        start += len(labels)
        index[key] = np.append(own, -1)[among_own]  # place -1 picks the appended -1
    return merged.dictionary, index


def _distinct_numbers(numbers: Mapping[str, pa.Array], first: int) -> tuple[Integers, dict[str, Integers]]:
    filled = [
        column.cast(pa.int64()).fill_null(0).to_numpy(zero_copy_only=False) for column in numbers.values()
    ]
    present = [column.is_valid().to_numpy(zero_copy_only=False) for column in numbers.values()]
    kept = [values[has] for values, has in zip(filled, present, strict=True)]
    distinct = np.unique(np.concatenate([np.array([], np.int64), *kept]))
    return distinct, {
        key: np.where(has, first + np.searchsorted(distinct, values), -1)
        for key, values, has in zip(numbers, filled, present, strict=True)
    }


def _string_values(labels: pa.Array) -> bytes:
    """Framed `string_value`s: the texts are copied in one go, at the places their frames leave."""
    count = len(labels)
    if count == 0:
        return b""
    offsets = np.frombuffer(labels.buffers()[1], np.int32)[labels.offset : labels.offset + count + 1]
    text = np.frombuffer(labels.buffers()[2] or b"", np.uint8)[offsets[0] : offsets[-1]]
    sizes = np.diff(offsets).astype(np.uint64)
    inner = 1 + _varint_lengths(sizes) + sizes.astype(np.int64)
    frames = _columns(count, _VALUE, inner, _STRING_VALUE, sizes.astype(np.int64))
    frame_sizes = _varint_lengths(frames).sum(axis=1)
    return _interleaved(varints(frames.ravel()), frame_sizes, text, np.diff(offsets)).tobytes()


def _interleaved(first: Bytes, first_sizes: Integers, second: Bytes, second_sizes: Integers) -> Bytes:
    """Runs of `first` and `second` in turn: one run of each a row, of the sizes given."""
    both = np.column_stack([first_sizes, second_sizes]).ravel()
    from_first = np.repeat(np.tile([True, False], len(first_sizes)), both)
    out = np.empty(len(from_first), np.uint8)
    out[from_first] = first
    out[~from_first] = second
    return out


def _integer_values(numbers: Integers) -> bytes:
    """Framed `int_value`s; a negative number takes ten bytes, as the standard's int64 does."""
    if len(numbers) == 0:
        return b""
    values = numbers.view(np.uint64)
    frames = _columns(len(numbers), _VALUE, 1 + _varint_lengths(values), _INT_VALUE)
    return varints(np.column_stack([frames, values]).ravel()).tobytes()
