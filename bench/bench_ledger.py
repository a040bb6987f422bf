"""How fast a ledger is sealed, verified, put under a root and checked from outside.

    python -m bench.bench_ledger [--entries N]

One line of JSON: entries a second, of each.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
import uuid
import zipfile
from collections.abc import Callable
from pathlib import Path

from mapper.config import Settings
from mapper.store import bundles, check, ledger, proof, roots
from mapper.store.crises import CrisisDraft, add_crisis
from mapper.store.migrate import upgrade
from mapper.store.store import Store
from mapper.store.tables import Crisis, LedgerEntry
from sqlalchemy import insert


def main() -> None:
    """Measure and print the line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=100_000)
    entries = parser.parse_args().entries
    with tempfile.TemporaryDirectory() as folder:
        store = Store.open(Settings(data=Path(folder)))
        upgrade(store.engine)
        crisis = filled(store, entries)
        rates = {"seal": rate(entries, lambda: seal_all(store, crisis))}
        rates["verify"] = rate(entries, lambda: proof.verify(store, crisis))
        rates["sign_root"] = rate(entries, lambda: roots.sign_root(store, crisis))
        bundle = Path(folder) / "bundle.zip"
        rates["export"] = rate(entries, lambda: bundles.export_ledger(store, crisis, bundle))
        with zipfile.ZipFile(bundle) as archive:
            archive.extractall(Path(folder) / "bundle")
        rates["check_outside"] = rate(entries, lambda: check.main(Path(folder) / "bundle", ""))
        print(json.dumps({"bench": "ledger", "entries": entries, "entries_per_second": rates}))
        store.close()


def filled(store: Store, entries: int) -> Crisis:
    """Return a crisis with unsealed entries as reports bring them."""
    draft = {
        "slug": "coast",
        "name": "Coast",
        "bbox": (-75.0, 17.5, -71.0, 20.5),
        "timezone": "UTC",
        "languages": ["en"],
        "mode": "hazard",
    }
    with store.write() as session:
        crisis = add_crisis(session, CrisisDraft.model_validate(draft), store.clock())
        made = (
            ledger.entry(
                crisis.id, "report", str(uuid.uuid4()), {"commitment": "0" * 64, "media": 0}, store.clock()
            )
            for _ in range(entries)
        )
        session.execute(insert(LedgerEntry), list(made))
    return crisis


def seal_all(store: Store, crisis: Crisis) -> None:
    """Chain all that waits."""
    while ledger.seal(store, crisis.id):
        pass


def rate(entries: int, work: Callable[[], object]) -> int:
    """Return entries a second of a piece of work."""
    start = time.perf_counter()
    work()
    return round(entries / (time.perf_counter() - start))


if __name__ == "__main__":
    main()
