"""Signed roots, their timestamps by a real authority, and what an outsider makes of the exported bundle."""

from __future__ import annotations

import json
import subprocess
import sys
import uuid
import zipfile
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mapper.config import Authority
from mapper.intake.drafts import ReportDraft, Sender
from mapper.intake.erasure import erase
from mapper.intake.service import accept
from mapper.store import bundles, check, ledger, merkle, proof, roots, timestamps
from mapper.store.tables import LedgerRoot
from sqlalchemy import select

from tests.store.tsa import make_authority, serving

TEXT, CONTACT = "Kenbe la, wall of Madame Célestin fell", "celestin@example.org"


@pytest.fixture
def told(store, crisis):
    """A crisis with six reports, sealed; the first report's id."""
    drafts = [
        ReportDraft(text=f"{TEXT} {number}", contact=CONTACT, longitude=-72.3, latitude=18.5)
        for number in range(6)
    ]
    outcomes = accept(store, crisis, drafts, Sender("test"))
    ledger.seal(store, crisis.id)
    return outcomes[0].report_id


def unpacked(path, folder):
    with zipfile.ZipFile(path) as archive:
        archive.extractall(folder)
    return folder


def outside(folder, *arguments):
    """Run the bundle's script by a Python that knows nothing of this project."""
    command = [sys.executable, "-I", "-S", str(folder / "check.py"), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=folder)


def exported(store, crisis, tmp_path):
    path = tmp_path / f"{uuid.uuid4().hex}.zip"
    bundles.export_ledger(store, crisis, path)
    return unpacked(path, path.with_suffix(""))


@given(st.lists(st.binary(max_size=8), min_size=1, max_size=70))
def test_every_leaf_is_proven_and_the_root_is_that_of_rfc_6962(data):
    def by_the_book(leaves):
        if len(leaves) == 1:
            return leaves[0]
        split = 1 << ((len(leaves) - 1).bit_length() - 1)
        return merkle._node(by_the_book(leaves[:split]), by_the_book(leaves[split:]))

    leaves = [merkle.leaf_hash(item) for item in data]
    root = merkle.root_of(leaves)
    assert root == by_the_book(leaves)
    tree = merkle.levels(leaves)
    for index, leaf in enumerate(leaves):
        path = merkle.inclusion(tree, index)
        assert merkle.root_from(leaf, path) == root
        assert merkle.root_from(merkle.leaf_hash(b"another leaf"), path) != root


def test_the_worker_signs_once_a_day_has_ended(store, crisis, told, clock):
    assert roots.work(store) == 0
    clock.set(clock() + timedelta(days=1))
    assert (roots.work(store), roots.work(store)) == (1, 0)
    with store.write() as session:
        ledger.append(session, crisis.id, "policy", "late", {}, store.clock())
    ledger.seal(store, crisis.id)
    assert roots.work(store) == 0  # of a day that is not over
    second = roots.sign_root(store, crisis)
    with store.read() as session:
        first = session.scalars(select(LedgerRoot).where(LedgerRoot.number == 1)).one()
    statement = json.loads(second.statement)
    assert (first.last_seq, second.first_seq, second.last_seq) == (7, 8, 8)
    assert statement["previous_root"] == first.root
    store.keys.signing.public_key().verify(second.signature, second.statement.encode())
    assert roots.sign_root(store, crisis) is None


def test_an_outsider_checks_the_bundle_alone(store, crisis, told, tmp_path):
    roots.sign_root(store, crisis)
    folder = exported(store, crisis, tmp_path)
    done = outside(folder)  # -S: without the cryptography package, so openssl checks the signatures
    assert done.returncode == 0, done.stderr
    assert "1 signed roots" in done.stdout
    assert "7 entries in one chain" in done.stdout
    assert check.main(folder, "") in done.stdout  # the same through the package


@pytest.mark.parametrize("name", ["entries.jsonl", "roots/1.json", "roots/1.sig", "head.json", "key.pem"])
def test_an_outsider_finds_what_was_changed_even_with_a_new_manifest(
    sqlite_store, make_crisis, tmp_path, name
):
    crisis = make_crisis(sqlite_store)
    ledger.seal(sqlite_store, crisis.id)
    roots.sign_root(sqlite_store, crisis)
    folder = exported(sqlite_store, crisis, tmp_path)
    data = bytearray((folder / name).read_bytes())
    data[len(data) // 2] ^= 1
    (folder / name).write_bytes(data)
    assert "NOT OK" in outside(folder).stderr
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"][name] = check.sha256(bytes(data))
    (folder / "manifest.json").write_text(json.dumps(manifest))
    assert "NOT OK" in outside(folder).stderr


def test_erasing_a_person_leaves_chain_and_bundle_valid_and_the_bundle_names_nobody(
    store, crisis, told, tmp_path, settings
):
    roots.sign_root(store, crisis)
    before = exported(store, crisis, tmp_path)
    erase(store, told, settings.data)
    ledger.seal(store, crisis.id)
    head = proof.read_head(store, crisis, (before / "head.json").read_text())
    assert proof.verify(store, crisis, head).erased == 1
    after = exported(store, crisis, tmp_path)
    assert outside(after).returncode == 0
    assert (after / "entries.jsonl").read_bytes().startswith((before / "entries.jsonl").read_bytes())
    for folder in (before, after):
        whole = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
        for personal in (TEXT, "Célestin", "celestin", "example.org", "-72.3"):
            assert personal.encode() not in whole


def test_a_real_authority_timestamps_and_openssl_agrees(store, crisis, told, tmp_path):
    root_certificate = make_authority(tmp_path / "tsa")
    with serving(tmp_path / "tsa") as url:
        asked = replace(store, authority=Authority(url, root_certificate))
        assert timestamps.work(asked) == 0  # nothing is signed yet
        roots.sign_root(store, crisis)
        assert (timestamps.work(asked), timestamps.work(asked)) == (1, 0)
    folder = exported(store, crisis, tmp_path)
    done = outside(folder, "--timestamp-ca", root_certificate)
    assert done.returncode == 0, done.stderr
    assert "1 timestamps (checked)" in done.stdout
    stranger = make_authority(tmp_path / "stranger")
    assert "timestamp" in outside(folder, "--timestamp-ca", stranger).stderr


def test_a_timestamp_stays_pending_and_is_asked_for_again(store, crisis, told, tmp_path, clock):
    make_authority(tmp_path / "tsa")
    roots.sign_root(store, crisis)
    assert timestamps.work(store) == 0  # off: no authority is named
    gone = replace(store, authority=Authority("http://127.0.0.1:9/", None))
    assert timestamps.work(gone) == 0
    with store.read() as session:
        kept = roots.newest(session, crisis.id)
    assert kept.token is None
    assert "not reached" in kept.problem
    with serving(tmp_path / "tsa") as url:
        back = replace(store, authority=Authority(url, None))
        assert timestamps.work(back) == 0  # not at once
        clock.set(clock() + timedelta(minutes=16))
        assert timestamps.work(back) == 1
    with store.read() as session:
        assert roots.newest(session, crisis.id).problem is None


def test_an_authority_that_is_not_trusted_is_not_believed(sqlite_store, tmp_path):
    make_authority(tmp_path / "tsa")
    stranger = make_authority(tmp_path / "stranger")
    with serving(tmp_path / "tsa") as url, pytest.raises(timestamps.NoTimestamp, match="does not hold"):
        timestamps.timestamp(Authority(url, stranger), b"{}")
