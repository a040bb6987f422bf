"""`mapper export`: exit codes, sentences, and files that appear whole or not at all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from mapper.cli import main
from mapper.config import Settings
from mapper.exchange import formats
from mapper.exchange.exporting import ExportRefused
from mapper.publication.service import set_blank
from mapper.store.store import Store
from mapper.store.tables import Crisis

from tests.exchange.exports import exported, given_incidents
from tests.maps.conftest import write_release


@pytest.fixture(autouse=True)
def here(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let commands find the test's store."""
    monkeypatch.setenv("MAPPER_DATA", str(settings.data))
    monkeypatch.setenv("MAPPER_DATABASE_URL", "")


def run(*words: str) -> Result:
    """Run the command as a shell does."""
    return CliRunner().invoke(main, ["export", *words])


def test_it_writes_the_file_and_says_so(sqlite_store: Store, coast: Crisis, tmp_path: Path) -> None:
    table = given_incidents(sqlite_store, coast)
    path = tmp_path / "out" / "o.geojson"
    path.parent.mkdir()
    found = run("geojson", str(path), "--crisis", "coast", "--audience", "internal", "--json")
    assert found.exit_code == 0, found.output
    assert json.loads(found.stdout)["rows"] == table.num_rows
    assert len(json.loads(path.read_bytes())["features"]) == table.num_rows
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("colour = 'red'", "there is no property colour"),
        ("damage_low >=", "not CQL2 text"),
        ("damage_low = 'three'", "do not fit"),
        ("geometry = 3", "S_INTERSECTS"),
    ],
)
def test_a_wrong_filter_is_a_sentence(
    sqlite_store: Store, coast: Crisis, tmp_path: Path, where: str, said: str
) -> None:
    given_incidents(sqlite_store, coast)
    path = tmp_path / "o.csv"
    found = run("csv", str(path), "--crisis", "coast", "--audience", "internal", "--where", where)
    assert found.exit_code == 1
    assert said in found.stderr
    assert "Traceback" not in found.output
    assert not path.exists()


@pytest.mark.parametrize(
    ("where", "rows"),
    [("sector = 'health'", 1), ("week = '2026-W08'", 3), ("area_code IN ('HT01', 'HT02')", 3)],
)
def test_public_rows_are_chosen_by_area_sector_and_week(
    sqlite_store: Store, coast: Crisis, tmp_path: Path, where: str, rows: int
) -> None:
    write_release(sqlite_store, coast)
    words = ("--crisis", "coast", "--audience", "public", "--where", where, "--json")
    found = run("csv", str(tmp_path / "o.csv"), *words)
    assert json.loads(found.stdout)["rows"] == rows


@pytest.mark.parametrize("where", ["damage_low >= 3", "count = 5", "status = 'verified'"])
def test_public_rows_are_chosen_by_nothing_else(
    sqlite_store: Store, coast: Crisis, tmp_path: Path, where: str
) -> None:
    write_release(sqlite_store, coast)
    found = run("csv", str(tmp_path / "o"), "--crisis", "coast", "--audience", "public", "--where", where)
    assert found.exit_code == 1
    assert "area_code, sector, week" in found.stderr


def test_a_blanked_crisis_has_no_public_export(sqlite_store: Store, coast: Crisis, tmp_path: Path) -> None:
    write_release(sqlite_store, coast)
    set_blank(sqlite_store, coast.id, is_blank=True)
    found = run("csv", str(tmp_path / "o.csv"), "--crisis", "coast", "--audience", "public")
    assert found.exit_code == 1
    assert "switched off" in found.stderr


@pytest.mark.parametrize("kind", ["gpkg", "csv", "xlsx", "pmtiles"])
def test_a_place_that_cannot_be_written_is_a_sentence(
    sqlite_store: Store, coast: Crisis, tmp_path: Path, kind: str
) -> None:
    given_incidents(sqlite_store, coast)
    found = run(kind, str(tmp_path / "no" / "o"), "--crisis", "coast", "--audience", "internal")
    assert found.exit_code == 1
    assert "cannot be written" in found.stderr


def test_wrong_use_is_exit_code_2(sqlite_store: Store, coast: Crisis, tmp_path: Path) -> None:
    assert run("doc", "o", "--crisis", "coast", "--audience", "internal").exit_code == 2
    assert run("csv", "o", "--crisis", "coast", "--audience", "everybody").exit_code == 2
    assert run("csv", str(tmp_path / "o"), "--crisis", "gone", "--audience", "public").exit_code == 1


def test_a_row_of_hxl_tags_fits_tables_only(sqlite_store: Store, coast: Crisis, tmp_path: Path) -> None:
    given_incidents(sqlite_store, coast)
    path = str(tmp_path / "o.kml")
    found = run("kml", path, "--crisis", "coast", "--audience", "internal", "--hxl")
    assert found.exit_code == 1
    assert "only csv, xlsx and hxl" in found.stderr


def test_a_writer_that_fails_leaves_the_old_file_and_no_other(
    sqlite_store: Store, coast: Crisis, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given_incidents(sqlite_store, coast)
    path = tmp_path / "out" / "o.csv"
    path.parent.mkdir()
    exported(sqlite_store, coast, "csv", path)
    before = path.read_bytes()

    def fail(_found: object, aside: Path, _advance: object) -> None:
        aside.write_text("half")
        raise OSError(28, "No space left on device")

    broken = formats.Format("csv", "", ".csv", "text/csv", fail)
    monkeypatch.setitem(formats.FORMATS, "csv", broken)
    with pytest.raises(ExportRefused, match="No space left"):
        exported(sqlite_store, coast, "csv", path)
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]
