"""The chain holds, whoever seals, and any tampering shows."""

import threading

import pytest
from mapper.store import ledger
from sqlalchemy import text


def _append(store, crisis, count, start=0):
    with store.write() as session:
        for number in range(start, start + count):
            ledger.append(session, crisis.id, "report", str(number), {"n": number}, store.clock())


def test_sealing_chains_every_entry_once(store, crisis):
    _append(store, crisis, 30)
    threads = [threading.Thread(target=ledger.seal, args=(store, crisis.id)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.read() as session:
        entries = list(ledger.sealed_entries(session, crisis.id))
        assert [entry.seq for entry in entries] == list(range(1, 32))  # 30 and the policy's own
        assert ledger.unsealed(session, crisis.id) == (0, None)
        assert ledger.head(session, crisis.id).hash == entries[-1].hash
        previous = ledger.GENESIS
        for entry in entries:
            assert entry.previous == previous
            assert entry.hash == ledger.hash_of(entry, entry.seq, previous)
            previous = entry.hash


def test_nothing_is_kept_when_the_block_raises(store, crisis):
    with pytest.raises(RuntimeError), store.write() as session:
        ledger.append(session, crisis.id, "report", "x", {}, store.clock())
        session.flush()
        raise RuntimeError
    with store.read() as session:
        assert session.execute(text("select count(*) from ledger where subject = 'x'")).scalar() == 0
