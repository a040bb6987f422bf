"""A backup holds the whole deployment and no key; a restore brings it back and repeats erasures."""

import io
import json
import stat
import zipfile
from dataclasses import replace

import pytest
from click.testing import CliRunner
from mapper.accounts.service import add_user
from mapper.app import create_app
from mapper.cli import main
from mapper.config import ensure_secrets
from mapper.fusion.work import work as fuse
from mapper.intake.drafts import ReportDraft, Sender
from mapper.intake.erasure import LOG_NAME, erase
from mapper.intake.media import check_photo
from mapper.intake.service import accept
from mapper.layers.service import add_areas
from mapper.publication.work import write_internal
from mapper.store import ledger, proof
from mapper.store.archive import BackupRefused, back_up, read_contents, read_erasures, restore
from mapper.store.blobs import BlobMissing
from mapper.store.contents import open_contents
from mapper.store.crises import CrisisDraft, add_crisis
from mapper.store.keys import Keyring
from mapper.store.tables import Base, Crisis, Medium, Report, Snapshot
from PIL import Image
from sqlalchemy import delete, func, select

from tests.layers.test_areas import square, write

SECRET = "Maria, +509 5555"


def quiet(_what):
    """Report nothing."""


@pytest.fixture
def lived(store, crisis, tmp_path, settings):
    """A store in which something of every kind has happened; its reports' ids."""
    add_areas(store, crisis, write(tmp_path / "a.geojson", ({"ADM1_PCODE": "C01"}, square(-74, 18, 2))))
    add_user(store, "v@example.org", "verifier", "coast", "a long enough password")
    buffer = io.BytesIO()
    Image.new("RGB", (9, 9), "red").save(buffer, "JPEG")
    photo = check_photo(buffer.getvalue(), 0, settings)
    drafts = [
        ReportDraft(
            text="Bridge \u0634 down", contact=SECRET, longitude=-72.5, latitude=18.5, media=(photo,)
        ),
        ReportDraft(text="School", longitude=-72.6, latitude=18.6, needs=("water",)),
    ]
    outcomes = accept(store, crisis, drafts, Sender("test"))
    while fuse(store):
        pass
    write_internal(store, crisis.id)
    ledger.seal(store, crisis.id)
    return [outcome.report_id for outcome in outcomes]


def everything(store):
    """Every stored value of every table, in order."""
    with store.read() as session:
        return {
            table.name: sorted(map(repr, session.execute(select(*table.columns)).all()))
            for table in Base.metadata.sorted_tables
        }


def emptied(store):
    """Lose all that the store held."""
    with store.write() as session:
        for table in reversed(Base.metadata.sorted_tables):
            session.execute(delete(table))


def test_what_was_backed_up_comes_back_whole(store, lived, tmp_path):
    before, path = everything(store), tmp_path / "b.zip"
    contents = back_up(store, path, "", quiet)
    assert (contents.rows["reports"], contents.blobs, contents.snapshots) == (2, 1, 1)
    assert read_contents(path) == contents
    emptied(store)
    with store.read() as session:
        assert session.scalar(select(func.count()).select_from(Report)) == 0
    restore(store, path, quiet)
    assert everything(store) == before
    with store.read() as session:
        reports = session.scalars(select(Report)).all()
        texts = {item.text for item in open_contents(session, store.keys, reports).values()}
        crisis = session.scalars(select(Crisis)).one()
        snapshot = session.scalars(select(Snapshot)).one()
    assert texts == {"Bridge \u0634 down", "School"}
    assert (store.snapshots / snapshot.path).is_file()
    assert proof.verify(store, crisis, None).reports == 2


def test_new_rows_are_numbered_after_those_that_came_back(store, lived, tmp_path):
    path = tmp_path / "b.zip"
    back_up(store, path, "", quiet)
    restore(store, path, quiet)
    draft = {"slug": "other", "name": "Other", "bbox": (0, 0, 1, 1), "timezone": "UTC", "languages": ["en"]}
    with store.write() as session:
        added = add_crisis(session, CrisisDraft.model_validate(draft | {"mode": "hazard"}), store.clock())
        assert added.id > 1


def test_a_backup_goes_to_the_other_engine(lived, store, tmp_path, settings, clock):
    from mapper.store.migrate import upgrade
    from mapper.store.store import Store

    back_up(store, tmp_path / "b.zip", "", quiet)
    other = Store.open(settings.model_copy(update={"data": tmp_path / "other", "database_url": ""}), clock)
    other = replace(other, keys=store.keys)
    upgrade(other.engine)
    restore(other, tmp_path / "b.zip", quiet)
    assert everything(other)["reports"] == everything(store)["reports"]
    other.close()


