"""CSV and XLSX: safe to open, whole when read back, with HXL tags where asked."""

from __future__ import annotations

import csv
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mapper.exchange.flat import INCIDENT_FIELDS, RELEASE_FIELDS
from mapper.exchange.sheets import FORMULA_STARTS, HXL, TooManyRows, inert, write_xlsx
from mapper.store.store import Store
from mapper.store.tables import Crisis

from tests.exchange.exports import FORMULA, by_id, exported, given_incidents, milliseconds, taken
from tests.maps.conftest import RELEASE, write_release


def read_csv(path: Path, skip: int = 0) -> list[dict[str, str]]:
    """Return a CSV's rows as texts, `skip` of them left out after the header."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))[skip:]


def test_a_csv_holds_what_is_known_and_nothing_for_what_is_not(
    sqlite_store: Store, coast: Crisis, tmp_path: Path
) -> None:
    table = given_incidents(sqlite_store, coast)
    read = by_id(read_csv(exported(sqlite_store, coast, "csv", tmp_path / "o.csv")))
    for row in table.to_pylist():
        back = read[row["id"]]
        for name in ("damage_low", "damage_high", "people_affected_low", "reports"):
            assert back[name] == ("" if row[name] is None else str(row[name]))
        for name in ("happened_from", "verified_at"):
            found = datetime.fromisoformat(back[name]) if back[name] else None
            assert found == milliseconds(row[name])
            assert found is None or found.utcoffset() is not None
        longitude = float(back["longitude"]) if back["longitude"] else None
        assert longitude == (None if row["lon_e7"] is None else row["lon_e7"] / 1e7)
        assert back["needs"] == ";".join(row["needs"])


def test_no_cell_of_a_csv_runs_as_a_formula(sqlite_store: Store, coast: Crisis, tmp_path: Path) -> None:
    given_incidents(sqlite_store, coast)
    read = read_csv(exported(sqlite_store, coast, "csv", tmp_path / "o.csv"))
    assert [row["area_1"] for row in read if row["area_1"] != "HT01"] == ["", f"'{FORMULA}"]
    for row in read:
        for name, cell in row.items():
            assert not cell.startswith(FORMULA_STARTS) or name == "longitude"  # a number stays a number


@given(st.text())
def test_an_inert_text_never_starts_a_formula(text: str) -> None:
    assert not inert(text).startswith(FORMULA_STARTS)
    assert inert(text).removeprefix("'") == text.removeprefix("'")


def test_an_xlsx_keeps_texts_as_texts(sqlite_store: Store, coast: Crisis, tmp_path: Path) -> None:
    table = given_incidents(sqlite_store, coast)
    path = exported(sqlite_store, coast, "xlsx", tmp_path / "o.xlsx")
    sheet = openpyxl.load_workbook(path).active
    names, *rows = list(sheet.iter_rows())
    assert [cell.value for cell in names][:3] == ["id", "version", "status"]
    place = {cell.value: cell.column - 1 for cell in names}
    kinds = {cell.data_type for row in rows for cell in row}
    assert "f" not in kinds
    texts = [row[place["area_1"]] for row in rows if row[place["area_1"]].value == FORMULA]
    assert [cell.data_type for cell in texts] == ["s"]
    written = by_id(table.to_pylist())
    for row in rows:
        was = written[row[0].value]
        assert row[place["damage_low"]].value == was["damage_low"]
        assert row[place["needs_review"]].value is was["needs_review"]
        assert (row[place["longitude"]].value is None) == (was["lon_e7"] is None)


@pytest.mark.parametrize("kind", ["hxl", "csv"])
def test_the_second_row_holds_hxl_tags(sqlite_store: Store, coast: Crisis, tmp_path: Path, kind: str) -> None:
    table = given_incidents(sqlite_store, coast)
    path = exported(sqlite_store, coast, kind, tmp_path / "o.csv", hxl=kind == "csv")
    tags, *rows = read_csv(path)
    assert tags["id"] == "#event+id"
    assert tags["longitude"] == "#geo+lon"
    assert tags["area_1"] == "#adm1+code"
    assert len(rows) == table.num_rows


def test_an_xlsx_has_a_row_of_hxl_tags_on_request(sqlite_store: Store, coast: Crisis, tmp_path: Path) -> None:
    given_incidents(sqlite_store, coast)
    path = exported(sqlite_store, coast, "xlsx", tmp_path / "o.xlsx", hxl=True)
    rows = list(openpyxl.load_workbook(path, read_only=True).active.iter_rows(values_only=True))
    assert rows[1][0] == "#event+id"


def test_every_column_has_a_tag() -> None:
    names = {*INCIDENT_FIELDS.names, *RELEASE_FIELDS.names, "longitude", "latitude"} - {"geometry"}
    assert names == HXL.keys()
    assert len(set(HXL.values())) == len(HXL)


def test_the_public_table_has_counts_by_area(sqlite_store: Store, coast: Crisis, tmp_path: Path) -> None:
    given_incidents(sqlite_store, coast)
    write_release(sqlite_store, coast)
    read = read_csv(exported(sqlite_store, coast, "csv", tmp_path / "o.csv", audience="public"))
    assert set(read[0]) == set(RELEASE_FIELDS.names) - {"geometry"}
    assert sorted(int(row["count"]) for row in read) == sorted(row[4] for row in RELEASE)
    assert {row["area_name"] for row in read} == {"West", "South-East", "Elsewhere"}
    assert [row["damage_low"] for row in read if row["count"] == "7"] == [""]


def test_more_rows_than_a_sheet_holds_are_refused(
    sqlite_store: Store, coast: Crisis, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given_incidents(sqlite_store, coast)
    monkeypatch.setattr("mapper.exchange.sheets.MOST_XLSX_ROWS", 40)
    with pytest.raises(TooManyRows, match="csv and gpkg hold more"):
        write_xlsx(taken(sqlite_store, coast), tmp_path / "o.xlsx", lambda _rows: None)
