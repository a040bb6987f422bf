"""Ids of rows that are written together are random, in order, and side by side."""

from __future__ import annotations

import uuid

from mapper.store.ids import neighbouring_ids


def test_neighbouring_ids_are_random_ids_in_order():
    ids, others = neighbouring_ids(500), neighbouring_ids(500)
    read = [uuid.UUID(bytes=raw) for raw in ids.raw]
    assert {(one.version, one.variant) for one in read} == {(4, uuid.RFC_4122)}
    assert read == sorted(set(read)) and len(set(ids.raw) | set(others.raw)) == 1_000
    assert len({raw[:4] for raw in ids.raw}) == 1
    assert ids.digits == [one.hex for one in read] and ids.texts == [str(one) for one in read]


def test_no_ids_are_none():
    assert neighbouring_ids(0).raw == []
