"""CSV: every record comes back with its line, and damage stays where it is."""

from __future__ import annotations

import csv
import io
import sys
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mapper.files.csvs import NO_TEXT, CsvRecord, open_csv, unique_names
from mapper.files.limits import Limits
from mapper.files.refusals import FileRefused, FileTooLarge


def write(folder: Path, content: str | bytes) -> Path:
    path = folder / "table.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def records(folder: Path, content: str | bytes, limits: Limits | None = None) -> list[CsvRecord]:
    return list(open_csv(write(folder, content), limits or Limits()).records())


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters_are_recognised(tmp_path: Path, delimiter: str) -> None:
    lines = [["place", "text, of sorts", "lat"], ["A", "one; two", "1,5"], ["B", "x", "2,5"]]
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(lines)
    table = open_csv(write(tmp_path, out.getvalue()))
    assert table.delimiter == delimiter
    assert [list(record.values) for record in table.records()] == lines[1:]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_line_numbers_count_lines_inside_quotes_and_blank_ones(tmp_path: Path, ending: str) -> None:
    content = ending.join(["a,b", "1,2", '"x', 'y",3', "", "4,5", ""])
    found = records(tmp_path, content)
    assert [record.line for record in found] == [2, 3, 6]
    assert found[1].values == (f"x{ending}y", "3")


def test_excel_hint_line_is_no_heading(tmp_path: Path) -> None:
    table = open_csv(write(tmp_path, "sep=;\na;b\n1;2\n"))
    assert table.columns == ("a", "b")
    assert list(table.records()) == [CsvRecord(3, ("1", "2"))]


def test_nul_characters_are_dropped(tmp_path: Path) -> None:
    assert records(tmp_path, "a,b\nx\0y,2\n")[0].values == ("xy", "2")


def test_wrong_widths_are_reported_and_trailing_blanks_forgiven(tmp_path: Path) -> None:
    found = records(tmp_path, "a,b\n1\n1,2,3\n1,2,,\n1,2\n")
    assert [(record.line, record.problem is not None) for record in found] == [
        (2, True),
        (3, True),
        (4, False),
        (5, False),
    ]


def test_an_unclosed_quote_takes_only_its_own_line(tmp_path: Path) -> None:
    found = records(tmp_path, 'a,b\n1,"never closed\n2,fine\n3,fine\n')
    assert [(record.line, record.problem is None) for record in found] == [(2, False), (3, True), (4, True)]


def test_an_over_long_field_takes_only_its_own_line(tmp_path: Path) -> None:
    limits = Limits(record_characters=1_000)
    found = records(tmp_path, "a,b\n1," + "x" * 5_000 + "\n2,fine\n", limits)
    assert [(record.line, record.problem is None) for record in found] == [(2, False), (3, True)]


def test_hxl_tags_are_read_and_are_no_record(tmp_path: Path) -> None:
    table = open_csv(write(tmp_path, "Who?,\nSector,Country\n#sector+es,#country\nWASH,Panamá\n"))
    assert table.tags == {"Sector": "#sector+es", "Country": "#country"}
    assert [record.values for record in table.records()] == [("WASH", "Panamá")]


def test_headings_are_made_unique() -> None:
    assert unique_names(["a", "", "a", " a ", "a (2)"]) == ("a", "column 2", "a (2)", "a (3)", "a (2) (2)")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x03\x04rest of a workbook",
        b"%PDF-1.7",
        b'<OGRVRTDataSource><OGRVRTLayer name="x"/></OGRVRTDataSource>',
        b"\xef\xbb\xbf<!DOCTYPE html><html></html>",
    ],
)
def test_what_is_no_table_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(FileRefused):
        open_csv(write(tmp_path, content))


@pytest.mark.parametrize("address", ["https://127.0.0.1/x.csv", "/vsicurl/http://127.0.0.1/x.csv", "no.csv"])
def test_addresses_are_not_fetched(address: str) -> None:
    with pytest.raises(FileRefused):
        open_csv(Path(address))


def test_limits_on_rows_and_columns(tmp_path: Path) -> None:
    with pytest.raises(FileTooLarge):
        records(tmp_path, "a,b\n1,2\n3,4\n", Limits(rows=1))
    with pytest.raises(FileTooLarge):
        records(tmp_path, "a,b\n1,2\n", Limits(columns=1))
    with pytest.raises(FileTooLarge):
        records(tmp_path, "a,b\n1,2\n", Limits(file_bytes=3))


def test_a_program_is_no_table() -> None:
    with pytest.raises(FileRefused):
        open_csv(Path(sys.executable).resolve())


def test_compressed_bytes_are_no_table(tmp_path: Path) -> None:
    path = tmp_path / "reports.csv"
    path.write_bytes(zlib.compress("\n".join(f"{n},{n * n}" for n in range(5_000)).encode()))
    with pytest.raises(FileRefused):
        open_csv(path)


SIGNS = st.characters(blacklist_categories=["Cs"], blacklist_characters=NO_TEXT.decode())
CELL = st.text(SIGNS, min_size=1, max_size=12)


@given(rows=st.lists(st.tuples(CELL, CELL, CELL), min_size=1, max_size=8))
def test_whatever_the_csv_module_writes_comes_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str, str]]
) -> None:
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows([("place", "text", "grade"), *rows])
    found = records(tmp_path_factory.mktemp("csv"), out.getvalue())
    kept = [row for row in rows if any(cell.strip() for cell in row)]
    assert [record.values for record in found] == kept


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = write(tmp_path_factory.mktemp("csv"), content)
    try:
        found = list(open_csv(path).records())
    except FileRefused:
        return
    assert [record.line for record in found] == sorted({record.line for record in found})
