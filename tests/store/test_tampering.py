"""A thousand entries: every byte changed, every entry deleted, every neighbour swapped, every tail cut."""

from __future__ import annotations

import hashlib
import uuid
from datetime import timedelta
from types import SimpleNamespace

import pytest
from mapper.store import check, ledger, proof

ENTRIES = 1_000
COLUMNS = ("kind", "subject", "payload", "previous", "hash")


@pytest.fixture
def chain(sqlite_store, make_crisis):
    """A thousand sealed entries as the store holds them; the engines' own tests are in test_proof.py."""
    store, crisis = sqlite_store, make_crisis(sqlite_store)
    with store.write() as session:
        for number in range(ENTRIES - 1):  # the policy's is the first
            payload = {"commitment": hashlib.sha256(b"%d" % number).hexdigest(), "media": number % 3}
            ledger.append(session, crisis.id, "report", f"report {number}", payload, store.clock())
    while ledger.seal(store, crisis.id):
        pass
    with store.read() as session:
        found = [SimpleNamespace(**row._mapping) for row in ledger.sealed_entries(session, crisis.id)]
    assert len(found) == ENTRIES
    return found


def is_found(entries, signed=None):
    try:
        proof.walk(entries, signed)
    except proof.LedgerBroken:
        return True
    return False


def test_every_changed_byte_is_found(chain):
    """Each byte of each text of each entry; only the entry is walked, since nothing before it has changed."""
    tried = found = 0
    for number, item in enumerate(chain, 1):
        previous = chain[number - 2].hash if number > 1 else ledger.GENESIS
        for name in COLUMNS:
            kept = getattr(item, name)
            for at in range(len(kept)):
                for bit in (1, 32):  # another letter; the same letter in another case
                    setattr(item, name, kept[:at] + chr(ord(kept[at]) ^ bit) + kept[at + 1 :])
                    tried += 1
                    found += not _holds(item, number, previous)
            setattr(item, name, kept)
        assert _holds(item, number, previous)
    print(f"bytes: {tried} tried, {found} found")
    assert found == tried


def test_every_other_id_time_and_number_is_found(chain):
    """The columns that are no text: each byte of the id, each digit of the time, the number itself."""
    tried = found = 0
    for number, item in enumerate(chain, 1):
        previous = chain[number - 2].hash if number > 1 else ledger.GENESIS
        for name, others in _other_values(item):
            kept = getattr(item, name)
            for other in others:
                setattr(item, name, other)
                tried += 1
                found += not _holds(item, number, previous)
            setattr(item, name, kept)
        assert _holds(item, number, previous)
    print(f"ids, times and numbers: {tried} tried, {found} found")
    assert found == tried


def _other_values(item):
    marred = [
        item.id.bytes[:at] + bytes([item.id.bytes[at] ^ 1]) + item.id.bytes[at + 1 :] for at in range(16)
    ]
    yield "id", [uuid.UUID(bytes=some) for some in marred]
    yield "at", [item.at + timedelta(microseconds=10**power) for power in range(12)]
    yield "seq", [item.seq ^ (1 << bit) for bit in range(16)]
    yield "crisis_id", [item.crisis_id ^ (1 << bit) for bit in range(8)]


def _holds(item, number, previous):
    try:
        proof.check_entry(item, number, previous)
    except proof.LedgerBroken:
        return False
    return True


def test_every_deletion_swap_and_cut_is_found(chain):
    head = ledger.Head(ENTRIES, chain[-1].hash)
    deleted = sum(is_found(chain[:at] + chain[at + 1 :], head) for at in range(ENTRIES))
    swapped = sum(_swap_is_found(chain, at) for at in range(ENTRIES - 1))
    cut = sum(is_found(chain[:at], head) for at in range(ENTRIES))
    print(f"deletions: {ENTRIES} tried, {deleted} found; swaps: {ENTRIES - 1} tried, {swapped} found")
    print(f"truncations: {ENTRIES} tried, {cut} found")
    assert (deleted, swapped, cut) == (ENTRIES, ENTRIES - 1, ENTRIES)
    assert not is_found(chain, head)


def _swap_is_found(chain, at):
    """Swap two neighbours as somebody would who also renumbers them, and as one who does not."""
    second, previous = chain[at + 1], chain[at].previous
    plain = not _holds(second, at + 1, previous)
    second.seq -= 1
    renumbered = not _holds(second, at + 1, previous)
    second.seq += 1
    return plain and renumbered


def test_an_outsider_finds_every_changed_byte_too(chain):
    lines = [ledger.material_of(item, item.seq, item.previous) for item in chain]
    assert check.check_chain(lines)[-1] == chain[-1].hash
    tried = found = 0
    for number in range(0, ENTRIES, 50):
        line = lines[number]
        for at in range(len(line)):
            changed = line[:at] + bytes([line[at] ^ 1]) + line[at + 1 :]
            tried += 1
            found += check.sha256(changed) != chain[number].hash
    print(f"bytes of exported lines: {tried} tried, {found} found")
    assert found == tried