def test_it_is_the_owners_alone_and_holds_neither_keys_nor_words(store, lived, tmp_path, settings):
    path = tmp_path / "b.zip"
    back_up(store, path, "", quiet)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    secrets = ensure_secrets(settings)
    with zipfile.ZipFile(path) as archive:
        whole = b"".join(archive.read(name) for name in archive.namelist())
    for hidden in (SECRET, "Bridge", secrets.key_encryption_key.get_secret_value()):
        assert hidden.encode() not in whole
    assert secrets.secret_key.get_secret_value().encode() not in whole


def test_a_restore_repeats_what_was_erased_since(store, lived, tmp_path, settings, crisis):
    path = tmp_path / "b.zip"
    back_up(store, path, "", quiet)
    with store.read() as session:
        blob = session.scalars(select(Medium.blob)).one()
    erase(store, lived[0], settings.data)
    _contents, found = restore(store, path, quiet)
    assert found == {(crisis.id, str(lived[0]))}, "known from the store, even where the log was lost"
    assert read_erasures((settings.data / LOG_NAME).read_text()) == found
    for _crisis_id, report_id in found:
        assert erase(store, next(item for item in lived if str(item) == report_id), settings.data)
    with store.read() as session:
        reports = {item.id: item for item in session.scalars(select(Report)).all()}
        assert reports[lived[0]].erased_at and reports[lived[0]].content is None
        assert reports[lived[1]].erased_at is None
    with pytest.raises(BlobMissing):
        store.blobs.get(blob)
    assert proof.verify(store, crisis, None).erased == 1


@pytest.mark.parametrize("damage", ["cut", "flipped", "other", "no zip"])
def test_a_damaged_file_changes_nothing(sqlite_store, make_crisis, tmp_path, damage):
    make_crisis(sqlite_store)
    path = tmp_path / "b.zip"
    back_up(sqlite_store, path, "", quiet)
    data = path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        start = archive.getinfo("tables/crises.jsonl").header_offset + 90
    damaged = {
        "cut": data[: len(data) // 2],
        "flipped": data[:start] + bytes([data[start] ^ 255]) + data[start + 1 :],
        "other": data.replace(b"manifest.json", b"manifost.json"),
        "no zip": b"hello",
    }
    path.write_bytes(damaged[damage])
    before = everything(sqlite_store)
    with pytest.raises(BackupRefused):
        restore(sqlite_store, path, quiet)
    assert everything(sqlite_store) == before


def test_another_key_is_refused_before_anything_is_lost(sqlite_store, make_crisis, tmp_path):
    crisis = make_crisis(sqlite_store)
    accept(sqlite_store, crisis, [ReportDraft(text="x")], Sender("t"))
    back_up(sqlite_store, tmp_path / "b.zip", "", quiet)
    with pytest.raises(BackupRefused, match="MAPPER_KEY_ENCRYPTION_KEY"):
        restore(replace(sqlite_store, keys=Keyring(bytes(32))), tmp_path / "b.zip", quiet)
    assert len(everything(sqlite_store)["reports"]) == 1


def test_a_backup_is_of_one_moment_while_reports_come_in(store, lived, crisis, tmp_path):
    coming = iter(range(100))

    def more(_table):
        accept(store, crisis, [ReportDraft(text=f"late {next(coming)}")], Sender("t"))

    contents = back_up(store, tmp_path / "b.zip", "", more)
    assert contents.rows["reports"] == contents.rows["report_keys"] == 2
    restore(store, tmp_path / "b.zip", quiet)
    assert proof.verify(store, crisis, None).reports == 2


def test_the_commands_do_the_whole_of_it(settings, sqlite_store, make_crisis, tmp_path):
    crisis = make_crisis(sqlite_store)
    accept(sqlite_store, crisis, [ReportDraft(text="x", contact=SECRET)], Sender("t"))
    with sqlite_store.read() as session:
        report = session.scalars(select(Report.id)).one()
    env, file = {"MAPPER_DATA": str(settings.data)}, str(tmp_path / "b.zip")

    def run(*arguments):
        return CliRunner().invoke(main, list(arguments), env=env)

    assert run("backup", file).exit_code == 0
    assert run("report", "erase", str(report)).exit_code == 0
    done = run("restore", file, "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["rows"]["reports"] == 1
    assert "before-restore-" in done.stderr
    with sqlite_store.read() as session:
        assert session.get_one(Report, (crisis.id, report)).content is None
    verified = run("ledger", "verify", "--crisis", "coast")
    assert verified.exit_code == 0 and json.loads(verified.stdout)["erased"] == 1
    (tmp_path / "b.zip").write_bytes(b"no")
    refused = run("restore", file)
    assert refused.exit_code == 1 and "nothing was changed" in refused.stderr
    assert create_app(settings, sqlite_store).test_client().get("/readyz").status_code == 200
